import { TooComplex } from '../budget.ts';
import { CLASS, NO_TEXT } from '../scan/classes.ts';
import { entropy } from '../scan/entropy.ts';
import type { RunScanner } from '../scan/types.ts';

/**
 * Characters of text that may stand below the last decoder: by chance, 25 of random bytes are text once in ten thousand
 * million places, and the shortest secret (an AWS key id) in base64 has 27. A registry login has 23, and one more when
 * its run goes on behind the padding.
 */
export const MAX_UNDECODED_TEXT = 24;
/** Bits per character from which on it is text: the digit 3 over and over, in hex, is the digit 3 again. */
const MIN_ENTROPY = 1.5;
/** Characters that are lower than those before them: of 25 random ones half are, in a table of characters next to none. */
const MIN_DESCENTS = 4;

/** Stands where no decoder may follow: when one more was undone and text came out, it is refused. */
export class DepthGuard implements RunScanner {
  /** Characters, and whether a NUL (of UTF-16) followed the last. */
  private run = 0;
  private hasNul = false;
  private at = 0;

  scan(bytes: Buffer, base: number): void {
    for (let i = this.at - base; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      const isNul = byte === 0 && !this.hasNul;
      this.hasNul = isNul;
      if (isNul) continue;
      this.run = ((CLASS[byte] as number) & NO_TEXT) !== 0 ? 0 : this.run + 1;
      if (this.run <= MAX_UNDECODED_TEXT) continue;
      const text = bytes
        .toString('latin1', Math.max(0, i - 2 * MAX_UNDECODED_TEXT), i + 1)
        .replaceAll('\0', '')
        .slice(-this.run);
      if (entropy(text) >= MIN_ENTROPY && descents(text) >= MIN_DESCENTS)
        throw new TooComplex('encoded too many times over');
      this.run = 0;
    }
    this.at = base + bytes.length;
  }

  needed(): number {
    return Math.max(0, this.at - 2 * this.run - 1);
  }

  decided(): number {
    return this.needed();
  }

  restart(): void {
    this.run = 0;
    this.hasNul = false;
    this.at = 0;
  }
}

function descents(text: string): number {
  let count = 0;
  for (let at = 1; at < text.length; at++) if (text.charCodeAt(at) < text.charCodeAt(at - 1)) count++;
  return count;
}
