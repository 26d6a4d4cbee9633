"""The client's own daemons (what a laptop runs beside a build): loopback TCP servers, Unix sockets and FIFOs that nobody behind
Weir may reach, and, for control runs, naive forwarders on Weir's ports, which show that the bytes sent there are fit to
leave. Commands come as JSON lines on stdin; the end of stdin ends the process."""

import json
import os
import socket
import sys
import threading

# After Weir has looked for sockets, before the attack is over.
LATER_SECONDS = 2

heard = []
lock = threading.Lock()


def hear(where, data):
    with lock:
        heard.append({"where": where, "data": data.decode("latin-1")})


def read_all(where, sock):
    hear(where, b"")
    sock.settimeout(3)
    try:
        while data := sock.recv(65536):
            hear(where, data)
            sock.sendall(b"ok\n")
    except OSError:
        pass
    sock.close()


def serve(listener, handle):
    def loop():
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(sock,), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()


def listen_tcp(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(64)
    return listener


def loopback(address, port):
    serve(listen_tcp(address, port), lambda sock: read_all(f"tcp {address}:{port}", sock))


def unix(path, bound=None):
    """A stream socket, and a datagram socket beside it; `bound` is the name given to bind when it is another."""
    bound = bound or path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.bind(bound)
    os.chmod(bound, 0o777)
    stream.listen(16)
    serve(stream, lambda sock: read_all(f"unix {path}", sock))
    datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    datagram.bind(bound + ".dgram")
    os.chmod(bound + ".dgram", 0o777)

    def loop():
        while True:
            hear(f"unix {path}.dgram", datagram.recv(65536))

    threading.Thread(target=loop, daemon=True).start()


def fifo(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.mkfifo(path)
    os.chmod(path, 0o666)

    def loop():
        descriptor = os.open(path, os.O_RDWR)  # also for writing, so that no reader is told of an end
        while True:
            hear(f"fifo {path}", os.read(descriptor, 65536))

    threading.Thread(target=loop, daemon=True).start()


def unix_relative(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.chdir(os.path.dirname(path))
    unix(path, os.path.basename(path))
    os.chdir("/")


def unix_renamed(path):
    unix(path, path + ".new")
    os.rename(path + ".new", path)
    os.rename(path + ".new.dgram", path + ".dgram")


def unix_later(path):
    def make():
        threading.Event().wait(LATER_SECONDS)
        unix(path)

    threading.Thread(target=make, daemon=True).start()


def abstract(name):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind("\0" + name)
    listener.listen(16)
    serve(listener, lambda sock: read_all(f"unix @{name}", sock))


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def forward_tcp(address, port, to):
    def handle(sock):
        try:
            upstream = socket.create_connection(tuple(to), 3)
        except OSError:
            sock.close()
            return
        threading.Thread(target=pump, args=(upstream, sock), daemon=True).start()
        pump(sock, upstream)

    serve(listen_tcp(address, port), handle)


def forward_udp(address, port, to):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    inside = socket.socket(family, socket.SOCK_DGRAM)
    inside.bind((address, port))
    outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def loop():
        while True:
            data, _ = inside.recvfrom(65536)
            outside.sendto(data, tuple(to))

    threading.Thread(target=loop, daemon=True).start()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    for address, port in config["loopback"]:
        loopback(address, port)
    makers = {"unix": unix, "relative": unix_relative, "renamed": unix_renamed, "abstract": abstract, "fifo": fifo}
    for kind, make in makers.items():
        for name in config.get(kind, []):
            make(name)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if command["op"] == "forward":
            for address, port, to in command["tcp"]:
                forward_tcp(address, port, to)
            for address, port, to in command["udp"]:
                forward_udp(address, port, to)
        if command["op"] == "later":
            for path in command["paths"]:
                unix_later(path)
        with lock:
            answer = list(heard)
            if command["op"] == "reset":
                heard.clear()
        print(json.dumps({"heard": answer}), flush=True)


main()
