import { BASE32 } from '../scan/classes.ts';
import type { Layer } from '../scan/layer.ts';
import type { RunScanner } from '../scan/types.ts';
import { AlphabetScanner } from './alphabet-run.ts';
import type { DigitFormat } from './digits.ts';

/** Base32 digits of fifteen bytes. */
export const MIN_BASE32_RUN = 24;

/** Base32 (RFC 4648, section 6) in either case. */
export const BASE32_FORMAT: DigitFormat = {
  name: 'base32',
  digits: 8,
  bytes: 5,
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
