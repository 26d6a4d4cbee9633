/**
 * Which bytes of a private key's file are secret. The rest is in its public key, in a certificate of it, or in every key of its
 * kind. Pure.
 */
import { openPgpParts } from './open-pgp.ts';

/** `[from, to)` in bytes. */
export type Part = readonly [from: number, to: number];

/** Bytes of a number below which it is a version, an exponent or a count, not a secret. */
const MIN_SECRET = 16;

/** `undefined`: it is no private key that is understood. `bytes`: the file, or what its armour holds. */
export function secretParts(bytes: Buffer): readonly Part[] | undefined {
  try {
    const parts = openSshParts(bytes) ?? derParts(bytes) ?? openPgpParts(bytes);
    const secret = parts?.filter(([from, to]) => to - from >= MIN_SECRET && to <= bytes.length);
    return secret !== undefined && secret.length > 0 ? secret : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What the lines of a `.ppk` hold that are private: numbers, each behind its length; all of it where they are encrypted. */
export function puttyParts(bytes: Buffer): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const to = at + 4 + bytes.readUInt32BE(at);
    if (to > bytes.length) break;
    parts.push([at + 4, to]);
    at = to;
  }
  return parts.length > 0 && parts.some(([from, to]) => to - from >= MIN_SECRET) ? parts : [[0, bytes.length]];
}

const OPENSSH_MAGIC = 'openssh-key-v1\0';
/** Which fields behind a key's type are secret, by its type; the rest is the public key and what it is over. */
const OPENSSH_SECRETS: readonly (readonly [type: RegExp, fields: readonly number[]])[] = [
  [/^ssh-rsa$/, [2, 3, 4, 5]],
  [/^ecdsa-sha2-/, [2]],
  [/^ssh-ed(?:25519|448)$/, [1]],
  [/^ssh-dss$/, [4]],
];

/** openssh-portable, PROTOCOL.key. */
function openSshParts(bytes: Buffer): readonly Part[] | undefined {
  if (!bytes.subarray(0, OPENSSH_MAGIC.length).equals(Buffer.from(OPENSSH_MAGIC))) return undefined;
  let at = OPENSSH_MAGIC.length;
  const string = (): Part => {
    const from = at + 4;
    at = from + bytes.readUInt32BE(at);
    return [from, at];
  };
  const textOf = ([from, to]: Part): string => bytes.toString('latin1', from, to);
  const cipher = textOf(string());
  string();
  string();
  const count = bytes.readUInt32BE(at);
  at += 4;
  for (let key = 0; key < count; key++) string();
  const whole = string();
  if (cipher !== 'none') return [whole];
  // Two equal numbers that say that it was decrypted.
  at = whole[0] + 8;
  const parts: Part[] = [];
  for (let key = 0; key < count; key++) {
    const type = textOf(string());
    const secrets = OPENSSH_SECRETS.find(([pattern]) => pattern.test(type))?.[1];
    // A key in hardware has none in the file.
    if (secrets === undefined) break;
    for (let field = 0; field <= Math.max(...secrets); field++) {
      const [from, to] = string();
      // Behind the seed stands the public key once more (RFC 8032, 5.1.5).
      if (secrets.includes(field)) parts.push([from, type.startsWith('ssh-ed') ? from + (to - from) / 2 : to]);
    }
    string();
  }
  return parts;
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 0x04;

interface Element {
  tag: number;
  from: number;
  to: number;
}

function elementAt(bytes: Buffer, at: number): Element {
  const tag = bytes.readUInt8(at);
  const first = bytes.readUInt8(at + 1);
  if (first < 0x80) return { tag, from: at + 2, to: at + 2 + first };
  const from = at + 2 + (first & 0x7f);
  return { tag, from, to: from + bytes.readUIntBE(at + 2, first & 0x7f) };
}

function elementsIn(bytes: Buffer, { from, to }: Pick<Element, 'from' | 'to'>): Element[] {
  const elements: Element[] = [];
  for (let at = from; at < to; at = (elements.at(-1) as Element).to) elements.push(elementAt(bytes, at));
  return elements;
}

/** The number of an INTEGER without the byte that makes it positive. */
function numberOf(bytes: Buffer, { from, to }: Element): Part {
  return [bytes[from] === 0 ? from + 1 : from, to];
}

/** RFC 8017 (RSA), RFC 5915 (elliptic curves), RFC 5958 (PKCS #8, with a public key too), OpenSSL's own of DSA. */
function derParts(bytes: Buffer): readonly Part[] | undefined {
  if (bytes[0] !== SEQUENCE) return undefined;
  const whole = elementAt(bytes, 0);
  if (whole.to > bytes.length) return undefined;
  const [first, second, third, ...rest] = elementsIn(bytes, whole);
  // EncryptedPrivateKeyInfo.
  if (first?.tag === SEQUENCE && second?.tag === OCTETS && third === undefined) return [[second.from, second.to]];
  if (first?.tag !== INTEGER || first.to - first.from !== 1 || second === undefined) return undefined;
  if (second.tag === OCTETS) return [[second.from, second.to]];
  if (second.tag === SEQUENCE && third?.tag === OCTETS) return wrappedParts(bytes, third);
  if (second.tag !== INTEGER || third?.tag !== INTEGER) return undefined;
  const numbers = [second, third, ...rest];
  // RSA: modulus, exponent, five that are secret; DSA: p, q, g, y and the secret.
  if (numbers.length >= 8) return numbers.slice(2).map((number) => numberOf(bytes, number));
  return numbers.length === 5 ? [numberOf(bytes, numbers[4] as Element)] : undefined;
}

/** What stands in PrivateKeyInfo: a key of one of those, a number, or, of Edwards curves, its bytes in one more string. */
function wrappedParts(bytes: Buffer, { from, to }: Element): readonly Part[] | undefined {
  const tag = bytes[from];
  if (tag === SEQUENCE) {
    return derParts(bytes.subarray(from, to))?.map(([first, last]) => [from + first, from + last]);
  }
  if (tag !== OCTETS && tag !== INTEGER) return undefined;
  const inner = elementAt(bytes, from);
  return inner.to === to ? [numberOf(bytes, inner)] : undefined;
}
