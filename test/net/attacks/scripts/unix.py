"""Unix sockets and named pipes of daemons outside: unix.py path|abstract|datagram|fifo NAME. A name that is not there yet is
waited for a while."""

import os
import socket
import sys
import time

from common import *

variant, name = sys.argv[1:3]


def send():
    if variant == "fifo":
        descriptor = os.open(name, os.O_WRONLY | os.O_NONBLOCK)
        os.write(descriptor, BYTES)
        return
    if variant == "datagram":
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(BYTES, name + ".dgram")
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect("\0" + name if variant == "abstract" else name)
        sock.sendall(BYTES)
        notes.append(repr(sock.recv(100)))


for _ in range(20):
    if variant == "abstract" or os.path.exists(name):
        break
    time.sleep(0.1)
attempt(name, send)
finish()
