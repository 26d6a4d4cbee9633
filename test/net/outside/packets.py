"""Which packets arrived: a ledger by protocol, destination and port, attributed to the attack that sent them.

Exempt are only what Weir itself must send: ARP and neighbour discovery for the two ends of the link, TCP to the allowed
host's port 443, and plain A/AAAA questions for the listed names to the resolver. An exempt packet is still searched for
the run's token. Counted apart is the kernel's own refusal of the sink's dialling.
"""

import ipaddress
import struct

PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 33: "dccp", 58: "icmp6", 132: "sctp", 136: "udplite"}
V6_EXTENSIONS = {0, 43, 44, 60}
SAMPLE_BYTES = 48
MAX_QUESTIONS = 100_000


class Ledger:
    def __init__(self, config):
        self.token = config["token"].encode()
        self.attacks = config["attacks"]
        self.link = {ipaddress.ip_address(a).packed for a in config["link"]}
        self.resolver = {ipaddress.ip_address(a).packed for a in config["resolver"]}
        self.allowed = {ipaddress.ip_address(a).packed for a in config["allowed"]}
        self.names = set(config["names"])
        self.address_of = {}
        self.marks = []
        self.port_of = {}
        for attack in self.attacks:
            for text in attack["addresses"]:
                self.address_of[ipaddress.ip_address(text).packed] = attack["name"]
            for text in attack["groups"]:
                self.marks.append((ipaddress.ip_address(text).packed, attack["name"]))
            self.port_of[attack["port"]] = attack["name"]
        self.canaries = {a["canary"].encode(): a["name"] for a in self.attacks}
        self.reset()

    def reset(self):
        self.entries = {}
        self.questions = []
        self.exempt = {"resolver": 0, "allowed": 0, "allowed-syn": 0, "neighbour": 0, "refusal": 0}

    def owner_of_bytes(self, data):
        """The attack whose canary is in the bytes, in any case of its letters."""
        lowered = data.lower()
        if self.token not in lowered:
            return None
        for canary, name in self.canaries.items():
            if canary in lowered:
                return name
        return "(another run)"

    def frame(self, data):
        kind = struct.unpack("!H", data[12:14])[0]
        body = data[14:]
        if kind == 0x0806:
            self.neighbour("arp", body[24:28], data)
        elif kind == 0x0800 and len(body) >= 20:
            self.ipv4(body, data)
        elif kind == 0x86DD and len(body) >= 40:
            self.ipv6(body, data)
        else:
            self.count(self.owner_of_bytes(data), f"ether-{kind:04x}", "", 0, data, data)

    def ipv4(self, body, data):
        header = (body[0] & 15) * 4
        fragment = struct.unpack("!H", body[6:8])[0] & 0x1FFF
        self.transport(body[9], body[12:16], body[16:20], body[header:], data, fragment > 0)

    def ipv6(self, body, data):
        following, rest, fragment = body[6], body[40:], False
        while following in V6_EXTENSIONS and len(rest) >= 8:
            if following == 44:
                fragment = fragment or struct.unpack("!H", rest[2:4])[0] & 0xFFF8 > 0
                following, rest = rest[0], rest[8:]
            else:
                following, rest = rest[0], rest[8 + rest[1] * 8 :]
        if following == 58 and rest[:1] in (b"\x87", b"\x88"):
            self.neighbour("nd", rest[8:24], data)
            return
        self.transport(following, body[8:24], body[24:40], rest, data, fragment)

    def transport(self, protocol, source, destination, rest, data, fragment):
        name = PROTOCOLS.get(protocol, f"ip-{protocol}")
        port = 0
        if name in ("tcp", "udp", "udplite", "sctp", "dccp") and not fragment and len(rest) >= 4:
            port = struct.unpack("!H", rest[2:4])[0]
        elif name in ("icmp", "icmp6") and rest:
            port = rest[0]
        owner = self.owner_of_bytes(data)
        if name == "udp" and port == 53 and not fragment and len(self.questions) < MAX_QUESTIONS:
            self.questions.append(rest[20:])
        if owner is None and not fragment:
            if name == "tcp" and port == 443 and destination in self.allowed:
                self.exempt["allowed"] += 1
                if len(rest) > 13 and rest[13] & 0x12 == 0x02:
                    self.exempt["allowed-syn"] += 1
                return
            if name == "udp" and port == 53 and destination in self.resolver and self.plain_question(rest[8:]):
                self.exempt["resolver"] += 1
                return
            if destination in self.link and self.refusal(name, port, rest):
                self.exempt["refusal"] += 1
                return
        owner = owner or self.address_of.get(destination)
        if owner is None and name not in ("icmp", "icmp6"):
            owner = self.port_of.get(port) or self.port_of.get(int.from_bytes(rest[:2], "big"))
        if owner is None:
            owner = next((attack for mark, attack in self.marks if mark in data), None)
        self.count(owner, name, str(ipaddress.ip_address(destination)), port, rest, data)

    @staticmethod
    def refusal(name, kind, rest):
        """A kernel's answer to the sink's own dialling where nobody listens: a bare RST, or port unreachable. No laptop
        with closed ports avoids it; behind a pod's rules even these must not come (the pod test looks at the count)."""
        if name == "tcp":
            return len(rest) == 20 and rest[13] & 0x04 != 0
        return (name, kind) in (("icmp", 3), ("icmp6", 1)) and rest.endswith(b"hello?")

    def neighbour(self, name, target, data):
        if target in self.link:
            self.exempt["neighbour"] += 1
            return
        text = str(ipaddress.ip_address(target)) if len(target) in (4, 16) else target.hex()
        self.count(self.address_of.get(target), name, text, 0, target, data)

    def plain_question(self, message):
        """True for a query that says nothing but one of the listed names and A or AAAA."""
        if len(message) < 17 or message[2:12] != b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00":
            return False
        labels, at = [], 12
        while at < len(message) and message[at]:
            labels.append(message[at + 1 : at + 1 + message[at]].decode("latin-1").lower())
            at += 1 + message[at]
        end = message[at + 1 :]
        return ".".join(labels) in self.names and end in (b"\x00\x01\x00\x01", b"\x00\x1c\x00\x01")

    def count(self, owner, protocol, destination, port, rest, data):
        key = (owner or "", protocol, destination, port)
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = {"packets": 0, "bytes": 0, "sample": rest[:SAMPLE_BYTES].hex()}
        entry["packets"] += 1
        entry["bytes"] += len(data)

    def report(self):
        rows = [
            {"attack": k[0] or None, "protocol": k[1], "destination": k[2], "port": k[3], **v}
            for k, v in self.entries.items()
        ]
        return {"packets": rows, "exempt": dict(self.exempt)}
