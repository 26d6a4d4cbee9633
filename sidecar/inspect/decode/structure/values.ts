/** Values of a structure on their way to be read one after the other. */

/** The first place from `from` on at which a soft line end, or an escaped `=`, is in what is taken; its length for none. */
export type NextBreak = (from: number) => number;

/** What takes a text in order and gives its values joined. */
export interface Structure {
  /** Undefined: the text is of another kind after all. */
  take(bytes: Buffer, nextBreak: NextBreak): Buffer | undefined;
  /** Nothing goes on behind what was given. */
  readonly isBetween?: boolean;
}

/** Bytes of a value at most; a secret in pieces has shorter ones. */
export const MAX_VALUE = 4096;

const NEW_LINE = 0x0a;
const BLANK = 0x20;

/** Joins values that are one word; what is longer, or has blanks in it, is a line's end instead. `all`: joins those too, as they are. */
export class Values {
  private readonly all: boolean;
  private out: number[] = [];
  private value: number[] = [];
  private isWord = true;
  private hasEnded = false;

  constructor(all: boolean) {
    this.all = all;
  }

  add(byte: number): void {
    if (this.all) {
      this.value.push(byte);
      this.hasEnded ||= byte > BLANK;
      return;
    }
    if (byte <= BLANK) {
      // Blanks around it do not count.
      this.hasEnded ||= this.value.length > 0;
      return;
    }
    if (this.hasEnded || this.value.length >= MAX_VALUE) this.isWord = false;
    if (this.isWord) this.value.push(byte);
  }

  /** The value is complete. */
  end(): void {
    if (!this.isWord) this.out.push(NEW_LINE);
    // Blanks alone are how the structure is written.
    else if (!this.all || this.hasEnded) for (const byte of this.value) this.out.push(byte);
    this.value = [];
    this.isWord = true;
    this.hasEnded = false;
  }

  take(): Buffer {
    const taken = Buffer.from(this.out);
    this.out = [];
    return taken;
  }
}
