"""Connections past the proxy: stream.py FAMILY DESTINATION PORTS VARIANT"""

import select
import socket
import struct
import sys
import time

from common import *

MSG_FASTOPEN, TCP_FASTOPEN_NO_COOKIE, IPPROTO_MPTCP = 0x20000000, 34, 262
LISTEN_SECONDS = 1.5

number, destination, ports, variant = sys.argv[1:5]
family = family_of(number)
address = DESTINATIONS[(destination, int(number))]
level = socket.IPPROTO_IP if family == socket.AF_INET else socket.IPPROTO_IPV6
any_address = "0.0.0.0" if family == socket.AF_INET else "::"
LINE = BYTES + b"\n"
KINDS = {
    "sctp": (socket.SOCK_STREAM, 132),
    "sctp-seqpacket": (socket.SOCK_SEQPACKET, 132),
    "dccp": (6, 33),
    "mptcp": (socket.SOCK_STREAM, IPPROTO_MPTCP),
}


def send(index, device, port):
    kind, protocol = KINDS.get(variant, (socket.SOCK_STREAM, 0))
    with socket.socket(family, kind, protocol) as sock:
        sock.settimeout(TIMEOUT)
        target = scoped(address, port, index)
        if variant == "bind-device":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        elif variant == "options":
            sock.setsockopt(level, socket.IP_OPTIONS, b"\x07\x0b\x04" + b"\0" * 8 + b"\0")
        elif variant == "source-port":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(level, socket.IPV6_V6ONLY, 1)
            sock.bind((any_address, 179))
        elif variant == "dccp":
            sock.setsockopt(269, 2, struct.pack("!I", 42))

        if variant == "fastopen":
            sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1)
            sock.sendto(LINE, MSG_FASTOPEN, target)
        else:
            sock.connect(target)
            sock.sendall(LINE, socket.MSG_OOB if variant == "urgent" else 0)
        notes.append(drain(sock).decode("latin-1")[:60])


def serve():
    """Waits for the outside to come in (the sink keeps dialling), and answers with the payload."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        for sock in (listener, datagrams):
            sock.setsockopt(level, socket.IPV6_V6ONLY, 1)
    listener.bind((any_address, PORT))
    listener.listen(8)
    datagrams.bind((any_address, PORT))
    end = time.monotonic() + LISTEN_SECONDS
    while time.monotonic() < end:
        for ready in select.select([listener, datagrams], [], [], 0.2)[0]:
            if ready is listener:
                sock, peer = listener.accept()
                sock.sendall(BYTES)
                sock.close()
            else:
                _, peer = datagrams.recvfrom(2048)
                datagrams.sendto(BYTES, peer)
            notes.append(f"from {peer[0]}")


if variant == "inbound":
    attempt("serve", serve)
else:
    devices = interfaces() if variant == "bind-device" or address.startswith("fe80") else interfaces()[:1]
    for port in (int(p) if p != "own" else PORT for p in ports.split(",")):
        for index, device in devices:
            attempt(f"{device} {address}:{port}", lambda: send(index, device, port))
finish()
