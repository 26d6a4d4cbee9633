/** What a short text may say: itself, and what hexadecimal, base32 and base64 in it decode to wherever its first byte begins. Pure. */

/** Bits of a digit, and how many digits a fragment of a secret has at least. */
interface Code {
  bits: number;
  run: RegExp;
  digits: ReadonlyMap<number, number>;
  /** In host names: base64 needs both cases. */
  inNames: boolean;
}

const digitsOf = (...alphabets: string[]): ReadonlyMap<number, number> =>
  new Map(alphabets.flatMap((alphabet) => [...alphabet].map((digit, value) => [digit.charCodeAt(0), value] as const)));

const CODES: readonly Code[] = [
  { bits: 4, run: /[0-9A-Fa-f]{24,}/g, digits: digitsOf('0123456789abcdef', '0123456789ABCDEF'), inNames: true },
  {
    bits: 5,
    run: /[A-Za-z2-7]{20,}/g,
    digits: digitsOf('abcdefghijklmnopqrstuvwxyz234567', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'),
    inNames: true,
  },
  {
    bits: 6,
    run: /[A-Za-z0-9+/_-]{16,}/g,
    digits: digitsOf(
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
    ),
    inNames: false,
  },
];

/** `text` in latin1. `isName`: it comes from host names. */
export function readingsOf(text: string, isName: boolean): Buffer[] {
  const readings: Buffer[] = [Buffer.from(text, 'latin1')];
  for (const { bits, run, digits, inNames } of CODES) {
    if (isName && !inNames) continue;
    const alignments = bits === 4 ? 2 : bits === 5 ? 8 : 4;
    for (const [found] of text.matchAll(run)) {
      for (let skip = 0; skip < alignments; skip++) readings.push(decoded(found, skip, bits, digits));
    }
  }
  return readings;
}

function decoded(text: string, skip: number, bits: number, digits: ReadonlyMap<number, number>): Buffer {
  const bytes = Buffer.alloc(Math.floor(((text.length - skip) * bits) / 8));
  let value = 0;
  let held = 0;
  let at = 0;
  for (let i = skip; i < text.length; i++) {
    value = ((value << bits) | (digits.get(text.charCodeAt(i)) as number)) & 0xffff;
    held += bits;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = (value >> held) & 0xff;
  }
  return bytes;
}
