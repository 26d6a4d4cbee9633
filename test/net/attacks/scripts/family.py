"""Other socket families that carry bytes out of a namespace: family.py NUMBER TYPE PROTOCOL"""

import socket
import sys

from common import *

family, kind, protocol = (int(value) for value in sys.argv[1:4])
sock = attempt(f"socket {family} {kind} {protocol}", lambda: socket.socket(family, kind, protocol))
finish(sock is not None)
