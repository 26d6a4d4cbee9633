/** Which bytes of an OpenPGP private key are secret (RFC 9580; RFC 4880 before it). Pure. */
import type { Part } from './private-keys.ts';

const SECRET_KEY = 5;
const SECRET_SUBKEY = 7;
/** Tags of what a transferable key is made of: signatures, keys, user ids and attributes, padding. */
const TAGS: ReadonlySet<number> = new Set([2, SECRET_KEY, 6, SECRET_SUBKEY, 12, 13, 14, 17, 21]);

/** Bytes of the secret that are the same in many keys: how it is encrypted, and the length of its first number. */
const SAME = 4;
/** A specifier of how a passphrase becomes a key that says that the key is elsewhere (GnuPG). */
const FIRST_PRIVATE_S2K = 100;

/** `undefined`: it is none. */
export function openPgpParts(bytes: Buffer): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length; ) {
    const packet = packetAt(bytes, at);
    if (packet === undefined || !TAGS.has(packet.tag) || packet.to > bytes.length) return undefined;
    if (at === 0 && packet.tag !== SECRET_KEY) return undefined;
    if (packet.tag === SECRET_KEY || packet.tag === SECRET_SUBKEY) parts.push(...keyParts(bytes, packet));
    at = packet.to;
  }
  return parts;
}

interface Packet {
  tag: number;
  from: number;
  to: number;
}

/** Of a known length (RFC 9580, 4.2). */
function packetAt(bytes: Buffer, at: number): Packet | undefined {
  const head = bytes.readUInt8(at);
  if (head < 0x80) return undefined;
  if (head < 0xc0) {
    const size = [1, 2, 4][head & 3];
    if (size === undefined) return undefined;
    const from = at + 1 + size;
    return { tag: (head >> 2) & 15, from, to: from + bytes.readUIntBE(at + 1, size) };
  }
  const tag = head & 63;
  const first = bytes.readUInt8(at + 1);
  if (first < 192) return { tag, from: at + 2, to: at + 2 + first };
  if (first < 224) return { tag, from: at + 3, to: at + 3 + ((first - 192) << 8) + bytes.readUInt8(at + 2) + 192 };
  return first === 255 ? { tag, from: at + 6, to: at + 6 + bytes.readUInt32BE(at + 2) } : undefined;
}

/** What is public of a key of an algorithm: a curve's name, numbers, bytes (RFC 9580, 5.5.5). */
const PUBLIC: Readonly<Record<number, { curve?: true; numbers?: number; bytes?: number; kdf?: true }>> = {
  1: { numbers: 2 },
  2: { numbers: 2 },
  3: { numbers: 2 },
  16: { numbers: 3 },
  17: { numbers: 4 },
  18: { curve: true, numbers: 1, kdf: true },
  19: { curve: true, numbers: 1 },
  22: { curve: true, numbers: 1 },
  25: { bytes: 32 },
  26: { bytes: 56 },
  27: { bytes: 32 },
  28: { bytes: 57 },
};

function keyParts(bytes: Buffer, { from, to }: Packet): readonly Part[] {
  const version = bytes.readUInt8(from);
  const algorithm = bytes.readUInt8(from + 5);
  // A version, when it was made, an algorithm; from version 5 on how long the public part is.
  const usage = version >= 5 ? from + 10 + bytes.readUInt32BE(from + 6) : publicEnd(bytes, from + 6, algorithm);
  if (usage === undefined || version < 4 || usage >= to) return [];
  // Encrypted, it says how; of the others each number stands behind its length, and behind all a sum.
  const isEncrypted = bytes.readUInt8(usage) !== 0;
  if (isEncrypted && bytes.readUInt8(usage + 2) >= FIRST_PRIVATE_S2K) return [];
  if (isEncrypted || version > 4) return [[usage + SAME, to]];
  const parts: Part[] = [];
  const end = to - 2;
  for (let at = usage + 1; at < end; ) {
    if (algorithm >= 25) return [[at, end]];
    const first = at + 2;
    at = first + Math.ceil(bytes.readUInt16BE(first - 2) / 8);
    parts.push([first, at]);
  }
  return parts;
}

function publicEnd(bytes: Buffer, from: number, algorithm: number): number | undefined {
  const kind = PUBLIC[algorithm];
  if (kind === undefined) return undefined;
  let at = from + (kind.bytes ?? 0);
  if (kind.curve) at += 1 + bytes.readUInt8(at);
  for (let number = 0; number < (kind.numbers ?? 0); number++) at += 2 + Math.ceil(bytes.readUInt16BE(at) / 8);
  return kind.kdf ? at + 1 + bytes.readUInt8(at) : at;
}
