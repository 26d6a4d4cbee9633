/**
 * Writing DER (X.690), as much of it as certificates and PKCS#12 need. A general X.509 library costs 40 ms and 18 MB
 * at start; these few encodings cost nothing, and every verifier in reach checks them in the tests.
 */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** RFC 5280 section 4.1.2.5: dates from 2050 on are GeneralizedTime. */
const FIRST_GENERALIZED_YEAR = 2050;

/** One tag-length-value with definite length. */
export function tagged(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag]), encodeLength(length), ...content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function sequence(...content: readonly Uint8Array[]): Buffer {
  return tagged(TAG.sequence, ...content);
}

/** SET OF: DER wants the elements in ascending order of their encodings (X.690 section 11.6). */
export function setOf(...elements: readonly Uint8Array[]): Buffer {
  return tagged(TAG.set, ...elements.toSorted(Buffer.compare));
}

export function boolean(value: boolean): Buffer {
  return tagged(TAG.boolean, Buffer.from([value ? 0xff : 0x00]));
}

/** A non-negative INTEGER from big-endian bytes, in its shortest form. */
export function integer(bigEndian: Uint8Array): Buffer {
  let first = 0;
  while (first < bigEndian.length - 1 && bigEndian[first] === 0) first++;
  const shortest = bigEndian.length === 0 ? Buffer.from([0]) : Buffer.from(bigEndian.subarray(first));
  const negative = ((shortest[0] ?? 0) & 0x80) !== 0;
  return negative ? tagged(TAG.integer, Buffer.from([0]), shortest) : tagged(TAG.integer, shortest);
}

/** A non-negative INTEGER below 2^32. */
export function smallInteger(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return integer(bytes);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tagged(TAG.bitString, Buffer.from([unusedBits]), bytes);
}

export function octetString(bytes: Uint8Array): Buffer {
  return tagged(TAG.octetString, bytes);
}

export function nothing(): Buffer {
  return tagged(TAG.null);
}

export function utf8String(text: string): Buffer {
  return tagged(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/** BMPString: UTF-16, big-endian. */
export function bmpString(text: string): Buffer {
  return tagged(TAG.bmpString, Buffer.from(text, 'utf16le').swap16());
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(TAG.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const digits = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest % 128));
  return digits;
}

/** A Time of RFC 5280 section 4.1.2.5, to the second. */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return date.getUTCFullYear() < FIRST_GENERALIZED_YEAR
    ? tagged(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : tagged(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}

/** `[number] EXPLICIT`: a constructed context tag around whole values. */
export function explicit(number: number, ...content: readonly Uint8Array[]): Buffer {
  return tagged(0xa0 | number, ...content);
}

/** `[number] IMPLICIT` over a primitive value. */
export function implicit(number: number, content: Uint8Array): Buffer {
  return tagged(0x80 | number, content);
}
