/**
 * What is looked for in decoded bytes before all that is looked for in a text: most of what looks like digits is none, and
 * bytes in which nothing can be found show it in a few instructions (assembly/dull.asm.ts). Something may be found where
 *
 * - MIN_TEXT bytes of text are in a row, or a dump is: no other decoder makes anything of less (isNoise);
 * - LEAST_ALIKE bytes in a row have the same highest bit: every match of a detector has as many characters of text in a row,
 *   as it is or XORed with one byte; but for
 * - a scheme before `://` (as it is, XORed or reversed), since anything may be in a password; and
 * - what compressed data and keys in DER begin with: the literals that are given to `compileBegins`.
 */
import { CLASS, NO_TEXT } from '../classes.ts';

/** As in dull.asm.ts. */
export const LEAST_ALIKE = 16;

/** Bytes of a literal that are looked for. */
const BEGIN = 3;
const SETS = 8;

/** Whether a literal may tell something without text around it. */
export function isStrange(literal: string): boolean {
  return (
    literal.length < LEAST_ALIKE && [...literal].some((char) => ((CLASS[char.charCodeAt(0)] as number) & NO_TEXT) !== 0)
  );
}

/** For each of the first three bytes two tables by nibble, of which entries have the bits of the sets that the byte is in. */
export function compileBegins(literals: readonly string[]): Uint8Array {
  const nibbles = literals.map((literal) =>
    Array.from({ length: BEGIN }, (_, at) => [literal.charCodeAt(at) & 15, literal.charCodeAt(at) >> 4]).flat(),
  );
  const sets: Set<number>[][] = Array.from({ length: SETS }, () => Array.from({ length: 2 * BEGIN }, () => new Set()));
  for (const own of nibbles) {
    // The set that takes in least besides.
    const costs = sets.map((set) => sizeWith(set, own) - sizeWith(set, undefined));
    const best = sets[costs.indexOf(Math.min(...costs))] as Set<number>[];
    for (const [place, nibble] of own.entries()) best[place]?.add(nibble);
  }
  const tables = new Uint8Array(16 * 2 * BEGIN);
  for (const [set, places] of sets.entries()) {
    for (const [place, own] of places.entries()) {
      for (const nibble of own) tables[16 * place + nibble] = (tables[16 * place + nibble] as number) | (1 << set);
    }
  }
  return tables;
}

function sizeWith(set: readonly Set<number>[], nibbles: readonly number[] | undefined): number {
  return set.reduce((size, own, place) => {
    const more = nibbles !== undefined && !own.has(nibbles[place] as number) ? 1 : 0;
    return size * (own.size + more);
  }, 1);
}
