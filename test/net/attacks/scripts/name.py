"""A name that resolves to somewhere it must not: name.py NAME. Tries all its addresses."""

import sys

from common import *

name = sys.argv[1]


def visit(family, address):
    with tls(connect(family, address), name) as sock:
        sock.sendall(f"GET /ok/{CANARY} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        notes.append(drain(sock)[:200].decode("latin-1"))


for family, address in attempt("resolve", lambda: resolve(name)) or []:
    attempt(address[0], lambda: visit(family, address))
finish()
