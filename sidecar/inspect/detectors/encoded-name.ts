/**
 * Text hidden in a host name. Hashes and ids in names decode to arbitrary bytes; a long stretch of a name that decodes to
 * printable characters throughout was text before it was encoded (by chance: about one stretch in seven million).
 */
import type { Detector } from './types.ts';

/** Decoded characters of one stretch: 0.37^16 is the chance that random bytes are all printable. */
export const MIN_HIDDEN_TEXT = 16;

export const encodedName: Pick<Detector, 'name' | 'homeHosts' | 'source'> = {
  name: 'encoded-name',
  homeHosts: [],
  source: 'RFC 4648 sections 6 and 8, as DNS exfiltration tools use them',
};

const PRINTABLE = new RegExp(`[\\x20-\\x7e]{${MIN_HIDDEN_TEXT},}`);
const BASE32_DIGITS = 'abcdefghijklmnopqrstuvwxyz234567';

/** The encoding under which `name` (labels and separators in any case) holds text, and where its digits begin; undefined for none. */
export function hiddenText(name: string): { decoding: 'hex' | 'base32'; offset: number } | undefined {
  // Separators inside an encoded stretch are there to fit it into labels, or to break it up.
  const digits = name.toLowerCase().replaceAll(/[-_.]/g, '');
  for (const [decoding, pattern, bits] of [
    ['hex', new RegExp(`[0-9a-f]{${2 * MIN_HIDDEN_TEXT},}`, 'g'), 4],
    ['base32', new RegExp(`[a-z2-7]{${Math.ceil((8 * MIN_HIDDEN_TEXT) / 5)},}`, 'g'), 5],
  ] as const) {
    for (const run of digits.matchAll(pattern)) {
      // Where the first byte begins is not known: every alignment of digits to bytes is tried.
      for (let skip = 0; skip < (bits === 4 ? 2 : 8); skip++) {
        if (PRINTABLE.test(decode(run[0].slice(skip), bits))) return { decoding, offset: run.index };
      }
    }
  }
  return undefined;
}

function decode(digits: string, bits: 4 | 5): string {
  let text = '';
  let value = 0;
  let held = 0;
  for (const digit of digits) {
    value = ((value << bits) | (bits === 4 ? Number.parseInt(digit, 16) : BASE32_DIGITS.indexOf(digit))) & 0xfff;
    held += bits;
    if (held < 8) continue;
    held -= 8;
    text += String.fromCharCode((value >> held) & 0xff);
  }
  return text;
}
