"""What all attack scripts share. The environment tells an attack its own targets; its last line of output says what it
saw for itself (the sink is the judge, this is for people)."""

import json
import os
import socket
import ssl
import struct

CANARY = os.environ["CANARY"]
PORT = int(os.environ["PORT"])
MARK = int(os.environ.get("MARK", "0"), 0)
BYTES = CANARY.encode()
TIMEOUT = 1.0
DESTINATIONS = {
    ("any", 4): os.environ["V4"],
    ("any", 6): os.environ["V6"],
    ("allowed", 4): os.environ["ALLOWED4"],
    ("allowed", 6): os.environ["ALLOWED6"],
    ("resolver", 4): os.environ["RESOLVER4"],
    ("resolver", 6): os.environ["RESOLVER6"],
    ("gateway", 4): os.environ["GATEWAY4"],
    ("gateway", 6): os.environ["GATEWAY6"],
    ("onlink", 4): os.environ["ONLINK4"],
    ("onlink", 6): os.environ["ONLINK6"],
    ("group", 4): os.environ["GROUP4"],
    ("group", 6): os.environ["GROUP6"],
    ("broadcast", 4): "255.255.255.255",
    ("subnet-broadcast", 4): os.environ["BROADCAST4"],
    ("mdns", 4): "224.0.0.251",
    ("mdns", 6): "ff02::fb",
    ("all-nodes", 4): "224.0.0.1",
    ("all-nodes", 6): "ff02::1",
    ("link-local", 6): os.environ["GATEWAY_LINK_LOCAL"],
    ("metadata", 4): "169.254.170.2",
    ("private", 4): os.environ["PRIVATE4"],
    ("listener", 4): "127.0.0.1",
    ("listener", 6): "::1",
}
ALLOWED = os.environ["ALLOWED"]

done, errors, notes = [], [], []


def family_of(number):
    return socket.AF_INET if int(number) == 4 else socket.AF_INET6


def interfaces():
    """Names and indices of the interfaces, loopback last: what an attacker would try first."""
    return sorted(socket.if_nameindex(), key=lambda pair: pair[1] == "lo")


def scoped(destination, port, index):
    """A socket address; link-local IPv6 needs the interface."""
    if ":" not in destination:
        return destination, port
    needs_scope = destination.startswith(("fe80", "ff02", "ff12"))
    return destination, port, 0, index if needs_scope else 0


def attempt(what, action):
    """Runs one try; the operating system's refusal is a result, not an error of the script."""
    try:
        result = action()
        done.append(what)
        return result
    except (OSError, ssl.SSLError, EOFError) as error:
        errors.append(f"{what}: {error}")
        return None


def finish(reached=False):
    print(json.dumps({"reached": bool(reached), "done": done[:20], "errors": errors[:20], "notes": notes[:10]}))


def resolve(name, port=443):
    """Addresses of a name as the C library gives them, without duplicates."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def connect(family, address, timeout=TIMEOUT):
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    try:
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


def connect_name(name, port=443):
    """The first address of the name that accepts."""
    last = None
    for family, address in resolve(name, port):
        try:
            return connect(family, address)
        except OSError as error:
            last = error
    raise last or OSError(f"{name} has no address")


def tls(sock, server_name, alpn=None):
    """A TLS client that trusts everyone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    return context.wrap_socket(sock, server_hostname=server_name)


def drain(sock, limit=65536):
    """What comes until the peer is silent for a while or closes."""
    data = b""
    try:
        while len(data) < limit:
            chunk = sock.recv(65536)
            if not chunk:
                break
            data += chunk
            if data.endswith(b"ok\n"):
                break
    except OSError:
        pass
    return data


def dns_name(*labels):
    encoded = b"".join(bytes([len(label)]) + label for label in (x if isinstance(x, bytes) else x.encode() for x in labels))
    return encoded + b"\0"


def dns_query(name, kind=1, flags=0x0100, klass=1, counts=(1, 0, 0, 0), more=b""):
    return struct.pack("!HHHHHH", 0x1234, flags, *counts) + name + struct.pack("!HH", kind, klass) + more
