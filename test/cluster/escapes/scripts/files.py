"""Files and processes of Weir, from the workload's container: files.py read|write PATH, or files.py process"""

import os
import sys

from common import *


def read(path):
    if os.path.isdir(path):
        found = [os.path.join(top, name) for top, _, names in os.walk(path) for name in names]
        return [name for name in found if open(name, "rb").read(1)]
    with open(path, "rb") as file:
        return file.read(1)


def write(path):
    with open(path, "ab") as file:
        file.write(b"x")
    return True


def process():
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/cmdline", "rb") as file:
                if b"/weir/sidecar.mjs" in file.read() and int(number) != os.getpid():
                    found.append(number)
        except OSError:
            pass
    return found


action = {"read": read, "write": write, "process": lambda _: process()}[sys.argv[1]]
finish(bool(attempt(sys.argv[1], lambda: action(sys.argv[2] if len(sys.argv) > 2 else ""))))
