import { BASE64 } from '../scan/classes.ts';
import type { Layer, RunScanner } from '../scan/layer.ts';
import { AlphabetScanner } from './alphabet-run.ts';
import type { DigitFormat } from './digits.ts';

/** An AWS key id, the shortest secret, takes 26 digits; a database URL may take fewer. */
export const MIN_BASE64_RUN = 20;
/** After pieces this long a run goes on whatever stands between. */
export const MIN_BASE64_PIECE = 16;
/** `base64` wraps at 76, PEM at 64; attackers wrap where they like. */
export const MIN_BASE64_LINE = 4;

const VALUE = new Uint8Array(256);
for (const [index, byte] of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').entries()) {
  VALUE[byte] = index;
}
VALUE['-'.charCodeAt(0)] = 62;
VALUE['_'.charCodeAt(0)] = 63;

/** Base64 and base64url (RFC 4648, sections 4 and 5), mixed as they come. */
export const BASE64_FORMAT: DigitFormat = {
  name: 'base64',
  digits: 4,
  bytes: 3,
  decode(digits, from, to, out, start, last) {
    let length = start;
    let at = from;
    for (; at + 3 < to; at += 4) {
      const group =
        ((VALUE[digits[at] as number] as number) << 18) |
        ((VALUE[digits[at + 1] as number] as number) << 12) |
        ((VALUE[digits[at + 2] as number] as number) << 6) |
        (VALUE[digits[at + 3] as number] as number);
      out[length++] = group >> 16;
      out[length++] = group >> 8;
      out[length++] = group;
    }
    if (last && to - at >= 2) {
      const second = VALUE[digits[at + 1] as number] as number;
      out[length++] = ((VALUE[digits[at] as number] as number) << 2) | (second >> 4);
      if (to - at === 3) out[length++] = (second << 4) | ((VALUE[digits[at + 2] as number] as number) >> 2);
    }
    return length - start;
  },
};

export function base64Scanner(layer: Layer): RunScanner {
  return new AlphabetScanner(layer, {
    format: BASE64_FORMAT,
    alphabet: BASE64,
    minRun: MIN_BASE64_RUN,
    minPiece: MIN_BASE64_PIECE,
    minLine: MIN_BASE64_LINE,
  });
}
