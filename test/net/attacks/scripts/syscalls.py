"""AF_VSOCK by system calls that a filter of names may not see: syscalls.py ia32|x32|io_uring. Runs in a child: a filter may kill."""

import ctypes
import json
import mmap
import os
import struct
import sys

AF_VSOCK, SOCK_STREAM = 40, 1
IA32_SOCKET, X32_SOCKET, IO_URING_SETUP = 359, 0x40000000 + 41, 425
libc = ctypes.CDLL(None, use_errno=True)


def ia32():
    """mov eax, 359; mov ebx, 40; mov ecx, 1; xor edx, edx; int 0x80; ret, with rbx kept."""
    code = b"\x53\xb8" + struct.pack("<I", IA32_SOCKET) + b"\xbb" + struct.pack("<I", AF_VSOCK)
    code += b"\xb9" + struct.pack("<I", SOCK_STREAM) + b"\x31\xd2\xcd\x80\x5b\xc3"
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    return call()


VARIANTS = {
    "ia32": ia32,
    "x32": lambda: libc.syscall(X32_SOCKET, AF_VSOCK, SOCK_STREAM, 0),
    "io_uring": lambda: libc.syscall(IO_URING_SETUP, 4, ctypes.create_string_buffer(120)),
}


def works(variant):
    child = os.fork()
    if child == 0:
        os._exit(0 if VARIANTS[variant]() >= 0 else 1)
    return os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    print(json.dumps({"reached": works(sys.argv[1]), "done": [], "errors": [], "notes": []}))
