/**
 * What stands directly beside a literal wherever its detector finds something. Most literals are in ordinary text too, and
 * there something else stands beside them: the search leaves those out by itself.
 */
import { LEAST_ALIKE } from '../scan/simd/dull.ts';
import { type Piece, parseShapes, type Shape } from './grammar/shape.ts';

/** Sets of characters; each holds those before it, up to WORDS. All are the same in either case. */
export const HEX_DIGITS = 1;
export const LETTERS_AND_DIGITS = 2;
export const BASE64URL_DIGITS = 4;
/** What tokens consist of. */
export const WORDS = 8;
/** What a URL has before its host: a user and a password. */
export const USER_INFO = 16;

const MEMBERS: readonly (readonly [number, RegExp])[] = [
  [HEX_DIGITS, /[0-9A-Fa-f]/],
  [LETTERS_AND_DIGITS, /[0-9A-Za-z]/],
  [BASE64URL_DIGITS, /[0-9A-Za-z_-]/],
  [WORDS, /[0-9A-Za-z+/_.~%=-]/],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as credentials.ts tells where a URL has none
  [USER_INFO, /[^\x00-\x22/<>?]/],
];

/** The sets that a byte is in. */
export const SETS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  MEMBERS.reduce((sets, [set, members]) => sets | (members.test(String.fromCharCode(byte)) ? set : 0), 0),
);

/** At least `count` characters of a set; with `until` up to so many, and then that one. */
export interface Row {
  set: number;
  count: number;
  until?: string;
}

export interface Beside {
  before: Row;
  behind: Row;
}

export const ANYTHING: Row = { set: WORDS, count: 0 };

export const NOTHING_KNOWN: Beside = { before: ANYTHING, behind: ANYTHING };

/**
 * What stands beside `literal` in a shape that has `anchor` at its place: the same, a longer one or, of which less is behind
 * it, a shorter one.
 */
export function besideIn(shape: Shape, anchor: string, literal: string): Beside {
  const index = shape.findIndex((piece) => 'literal' in piece && piece.literal === anchor);
  const rest = { literal: anchor.slice(literal.length) };
  const { set, count } = rowOf([rest, ...shape.slice(index + 1)]);
  const behind = { set, count: Math.max(0, count - Math.max(0, literal.length - anchor.length)) };
  return { before: rowOf(shape.slice(0, index).reverse()), behind };
}

/** What stands beside `literal` in texts of any of `shapes`, in the grammar of shape.ts. */
export function besideInAny(shapes: readonly string[], literal: string): Beside {
  const all = shapes
    .flatMap(parseShapes)
    .filter((shape) => shape.some((piece) => 'literal' in piece && piece.literal === literal));
  return either(all.map((shape) => besideIn(shape, literal, literal)));
}

/** What holds wherever one of `all` does. */
export function either(all: readonly Beside[]): Beside {
  return { before: eitherRow(all.map(({ before }) => before)), behind: eitherRow(all.map(({ behind }) => behind)) };
}

function eitherRow(rows: readonly Row[]): Row {
  if (rows.length === 1) return rows[0] as Row;
  if (rows.length === 0 || rows.some(({ set }) => set > WORDS)) return ANYTHING;
  return { set: Math.max(...rows.map(({ set }) => set)), count: Math.min(...rows.map(({ count }) => count)) };
}

/** The sets that a row may be of, and the bits that a character of one tells. */
const TELLING: readonly (readonly [number, number])[] = MEMBERS.slice(0, -1).map(([set]) => [
  set,
  Math.log2(256 / SETS.filter((sets) => (sets & set) !== 0).length),
]);

/** The sets that hold all characters of a text: there are few alphabets, and many shapes. */
const setsOfTexts = new Map<string, number>();
function setsOf(text: string): number {
  let sets = setsOfTexts.get(text);
  if (sets === undefined) {
    sets = Buffer.from(text, 'latin1').reduce((all, byte) => all & (SETS[byte] as number), 0xff);
    setsOfTexts.set(text, sets);
  }
  return sets;
}

/** Of the fewest characters that pieces have, so many from the first one on as tell most. */
function rowOf(pieces: readonly Piece[]): Row {
  let best = ANYTHING;
  let most = 0;
  for (const [set, bits] of TELLING) {
    let count = 0;
    for (const piece of pieces) {
      const isLiteral = 'literal' in piece;
      if ((setsOf(isLiteral ? piece.literal : piece.alphabet) & set) === 0) break;
      count += isLiteral ? piece.literal.length : piece.min;
    }
    const telling = count * bits;
    if (telling <= most) continue;
    most = telling;
    best = { set, count };
  }
  return best;
}

/** Whether LEAST_ALIKE characters in a row of `[from, to)` are ASCII: elsewhere most literals are not looked for. */
export function hasRow(text: string, from: number, to: number): boolean {
  let row = 0;
  for (let at = from; at < to; at++) {
    row = text.charCodeAt(at) < 0x80 ? row + 1 : 0;
    if (row === LEAST_ALIKE) return true;
  }
  return false;
}
