"""A socket that came as a standard descriptor, turned to another host: reconnect.py DESCRIPTOR HOST PORT TEXT"""

import ctypes
import os
import socket
import sys

descriptor, host, port, text = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
# AF_UNSPEC dissolves a connection (connect(2)); the socket stays in the network namespace where it was made.
ctypes.CDLL(None).connect(descriptor, bytes(16), 16)
sock = socket.socket(fileno=os.dup(descriptor))
sock.settimeout(2)
sock.connect((host, port))
sock.sendall(text.encode() + b"\n")
