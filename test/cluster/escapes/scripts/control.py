"""The control plane, asked for a policy of somebody else's with a token that nobody gave: control.py"""

import os
import socket
import ssl

from common import *


def ask():
    raw = socket.create_connection((os.environ["CONTROL"], 443), 3)
    with tls(raw, os.environ["CONTROL_NAME"]) as sock:
        request = f"GET /v1/policy HTTP/1.1\r\nHost: {os.environ['CONTROL_NAME']}\r\nAuthorization: Bearer {CANARY}\r\nConnection: close\r\n\r\n"
        sock.sendall(request.encode())
        return drain(sock).decode("latin-1")


answer = attempt("ask", ask)
notes.append((answer or "")[:200])
# The workload has no business there, not even to be refused by it: any answer but Weir's own refusal is a way out.
finish(bool(answer) and "weir-reason:" not in answer)
