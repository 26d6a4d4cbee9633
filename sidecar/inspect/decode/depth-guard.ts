import { TooComplex } from '../budget.ts';
import { BASE64, CLASS } from '../scan/classes.ts';
import type { RunScanner } from '../scan/layer.ts';

/** A run this long below the last decoder is encoding again, not a word. */
export const MAX_UNDECODED_RUN = 64;

/** Stands where no decoder may follow: what still looks encoded is refused. */
export class DepthGuard implements RunScanner {
  private run = 0;
  private at = 0;

  scan(bytes: Buffer, base: number): void {
    for (let i = this.at - base; i < bytes.length; i++) {
      this.run = ((CLASS[bytes[i] as number] as number) & BASE64) === 0 ? 0 : this.run + 1;
      if (this.run > MAX_UNDECODED_RUN) throw new TooComplex('encoded too many times over');
    }
    this.at = base + bytes.length;
  }

  needed(): number {
    return this.at;
  }

  decided(): number {
    return this.at;
  }

  restart(): void {
    this.run = 0;
    this.at = 0;
  }
}
