/** Numeric addresses: text to bytes and back. No DNS, no zones, no guesses. */

const MAX_TEXT_LENGTH = 45; // the longest IPv6 text: eight full groups, the last two as a dotted quad

/**
 * Parses one address in its standard form: IPv4 as four decimal numbers without leading zeros (RFC 6943 3.1.1, "strict"),
 * IPv6 as RFC 4291 2.2 writes it (any case, at most one `::`, an embedded dotted quad at the end).
 * Zones, brackets, prefixes, white space and short, octal or hexadecimal IPv4 are not addresses here.
 * @returns 4 or 16 bytes, or undefined.
 */
export function parseAddress(text: string): Uint8Array | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = match[i + 1] as string;
    const value = Number(part);
    if (value > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    bytes[i] = value;
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const last = halves.length - 1;
  const head = groups(halves[0] as string, last === 0);
  const tail = last === 1 ? groups(halves[1] as string, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const given = head.length + tail.length;
  // `::` stands for at least one group (RFC 5952 4.2.2 says so for writers; a reader loses nothing by asking it).
  if (last === 1 ? given > 14 : given !== 16) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The bytes of colon-separated groups; a dotted quad may end them when `mayEndDotted`. */
function groups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (mayEndDotted && i === parts.length - 1 && part.includes('.')) {
      const quad = parseIpv4(part);
      if (quad === undefined) return undefined;
      bytes.push(...quad);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

/** Canonical text of 4 or 16 bytes: dotted decimal, or RFC 5952 (v4-mapped addresses with a dotted tail, section 5). */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  if (isV4Mapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`;
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  const { start, length } = longestZeros(words);
  const hex = (part: number[]): string => part.map((word) => word.toString(16)).join(':');
  if (length < 2) return hex(words);
  return `${hex(words.slice(0, start))}::${hex(words.slice(start + length))}`;
}

export function isV4Mapped(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((b) => b === 0);
}

/** First of the longest runs of zero words (RFC 5952 4.2.3). */
function longestZeros(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** The canonical text of an address in standard form (RFC 5952 for IPv6); undefined when it is none. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = parseAddress(text);
  return bytes === undefined ? undefined : formatAddress(bytes);
}
