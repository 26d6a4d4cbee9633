import { BASE32 } from '../scan/classes.ts';
import type { Layer, RunScanner } from '../scan/layer.ts';
import { AlphabetScanner } from './alphabet-run.ts';
import type { DigitFormat } from './digits.ts';

/** Base32 digits of fifteen bytes. */
export const MIN_BASE32_RUN = 24;

const VALUE = new Uint8Array(256);
for (const [index, byte] of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567').entries()) {
  VALUE[byte] = index;
  VALUE[String.fromCharCode(byte).toLowerCase().charCodeAt(0)] = index;
}

/** Base32 (RFC 4648, section 6) in either case. */
export const BASE32_FORMAT: DigitFormat = {
  name: 'base32',
  digits: 8,
  bytes: 5,
  decode(digits, from, to, out, start, last) {
    const end = last ? to : from + Math.floor((to - from) / 8) * 8;
    let length = start;
    let bits = 0;
    let value = 0;
    for (let at = from; at < end; at++) {
      value = ((value << 5) | (VALUE[digits[at] as number] as number)) & 0xfff;
      bits += 5;
      if (bits < 8) continue;
      bits -= 8;
      out[length++] = value >> bits;
    }
    return length - start;
  },
};

export function base32Scanner(layer: Layer): RunScanner {
  return new AlphabetScanner(layer, {
    format: BASE32_FORMAT,
    alphabet: BASE32,
    minRun: MIN_BASE32_RUN,
    minPiece: 0,
    minLine: 0,
  });
}
