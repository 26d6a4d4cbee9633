"""The sink: runs in `outside`, counts what the client's link carries and plays every server of the internet.

argv[1] is a JSON configuration file; without `port` in it, the sink only counts. Commands come as JSON lines on stdin, one JSON line answers each; the end of stdin
ends the process."""

import base64
import json
import select
import socket
import struct
import sys
import threading
import time

from packets import Ledger
from streams import Streams

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SOL_PACKET, PACKET_STATISTICS = 263, 6
SO_RCVBUFFORCE = 33
IDLE_SECONDS = 0.1
CAPTURE_BUFFER_BYTES = 128 * 1024 * 1024


class Sink:
    def __init__(self, config):
        self.config = config
        self.lock = threading.Lock()
        self.ledger = Ledger(config)
        self.streams = Streams(config["certificate"], config["key"])
        self.dropped = 0
        self.frames = 0
        self.dials = []
        self.capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.capture.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, CAPTURE_BUFFER_BYTES)
        self.capture.bind((config["device"], ETH_P_ALL))

    def start(self):
        if "port" in self.config:
            self.streams.listen(self.config["port"])
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while True:
            data, address = self.capture.recvfrom(262144)
            self.frames += 1
            if address[2] == PACKET_OUTGOING:
                continue
            with self.lock:
                try:
                    self.ledger.frame(data)
                except (IndexError, struct.error, ValueError):
                    self.ledger.count(None, "malformed", "", 0, data, data)

    def reset(self, _command):
        with self.lock:
            self.ledger.reset()
        self.streams.reset()
        return {}

    def attacks(self, command):
        """Another set of attacks to attribute to; counts start anew."""
        with self.lock:
            self.ledger = Ledger({**self.config, **command})
        self.streams.reset()
        return {}

    def settle(self):
        """Waits until no frame waits to be counted: a flood takes longer to count than to send."""
        counted = -1
        while counted != self.frames or select.select([self.capture], [], [], 0)[0]:
            counted = self.frames
            time.sleep(IDLE_SECONDS)

    def report(self, _command):
        self.settle()
        raw = self.capture.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        self.dropped += struct.unpack("II", raw)[1]
        payloads = []
        requests = []
        for record in self.streams.snapshot():
            data = bytes(record["data"])
            where = {key: record[key] for key in ("host", "port", "tls", "sni")}
            owner = self.ledger.owner_of_bytes(data + b"\n".join(record["messages"]))
            if owner is not None:
                payloads.append({"attack": owner, **where, "sample": data[:400].decode("latin-1")})
            for request in record["requests"]:
                requests.append({**where, "line": request["line"], "name": request["host"]})
        with self.lock:
            return {**self.ledger.report(), "payloads": payloads, "requests": requests, "dropped": self.dropped}

    def streams_seen(self, _command):
        """Everything the servers and resolvers were told, whole: for the gauntlet's decoder."""
        self.settle()
        encode = lambda data: base64.b64encode(bytes(data)).decode()
        with self.lock:
            questions = [encode(question) for question in self.ledger.questions]
        return {
            "questions": questions,
            "streams": [
                {
                    **{key: record[key] for key in ("host", "port", "tls", "sni")},
                    "data": encode(record["data"]),
                    "messages": [encode(message) for message in record["messages"]],
                    "requests": [{**request, "body": encode(request["body"])} for request in record["requests"]],
                }
                for record in self.streams.snapshot()
            ]
        }

    def dial(self, command):
        """Connects in to the client's ports and sends datagrams there, again and again, until told an empty list."""
        self.dials = command["targets"]
        if self.dials and not getattr(self, "dialler", None):
            self.dialler = threading.Thread(target=self.keep_dialling, daemon=True)
            self.dialler.start()
        return {}

    def keep_dialling(self):
        pause = threading.Event()
        while True:
            for host, port in list(self.dials):
                threading.Thread(target=self.dial_once, args=(host, port), daemon=True).start()
            pause.wait(0.3)

    def dial_once(self, host, port):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as datagram:
            try:
                datagram.sendto(b"hello?", (host, port))
            except OSError:
                pass
        with socket.socket(family, socket.SOCK_STREAM) as stream:
            stream.settimeout(1)
            try:
                stream.connect((host, port))
                stream.recv(4096)
            except OSError:
                pass


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        sink = Sink(json.load(file))
    sink.start()
    operations = {
        "reset": sink.reset,
        "attacks": sink.attacks,
        "report": sink.report,
        "streams": sink.streams_seen,
        "dial": sink.dial,
    }
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(operations[command["op"]](command)), flush=True)


main()
