"""Every TCP port of every host: accepts, ends TLS when a ClientHello comes, speaks enough HTTP/1.1 and WebSocket to be
an ordinary server, and keeps what it was told."""

import base64
import hashlib
import socket
import ssl
import struct
import threading

MAX_STREAM_BYTES = 8 * 1024 * 1024
IDLE_SECONDS = 20
SO_ORIGINAL_DST = 80
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def original_destination(sock):
    if sock.family == socket.AF_INET6 and not sock.getsockname()[0].startswith("::ffff:"):
        raw = sock.getsockopt(socket.IPPROTO_IPV6, SO_ORIGINAL_DST, 28)
        return socket.inet_ntop(socket.AF_INET6, raw[8:24]), struct.unpack("!H", raw[2:4])[0]
    raw = sock.getsockopt(socket.IPPROTO_IP, SO_ORIGINAL_DST, 16)
    return socket.inet_ntop(socket.AF_INET, raw[4:8]), struct.unpack("!H", raw[2:4])[0]


class Streams:
    def __init__(self, certificate, key, on_stream=None):
        self.lock = threading.Lock()
        self.records = []
        self.epoch = 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.set_alpn_protocols(["http/1.1"])
        self.context.sni_callback = self.on_sni

    @staticmethod
    def on_sni(connection, name, _context):
        connection.server_name_seen = name

    def reset(self):
        with self.lock:
            self.records = []

    def listen(self, port):
        listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 64)
        listener.bind(("::", port))
        listener.listen(512)
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        record = {"host": "", "port": 0, "tls": False, "sni": None, "data": bytearray(), "messages": [], "requests": []}
        try:
            record["host"], record["port"] = original_destination(sock)
        except OSError:
            record["host"], record["port"] = sock.getsockname()[:2]
        with self.lock:
            self.records.append(record)
        try:
            sock.settimeout(IDLE_SECONDS)
            if sock.recv(1, socket.MSG_PEEK) == b"\x16":
                record["hello"] = sock.recv(65536, socket.MSG_PEEK)
                sock = self.context.wrap_socket(sock, server_side=True)
                record["tls"] = True
                record["sni"] = getattr(sock, "server_name_seen", None)
            Conversation(sock, record).run()
        except (OSError, ValueError):
            pass
        finally:
            sock.close()

    def snapshot(self):
        with self.lock:
            return list(self.records)


class Conversation:
    """HTTP/1.1 read leniently (a server an attacker would run): whatever is not a request is only kept."""

    def __init__(self, sock, record):
        self.sock, self.record, self.buffer = sock, record, b""

    def more(self):
        chunk = self.sock.recv(65536)
        if not chunk or len(self.record["data"]) > MAX_STREAM_BYTES:
            raise EOFError
        self.record["data"] += chunk
        self.buffer += chunk

    def take(self, length):
        while len(self.buffer) < length:
            self.more()
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def line(self):
        while b"\n" not in self.buffer:
            self.more()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def run(self):
        try:
            while self.request():
                pass
            while True:
                self.more()
                self.buffer = b""
        except EOFError:
            pass

    def request(self):
        first = self.line()
        parts = first.split(b" ")
        if len(parts) != 3 or not parts[2].startswith(b"HTTP/1"):
            self.sock.sendall(b"ok\n")
            return False
        headers = []
        while line := self.line():
            name, _, value = line.partition(b":")
            headers.append((name.strip().lower().decode("latin-1"), value.strip()))
        fields = dict(headers)
        request = {
            "line": first.decode("latin-1"),
            "host": fields.get("host", b"").decode("latin-1"),
            "headers": [(name, value.decode("latin-1")) for name, value in headers],
            "body": bytearray(),
        }
        self.record["requests"].append(request)
        if fields.get("upgrade", b"").lower() == b"websocket":
            return self.websocket(fields.get("sec-websocket-key", b""))
        if fields.get("expect", b"").lower() == b"100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.body(fields, request["body"])
        answer = b"" if parts[0] == b"HEAD" else b"ok\n"
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n" + answer)
        return True

    def body(self, fields, into):
        if b"chunked" in fields.get("transfer-encoding", b"").lower():
            while size := int(self.line().split(b";")[0] or b"0", 16):
                into += self.take(size)
                self.line()
            while self.line():
                pass
        elif length := int(fields.get("content-length", b"0") or b"0"):
            into += self.take(length)

    def websocket(self, key):
        accept = base64.b64encode(hashlib.sha1(key + WEBSOCKET_GUID).digest())
        self.sock.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        while True:
            first, second = self.take(2)
            length = second & 127
            if length == 126:
                length = struct.unpack("!H", self.take(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", self.take(8))[0]
            mask = self.take(4) if second & 128 else b"\0\0\0\0"
            payload = self.take(length)
            self.record["messages"].append(bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))
            if first & 15 == 8:
                self.sock.sendall(b"\x88\x00")
                return False
