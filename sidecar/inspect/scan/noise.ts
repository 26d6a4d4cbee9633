import { CLASS, HEX, NO_TEXT } from './classes.ts';

/** Characters of text in a row, in one or two bytes each, that a decoder might make something of. */
const MIN_TEXT = 12;
/** Hex digits of a dump, whatever is between them. */
const MIN_DIGITS = 32;
/** Longer bytes are not looked at: the scanners are quicker there. */
const MAX_LENGTH = 4096;

/** Whether no decoder finds anything in `bytes`: too little text in a row, and too few hex digits. */
export function isNoise(bytes: Buffer): boolean {
  if (bytes.length > MAX_LENGTH) return false;
  let text = 0;
  let digits = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    const kind = CLASS[byte] as number;
    if ((kind & HEX) !== 0 && ++digits === MIN_DIGITS) return false;
    if ((kind & NO_TEXT) === 0) {
      if (++text === MIN_TEXT) return false;
    } else if (byte !== 0 || bytes[at + 1] === 0) text = 0;
  }
  return true;
}
