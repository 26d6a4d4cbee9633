/** Byte classes, one table for all scanners: `CLASS[byte] & BASE64` and so on. */
export const BASE64 = 1;
export const HEX = 2;
/** What may stand between two hex digits of one dump: anything but letters and digits; `x` is looked at by itself. */
export const HEX_GAP = 4;
export const BASE32 = 8;
/** Control characters (white space not among them) and what is not ASCII: they end text. */
export const NO_TEXT = 16;
export const LETTER_X = 32;
/** What tokens consist of. */
export const WORD = 64;
/** What may stand between two short lines of one run: white space, quotes, what continues or quotes a line. */
export const LINE_GAP = 128;

export const CLASS: Uint8Array = build();

function build(): Uint8Array {
  const table = new Uint8Array(256);
  const mark = (chars: string, bit: number) => {
    for (const byte of Buffer.from(chars, 'latin1')) table[byte] = (table[byte] ?? 0) | bit;
  };
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_', BASE64);
  mark('0123456789abcdefABCDEF', HEX);
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567', BASE32);
  mark('xX', LETTER_X);
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_.~%=', WORD);
  mark(' \t\r\n"\'`,\\>*#|.', LINE_GAP);
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    if (!/[A-Za-z0-9]/.test(char)) mark(char, HEX_GAP);
    if ((byte < 0x20 && !/\s/.test(char)) || byte >= 0x7f) mark(char, NO_TEXT);
  }
  return table;
}
