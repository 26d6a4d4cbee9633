import { maxEntropy } from '../scan/entropy.ts';
import { isInRun } from './grammar/drawn.ts';
import type { Match } from './types.ts';

export interface TokenShape {
  /** Matched from the literal on; no nested quantifiers (it must be linear). Sticky and case flags are added here. */
  pattern: string;
  /**
   * Least Shannon entropy (bits per character), which rules placeholders out; of the best prefix that matches, since the
   * sender chooses what stands behind a token.
   */
  minEntropy: number;
  /** True proves the token, whatever its entropy. False proves nothing: the sender can leave a checksum out. */
  checksum?: (token: string) => boolean;
  /** In a long run of random characters only the checksum counts: the literal is short enough to occur there by chance. */
  weakInRun?: (token: string) => boolean;
  /** Further condition, which text behind a token must never make false. */
  accept?: (token: string) => boolean;
}

/**
 * The `confirm` of a detector for a self-contained token. What stands around it does not count, the sender could put
 * anything there; but for `weakInRun`.
 */
export function token(shape: TokenShape): (text: string, at: number, foldCase: boolean) => Match | undefined {
  const shortest = shape.pattern.replaceAll(/(\{\d+,\d+\})/g, '$1?');
  const patterns = [shape.pattern, shortest].map((pattern) => [new RegExp(pattern, 'y'), new RegExp(pattern, 'iy')]);
  return (text, at, foldCase) => {
    const [longest, least] = patterns.map((pair) => pair[foldCase ? 1 : 0] as RegExp) as [RegExp, RegExp];
    const found = matchAt(longest, text, at);
    if (found === undefined) return undefined;
    const match = { start: at, end: at + found.length };
    if (shape.checksum?.(found) === true) return match;
    if (shape.weakInRun?.(found) === true && isInRun(text, at)) return undefined;
    if (shape.accept?.(found) === false) return undefined;
    const length = matchAt(least, text, at)?.length ?? found.length;
    if (maxEntropy(found, length) < shape.minEntropy) return undefined;
    return shape.weakInRun?.(found) === true ? { ...match, weak: true } : match;
  };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
