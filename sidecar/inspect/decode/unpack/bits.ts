/** Bits, the highest of each byte first. */
import type { Input } from './input.ts';

export class Bits {
  private readonly input: Input;
  private held = 0;
  private count = 0;

  constructor(input: Input) {
    this.input = input;
  }

  /** The next `count` bits, 24 at most; zeros behind the end of the input. */
  read(count: number): number {
    const value = this.peek(count);
    this.count -= count;
    return value;
  }

  peek(count: number): number {
    while (this.count < count) {
      this.held = (this.held << 8) | (this.input.bytes[this.input.at++] as number);
      this.count += 8;
    }
    return (this.held >>> (this.count - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.count -= count;
  }

  /** Gives whole bytes back that were not read. */
  rest(): void {
    this.input.at -= this.count >> 3;
    this.held >>>= this.count & ~7;
    this.count &= 7;
  }
}
