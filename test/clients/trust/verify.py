"""Connects as strictly as Python 3.13 does by default; prints what the server says."""

import socket
import ssl
import sys

host, port = sys.argv[1], int(sys.argv[2])
context = ssl.create_default_context()
context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
with socket.create_connection(("127.0.0.1", port)) as raw:
    with context.wrap_socket(raw, server_hostname=host) as secure:
        secure.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while chunk := secure.recv(4096):
            sys.stdout.write(chunk.decode())
