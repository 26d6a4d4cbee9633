/** Formats as rows of data, and what is made of one. */

import { type Beside, besideIn } from '../beside.ts';
import { BASE64, BASE64URL } from '../samples.ts';
import type { Format, Match } from '../types.ts';
import { CHECKSUMS, type ChecksumName } from './checksums.ts';
import { isInRun, partsDrawn } from './drawn.ts';
import { anchorOf, chanceIn, longest, parseShapes, patternOf, placeholderOf, type Shape, sampleOf } from './shape.ts';

/** A token that is known by its own shape. */
export interface TokenFormat {
  /** In the grammar of shape.ts. */
  shape: string;
  checksum?: ChecksumName;
  /** No letter, digit, `-` or `_` may stand before it: binary data in base64 is full of what it begins with. */
  bounded?: boolean;
}

/**
 * Chance per character of random base64 (or base64url, which is rare in files) above which a shape proves nothing inside
 * such a run: its literal is short. A billionth is one false alarm in a gigabyte.
 */
export const MAX_CHANCE_IN_BASE64 = 1e-9;
export const MAX_CHANCE_IN_BASE64URL = 1e-8;

/** What a detector is made of: where its literals are and what each stands for. */
export interface CompiledFormat extends Format {
  literals: readonly string[];
  confirm(text: string, at: number, foldCase: boolean): Match | undefined;
  /** Characters that `confirm` reads at most. */
  reach: number;
  /** As in Detector. */
  isWord: boolean;
  /** What stands beside a literal that begins where its own does; absent: anything. */
  beside?(literal: string): Beside;
}

/** Compiles a token format: one compiled format for each alternative, so that each has its own literal. */
export function tokenFormats(format: TokenFormat | string): CompiledFormat[] {
  const { shape: text, checksum, bounded } = typeof format === 'string' ? { shape: format } : format;
  return parseShapes(text).map((shape) => compileShape(shape, checksum, bounded === true));
}

function compileShape(shape: Shape, checksumName: ChecksumName | undefined, bounded: boolean): CompiledFormat {
  const anchor = anchorOf(shape);
  const patterns = ['y', 'iy'].map((flags) => new RegExp(patternOf(shape, true), flags));
  const sizes = shape.flatMap((piece) => ('literal' in piece ? [] : [piece.alphabet.length]));
  const checksum = checksumName === undefined ? undefined : CHECKSUMS[checksumName];
  const weakInRun =
    chanceIn(shape, BASE64) > MAX_CHANCE_IN_BASE64 || chanceIn(shape, BASE64URL) > MAX_CHANCE_IN_BASE64URL;
  return {
    label: labelOf(shape),
    literals: [anchor.literal],
    reach: longest(shape.map((piece) => ('literal' in piece ? piece : { ...piece, max: piece.min }))),
    isWord: shape.every((piece) => !('literal' in piece) || /^[\w+/.~%=-]*$/.test(piece.literal)),
    beside: (literal) => besideIn(shape, anchor.literal, literal),
    weakInRun,
    bounded,
    sample: (seed) => checksum?.complete(sampleOf(shape, seed)) ?? sampleOf(shape, seed),
    placeholder: placeholderOf(shape),
    confirm(text, at, foldCase) {
      const start = at - anchor.offset;
      const pattern = patterns[foldCase ? 1 : 0] as RegExp;
      if (start < 0 || (bounded && /[A-Za-z0-9_-]/.test(text.charAt(start - 1)))) return undefined;
      pattern.lastIndex = start;
      const found = pattern.exec(text);
      if (found === null) return undefined;
      const match = { start, end: start + found[0].length };
      if (checksum?.holds(found[0]) === true) return match;
      if ((weakInRun || bounded) && isInRun(text, start)) return undefined;
      if (!partsDrawn(found.slice(1), foldCase ? sizes.map(foldedSize) : sizes)) return undefined;
      return weakInRun ? { ...match, weak: true } : match;
    },
  };
}

/** Characters of an alphabet when capitals are gone. */
function foldedSize(size: number): number {
  return size === 52 ? 26 : Math.min(size, 36);
}

/** The shape without what is drawn: `sk_live_…`. */
function labelOf(shape: Shape): string {
  return shape
    .map((piece) => ('literal' in piece ? piece.literal : '…'))
    .join('')
    .replace(/…([-.:]…){3,}/, '…');
}
