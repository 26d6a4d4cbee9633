"""A name that resolves to somewhere it must not: name.py NAME [quiet]. Tries all its addresses; `quiet` keeps the canary
out of the request, where one of the addresses may be spoken to."""

import sys

from common import *

name = sys.argv[1]
path = "mixed" if "quiet" in sys.argv else CANARY


def visit(family, address):
    with tls(connect(family, address), name) as sock:
        sock.sendall(f"GET /ok/{path} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        notes.append(drain(sock)[:200].decode("latin-1"))


for family, address in attempt("resolve", lambda: resolve(name)) or []:
    attempt(address[0], lambda: visit(family, address))
finish()
