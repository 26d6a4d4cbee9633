"""Names that a cluster's resolver would carry: names.py search|reverse"""

import socket
import sys

from common import *

if sys.argv[1] == "search":
    # Short, so that the search path of the pod is tried: CANARY.x.NAMESPACE.svc.cluster.local and on.
    attempt("search", lambda: socket.getaddrinfo(f"{CANARY}.x", 443))
else:
    name = dns_name(CANARY, "in-addr", "arpa")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(TIMEOUT)
        attempt("reverse", lambda: sock.sendto(dns_query(name, kind=12), (DESTINATIONS[("resolver", 4)], 53)))
        attempt("answer", lambda: sock.recv(512))
finish()
