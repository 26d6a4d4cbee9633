"""What this kernel has, as JSON: run with all privileges where the attacks will run."""

import json
import platform
import socket

from syscalls import works

KINDS = {
    "ipv6": (10, 1, 0),
    "sctp": (2, 1, 132),
    "sctp-seqpacket": (2, 5, 132),
    "dccp": (2, 6, 33),
    "udplite": (2, 2, 136),
    "mptcp": (2, 1, 262),
    "ping": (2, 2, 1),
    "ping6": (10, 2, 58),
    "vsock": (40, 1, 0),
    "packet": (17, 3, 0),
    "tipc": (30, 5, 0),
    "smc": (43, 1, 0),
    "rds": (21, 5, 0),
    "l2tp": (2, 2, 115),
    "kcm": (41, 2, 0),
    "bluetooth": (31, 3, 1),
    "can": (29, 3, 1),
    "qipcrtr": (42, 2, 0),
    "xdp": (44, 3, 0),
}
found = {}
for name, kind in KINDS.items():
    try:
        socket.socket(*kind).close()
        found[name] = True
    except OSError as error:
        found[name] = False
if platform.machine() == "x86_64":
    found["ia32"], found["x32"] = works("ia32"), works("x32")
else:
    found["ia32"] = found["x32"] = False
found["io_uring"] = works("io_uring")
print(json.dumps(found))
