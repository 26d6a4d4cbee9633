/**
 * What both directions of the codec share: numbers of the protocol and domain names on the wire (RFC 1035 §3.1, §4.1).
 * Names stay lists of raw labels: joined text cannot tell the label `a.b` from the labels `a` and `b`.
 */

export const HEADER_BYTES = 12;
/** RFC 1035 §2.3.4. */
export const MAX_LABEL_BYTES = 63;
/** Wire form of a name, length octets and root included (RFC 1035 §2.3.4). */
export const MAX_NAME_BYTES = 255;
/** Hops of one compressed name. Hops strictly descend, so this bounds work, not loops. */
export const MAX_POINTERS = 64;

export const CLASS_IN = 1;
export const OPCODE_QUERY = 0;

export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  SVCB: 64,
  HTTPS: 65,
  ANY: 255,
  CAA: 257,
} as const;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(TYPE).map(([name, code]) => [code, name]));

/** The mnemonic of a type, or `TYPE123` for one without (RFC 3597 §5). */
export function typeName(code: number): string {
  return TYPE_NAMES.get(code) ?? `TYPE${code}`;
}

/** RFC 1035 §4.1.1, RFC 6891 §9 for BADVERS. There is no REFUSED: it makes musl and glibc give up on allowed names. */
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, BADVERS: 16 } as const;

export const FLAG = { QR: 0x8000, TC: 0x0200, RD: 0x0100, RA: 0x0080, CD: 0x0010 } as const;

/** A domain name: its labels as sent, root excluded; `[]` is the root. */
export type Labels = readonly Buffer[];

/** A name and the offset of the byte after it. */
export interface NameAt {
  labels: Buffer[];
  end: number;
}

/**
 * Reads a name at `offset`. With `compression`, pointers are followed, each of which must point before the labels it
 * ends (RFC 1035 §4.1.4: a *prior* occurrence), so no loop is possible.
 * @returns undefined when the name is malformed, runs out of the message or exceeds a bound.
 */
export function readName(message: Buffer, offset: number, compression: boolean): NameAt | undefined {
  const labels: Buffer[] = [];
  let at = offset;
  let start = offset;
  let end: number | undefined;
  let size = 1;
  let pointers = 0;
  for (;;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return { labels, end: end ?? at + 1 };
    if (length >= 0xc0) {
      const low = message[at + 1];
      if (!compression || low === undefined || ++pointers > MAX_POINTERS) return undefined;
      const target = ((length & 0x3f) << 8) | low;
      if (target >= start) return undefined;
      end ??= at + 2;
      at = target;
      start = target;
      continue;
    }
    // 0x40 and 0x80 are label types that were never put to use (RFC 6891 §5).
    if (length > MAX_LABEL_BYTES) return undefined;
    size += length + 1;
    if (size > MAX_NAME_BYTES || at + 1 + length > message.length) return undefined;
    labels.push(message.subarray(at + 1, at + 1 + length));
    at += length + 1;
  }
}

/** The uncompressed wire form of a name. */
export function encodeName(labels: Labels): Buffer {
  const parts: Buffer[] = [];
  for (const label of labels) parts.push(Buffer.of(label.length), label);
  parts.push(Buffer.of(0));
  return Buffer.concat(parts);
}

/** Lower-cases the ASCII letters of one octet (RFC 4343). */
function foldOctet(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

/** Whether two names are equal; letters compare without case unless `exactCase`. */
export function sameName(a: Labels, b: Labels, exactCase = false): boolean {
  if (a.length !== b.length) return false;
  return a.every((label, i) => {
    const other = b[i];
    if (!other || other.length !== label.length) return false;
    if (exactCase) return label.equals(other);
    for (let j = 0; j < label.length; j++) {
      if (foldOctet(label[j] as number) !== foldOctet(other[j] as number)) return false;
    }
    return true;
  });
}
