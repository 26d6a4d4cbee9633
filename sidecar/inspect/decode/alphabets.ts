/** Alphabets of encodings in fewer symbols than bytes: which value a character has. */

const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';

/** In the order of the tables; found.asm.ts has the same numbers. */
const ALPHABETS: readonly string[] = [
  // RFC 1924, as Git and Python's b85encode use it.
  `${DIGITS}${UPPER}${LOWER}!#$%&()*+-;<=>?@^_\`{|}~`,
  // Adobe's ascii85 (PostScript Language Reference, 3.13.3).
  Array.from({ length: 85 }, (_, value) => String.fromCharCode(33 + value)).join(''),
  // ZeroMQ RFC 32.
  `${DIGITS}${LOWER}${UPPER}.-:+=^!/*?&<>()[]{}@%$#`,
  // Henke's basE91.
  `${UPPER}${LOWER}${DIGITS}!#$%&()*+,./:;<=>?@[]^_\`{|}~"`,
  // RFC 9285.
  `${DIGITS}${UPPER} $%*+-./:`,
  // Bitcoin's.
  `123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz`,
  // RFC 4648, 6; in either case.
  `${UPPER}234567`,
];

/** The value of what is no digit. */
export const NO_DIGIT = 0xff;

/** A table of 256 values for each alphabet. */
export const DIGIT_VALUES: Uint8Array = build();

function build(): Uint8Array {
  const tables = new Uint8Array(256 * ALPHABETS.length).fill(NO_DIGIT);
  ALPHABETS.forEach((alphabet, table) => {
    for (let value = 0; value < alphabet.length; value++) tables[256 * table + alphabet.charCodeAt(value)] = value;
  });
  const base32 = 256 * (ALPHABETS.length - 1);
  for (let value = 0; value < 26; value++) tables[base32 + 0x61 + value] = value;
  return tables;
}

/** The encodings that a search finds, by number: as in found.asm.ts. */
export const CODEC = {
  base85: 0,
  ascii85: 1,
  z85: 2,
  base91: 3,
  base45: 4,
  base58: 5,
  base32: 6,
  uuencode: 7,
  pieces: 8,
};
