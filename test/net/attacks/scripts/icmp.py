"""ICMP and ICMPv6 messages: icmp.py FAMILY DESTINATION ping|raw [TYPE]"""

import socket
import struct
import sys

from common import *

number, destination, variant = sys.argv[1:4]
family = family_of(number)
address = DESTINATIONS[(destination, int(number))]
protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
kind = int(sys.argv[4]) if len(sys.argv) > 4 else (8 if family == socket.AF_INET else 128)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[: len(data) & ~1])) + (data[-1] << 8 if len(data) & 1 else 0)
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def send(index):
    with socket.socket(family, socket.SOCK_DGRAM if variant == "ping" else socket.SOCK_RAW, protocol) as sock:
        message = struct.pack("!BBHHH", kind, 0, 0, 1, 1) + BYTES
        if family == socket.AF_INET:
            message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        sock.sendto(message, scoped(address, 0, index))


for index, device in interfaces():
    attempt(f"{device} {variant} {kind}", lambda: send(index))
finish()
