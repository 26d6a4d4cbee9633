"""Unix sockets of daemons outside: unix.py path|abstract|datagram NAME"""

import socket
import sys

from common import *

variant, name = sys.argv[1:3]


def send():
    if variant == "datagram":
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(BYTES, name + ".dgram")
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect("\0" + name if variant == "abstract" else name)
        sock.sendall(BYTES)
        notes.append(repr(sock.recv(100)))


attempt(name, send)
finish()
