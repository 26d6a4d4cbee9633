"""Runs a command on a new pseudo-terminal, types when it sees what it waits for, and prints what came and how it ended, as JSON."""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

plan = json.loads(sys.argv[1])


def set_size(descriptor, rows, columns):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


master, slave = pty.openpty()
set_size(master, 40, 100)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for descriptor in plan["descriptors"]:
        os.dup2(slave, descriptor)
    os.close(master)
    os.execvp(plan["command"][0], plan["command"])

output, steps, status = b"", list(plan["steps"]), None
deadline = time.time() + 10
while time.time() < deadline:
    readable, _, _ = select.select([master], [], [], 0.02)
    if readable:
        output += os.read(master, 65536)
    if steps and steps[0]["see"].encode() in output:
        step = steps.pop(0)
        if "resize" in step:
            set_size(master, *step["resize"])
        else:
            os.write(master, step["type"].encode())
    if not readable and status is None:
        pid, ended = os.waitpid(child, os.WNOHANG)
        status = ended if pid else None
    elif not readable:
        break
if status is None:
    os.kill(child, 9)
    status = os.waitpid(child, 0)[1]
local = termios.tcgetattr(slave)[3]
print(json.dumps({
    "output": output.decode(errors="replace"),
    "status": os.waitstatus_to_exitcode(status),
    "restored": bool(local & termios.ICANON and local & termios.ECHO),
}))
