import { TooComplex } from '../budget.ts';
import { BASE64, CLASS } from '../scan/classes.ts';
import { entropy } from '../scan/entropy.ts';
import type { RunScanner } from '../scan/layer.ts';

/** A run this long below the last decoder is encoding again, not a word. */
export const MAX_UNDECODED_RUN = 64;
/** Bits per character from which on it is: the digit 3 over and over, in hex, is the digit 3 again. */
const MIN_ENTROPY = 1.5;

/** Stands where no decoder may follow: what still looks encoded is refused. */
export class DepthGuard implements RunScanner {
  private run = 0;
  private at = 0;

  scan(bytes: Buffer, base: number): void {
    for (let i = this.at - base; i < bytes.length; i++) {
      this.run = ((CLASS[bytes[i] as number] as number) & BASE64) === 0 ? 0 : this.run + 1;
      if (this.run <= MAX_UNDECODED_RUN) continue;
      const run = bytes.toString('latin1', i - MAX_UNDECODED_RUN, i + 1);
      if (entropy(run) >= MIN_ENTROPY) throw new TooComplex('encoded too many times over');
      this.run = 0;
    }
    this.at = base + bytes.length;
  }

  needed(): number {
    return this.at - this.run;
  }

  decided(): number {
    return this.needed();
  }

  restart(): void {
    this.run = 0;
    this.at = 0;
  }
}
