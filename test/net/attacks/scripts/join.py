"""Group membership reports carry a chosen address: join.py FAMILY"""

import socket
import struct
import sys
import time

from common import *

number = int(sys.argv[1])
family = family_of(number)
group = socket.inet_pton(family, DESTINATIONS[("group", number)])
sockets = []


def join(index):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sockets.append(sock)
    if family == socket.AF_INET:
        membership = group + b"\0" * 4 + struct.pack("=i", index)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("=I", index))


for index, device in interfaces():
    attempt(f"join on {device}", lambda: join(index))
time.sleep(0.5)  # reports are sent a moment later
finish()
