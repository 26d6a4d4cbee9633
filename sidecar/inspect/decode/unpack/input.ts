/** What a decompressor of our own is given, and how it says what it does: as a generator, which others interrupt at will. */

/**
 * Yields what came out, at most PIECE bytes at a time and none for a pause in long work; undefined: it wants more input.
 * Returns at the end of the data. Throws Damaged.
 */
export type Steps = Generator<Buffer | undefined, void, void>;

/** The data are not what their beginning says, are cut off, or of a variant that is not read. */
export class Damaged extends Error {
  override readonly name = 'Damaged';
}

/** Bytes that come out at a time, at most. */
export const PIECE: number = 64 * 1024;

/** Zeros behind the input, so that who reads a symbol need not look for the end in it. */
const ROOM = 256;
/** Bytes that may be looked at before they are needed. */
const READ_AHEAD = 3;

export class Input {
  /** Zeros stand from `length` on. */
  bytes: Buffer = Buffer.alloc(ROOM);
  at = 0;
  length = 0;
  /** No more will come. */
  isLast = false;
  private given = 0;
  /** What the bytes before this one become has come out, in what `taken` counts. */
  settled = 0;

  /** Bytes of all the input that were read. */
  get taken(): number {
    return this.given - this.length + this.at;
  }

  get left(): number {
    return this.length - this.at;
  }

  /** What was read so far has come out. */
  settle(): void {
    this.settled = this.taken;
  }

  add(bytes: Uint8Array): void {
    const kept = Math.max(0, this.left);
    const length = kept + bytes.length;
    const to = this.bytes.length >= length + ROOM ? this.bytes : Buffer.alloc(2 * length + ROOM);
    to.set(this.bytes.subarray(this.at, this.at + kept));
    to.set(bytes, kept);
    to.fill(0, length, length + ROOM);
    this.bytes = to;
    this.at = 0;
    this.length = length;
    this.given += bytes.length;
  }

  /** Waits for `count` bytes, and throws Damaged when they do not come. */
  *need(count: number): Steps {
    while (this.left < count) {
      if (this.isLast) throw new Damaged('cut off');
      yield undefined;
    }
  }

  /** Waits for `count` bytes, or for as many as there are; throws Damaged when more were read than there are. */
  *want(count: number): Steps {
    if (this.at - READ_AHEAD > this.length) throw new Damaged('cut off');
    while (this.left < count && !this.isLast) yield undefined;
  }

  byte(): number {
    return this.bytes[this.at++] as number;
  }
}
