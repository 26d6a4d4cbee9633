import { entropy } from '../scan/entropy.ts';
import type { Match } from './types.ts';

export interface TokenShape {
  /** Matched from the literal on; no nested quantifiers (it must be linear). Sticky and case flags are added here. */
  pattern: string;
  /**
   * What must not be a token character: nothing, the character before, or both neighbours. Short prefixes over a wide
   * alphabet need it, else a large base64 body holds them by chance.
   */
  edges: 'none' | 'before' | 'both';
  /** Least Shannon entropy (bits per character) of the match, which rules placeholders out. */
  minEntropy: number;
  /** True proves the token whatever stands before it. False proves nothing: the attacker can leave a checksum out. */
  checksum?: (token: string) => boolean;
  /** Further condition. */
  accept?: (token: string) => boolean;
}

const TOKEN_CHARACTER = /[A-Za-z0-9_-]/;

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
    if (shape.edges !== 'none' && !foldCase && TOKEN_CHARACTER.test(text.charAt(at - 1))) {
      if (shape.checksum?.(found) !== true) return undefined;
    }
    if (shape.edges === 'both' && TOKEN_CHARACTER.test(text.charAt(end))) return undefined;
    return { start: at, end };
  };
}
