/** Byte classes, one table for all scanners: `CLASS[byte] & BASE64` and so on. */
export const BASE64 = 1;
export const HEX = 2;
/** What may stand between two hex digits of one dump (delimiters, `\x`, `0x`), but for `x` itself. */
export const HEX_GAP = 4;
export const BASE32 = 8;
export const PRINTABLE = 16;
export const LETTER_X = 32;

export const CLASS: Uint8Array = build();

function build(): Uint8Array {
  const table = new Uint8Array(256);
  const mark = (chars: string, bit: number) => {
    for (const byte of Buffer.from(chars, 'latin1')) table[byte] = (table[byte] ?? 0) | bit;
  };
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_', BASE64);
  mark('0123456789abcdefABCDEF', HEX);
  mark(' \t\r\n:,;-.|_=&#\\"\'', HEX_GAP);
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567', BASE32);
  mark('xX', LETTER_X);
  for (let byte = 0x21; byte < 0x7f; byte++) table[byte] = (table[byte] ?? 0) | PRINTABLE;
  return table;
}
