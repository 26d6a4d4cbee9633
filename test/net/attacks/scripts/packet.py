"""Whole frames and packets by hand, which netfilter would not see: packet.py frame|cooked|raw|protocol [NUMBER]"""

import socket
import struct
import sys

from common import *

variant = sys.argv[1]
destination = DESTINATIONS[("any", 4)]


def udp_packet():
    udp = struct.pack("!HHHH", 4000, PORT, 8 + len(BYTES), 0) + BYTES
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\0" * 4, socket.inet_aton(destination))
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack("!H", ~total & 0xFFFF) + head[12:] + udp


def send(device):
    if variant == "frame":
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
            sock.bind((device, 0x0800))
            sock.send(b"\xff" * 6 + sock.getsockname()[4][:6] + b"\x08\0" + udp_packet())
    elif variant == "cooked":
        with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as sock:
            sock.sendto(udp_packet(), (device, 0x0800, 0, 0, b"\xff" * 6))
    elif variant == "raw":
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
            sock.sendto(udp_packet(), (destination, 0))
    else:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, int(sys.argv[2])) as sock:
            sock.sendto(BYTES, (destination, 0))


for _, name in interfaces():
    attempt(f"{variant} on {name}", lambda: send(name))
finish()
