import { entropy } from '../scan/entropy.ts';
import type { Match } from './types.ts';

export interface TokenShape {
  /** Matched from the literal on; no nested quantifiers (it must be linear). Sticky and case flags are added here. */
  pattern: string;
  /**
   * What may stand around the match. `any`: anything. `text`: not a long run of token characters before it, unless a
   * checksum proves it (large base64url bodies hold short prefixes by chance). `alone`: no token character on either side.
   */
  edges: 'any' | 'text' | 'alone';
  /** Least Shannon entropy (bits per character) of the match, which rules placeholders out. */
  minEntropy: number;
  /** True proves the token whatever stands before it. False proves nothing: the attacker can leave a checksum out. */
  checksum?: (token: string) => boolean;
  /** Further condition. */
  accept?: (token: string) => boolean;
}

const TOKEN_CHARACTER = /[A-Za-z0-9_-]/;
const TOKEN_RUN = /^[A-Za-z0-9_-]*$/;
/** Token characters before a match that are taken for a base64url body. */
export const LONG_RUN = 64;

/** The `confirm` of a detector for a self-contained token. */
export function token(shape: TokenShape): (text: string, at: number, foldCase: boolean) => Match | undefined {
  const exact = new RegExp(shape.pattern, 'y');
  const folded = new RegExp(shape.pattern, 'iy');
  return (text, at, foldCase) => {
    const pattern = foldCase ? folded : exact;
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined || entropy(found) < shape.minEntropy || shape.accept?.(found) === false) return undefined;
    const end = at + found.length;
    // In a DNS name the labels are run together: there are no edges to look for.
    if (shape.edges === 'any' || foldCase) return { start: at, end };
    if (shape.edges === 'alone') {
      const inside = TOKEN_CHARACTER.test(text.charAt(at - 1)) || TOKEN_CHARACTER.test(text.charAt(end));
      return inside ? undefined : { start: at, end };
    }
    const isRun = at >= LONG_RUN && TOKEN_RUN.test(text.slice(at - LONG_RUN, at));
    if (isRun && shape.checksum?.(found) !== true) return undefined;
    return { start: at, end };
  };
}
