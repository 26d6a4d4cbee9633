import { BASE64 } from '../scan/classes.ts';
import type { Layer } from '../scan/layer.ts';
import type { RunScanner } from '../scan/types.ts';
import { AlphabetScanner } from './alphabet-run.ts';
import type { DigitFormat } from './digits.ts';

/** An AWS key id, the shortest secret, takes 26 digits; a database URL may take fewer. */
export const MIN_BASE64_RUN = 20;
/** After pieces this long a run goes on whatever stands between. */
export const MIN_BASE64_PIECE = 16;
/** `base64` wraps at 76, PEM at 64; attackers wrap where they like. */
export const MIN_BASE64_LINE = 4;

/** Base64 and base64url (RFC 4648, sections 4 and 5), mixed as they come. */
export const BASE64_FORMAT: DigitFormat = {
  name: 'base64',
  digits: 4,
  bytes: 3,
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
