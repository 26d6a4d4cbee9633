/**
 * The grammar in which the formats of tokens are written: literal text, `{a20}` for twenty characters of the alphabet
 * `a`, `{a20-40}` for twenty to forty, `{U}` for a UUID, `(x|y)` for either text. `sk_live_{w24-247}` reads: `sk_live_`,
 * then 24 to 247 letters and digits.
 */
import { BASE32, BASE62, BASE64, BASE64URL, characters, DIGITS, LOWER, UPPER } from '../samples.ts';

/** Alphabets by their letter. */
export const ALPHABETS: Readonly<Record<string, string>> = {
  d: DIGITS,
  x: `${DIGITS}abcdef`,
  X: `${DIGITS}ABCDEF`,
  l: LOWER,
  u: UPPER,
  a: `${DIGITS}${LOWER}`,
  A: `${DIGITS}${UPPER}`,
  L: `${UPPER}${LOWER}`,
  w: BASE62,
  b: BASE64,
  v: BASE64URL,
  t: `${BASE62}_.-`,
  s: `${BASE62}_~.-`,
  z: BASE32.toLowerCase(),
  Z: BASE32,
  /** Base64 of which `+` and `=` are percent-encoded. */
  p: `${BASE62}%`,
  /** Bech32 in capitals (BIP 173). */
  q: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
};

export type Piece = { literal: string } | { alphabet: string; min: number; max: number };

/** One format without alternatives. */
export type Shape = readonly Piece[];

const UUID = '{x8}-{x4}-{x4}-{x4}-{x12}';

/** The shapes that `text` stands for. Throws a RangeError for what is not of the grammar. */
export function parseShapes(text: string): Shape[] {
  return alternatives(text.replaceAll('{U}', UUID)).map(parse);
}

function alternatives(text: string): string[] {
  const group = /\(([^()]*)\)/.exec(text);
  if (group === null) return [text];
  const before = text.slice(0, group.index);
  const after = text.slice(group.index + group[0].length);
  return (group[1] ?? '').split('|').flatMap((option) => alternatives(`${before}${option}${after}`));
}

function parse(text: string): Shape {
  const pieces: Piece[] = [];
  for (const part of text.split(/(\{[^}]*\})/)) {
    if (part === '') continue;
    if (!part.startsWith('{')) {
      pieces.push({ literal: part });
      continue;
    }
    const found = /^\{(\w)(\d+)(?:-(\d+))?\}$/.exec(part);
    const alphabet = ALPHABETS[found?.[1] ?? ''];
    if (found === null || alphabet === undefined) throw new RangeError(`"${part}" in "${text}" is no part of a format`);
    const min = Number(found[2]);
    pieces.push({ alphabet, min, max: Number(found[3] ?? min) });
  }
  return pieces;
}

/** The longest literal whose distance from the start is fixed. Throws a RangeError when there is none. */
export function anchorOf(shape: Shape): { literal: string; offset: number } {
  let offset = 0;
  let best: { literal: string; offset: number } | undefined;
  for (const piece of shape) {
    if ('literal' in piece) {
      if (best === undefined || piece.literal.length > best.literal.length) best = { literal: piece.literal, offset };
      offset += piece.literal.length;
    } else if (piece.min === piece.max) offset += piece.min;
    else break;
  }
  if (best === undefined) throw new RangeError('a format needs a literal at a fixed place');
  return best;
}

/** Source of a regular expression; what is drawn at random is captured. `least`: as few characters as the shape allows. */
export function patternOf(shape: Shape, least: boolean): string {
  return shape
    .map((piece) => {
      if ('literal' in piece) return exactly(piece.literal);
      const { alphabet, min, max } = piece;
      const count = min === max ? `{${min}}` : `{${min},${max}}${least ? '?' : ''}`;
      return `([${classOf(alphabet)}]${count})`;
    })
    .join('');
}

function classOf(alphabet: string): string {
  return alphabet.replace(/[-\\\]^]/g, '\\$&');
}

/** `text` as a pattern that matches it alone. */
export function exactly(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** Most characters that a text of this shape has. */
export function longest(shape: Shape): number {
  return shape.reduce((sum, piece) => sum + ('literal' in piece ? piece.literal.length : piece.max), 0);
}

/** A text of the shape, the same for the same seed. */
export function sampleOf(shape: Shape, seed: number): string {
  let at = seed;
  return shape
    .map((piece) => {
      if ('literal' in piece) return piece.literal;
      at += 101;
      const length = piece.min + (piece.max > piece.min ? Math.min(piece.max - piece.min, 8 + (seed % 5)) : 0);
      return characters(at, length, piece.alphabet);
    })
    .join('');
}

/** A text of the shape in which nothing is drawn: what documentation writes. */
export function placeholderOf(shape: Shape): string {
  return shape
    .map((piece) =>
      'literal' in piece
        ? piece.literal
        : (piece.alphabet.includes('x') ? 'x' : piece.alphabet.charAt(0)).repeat(piece.min),
    )
    .join('');
}

/** Chance that the shape begins at a given character of text drawn from `alphabet` (64 characters of base64). */
export function chanceIn(shape: Shape, alphabet: string): number {
  let log = 0;
  for (const piece of shape) {
    if ('literal' in piece) {
      for (const char of piece.literal) if (!alphabet.includes(char)) return 0;
      log -= piece.literal.length * Math.log2(alphabet.length);
    } else {
      const shared = [...piece.alphabet].filter((char) => alphabet.includes(char)).length;
      log += piece.min * Math.log2(shared / alphabet.length);
    }
  }
  return 2 ** log;
}
