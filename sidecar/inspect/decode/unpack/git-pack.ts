/**
 * The objects of a git pack (gitformat-pack(5)), as `git push` sends it: one after the other, a line end between them. Of a
 * delta, what it adds; what it copies from another object stands there.
 */
import { NodeInflater } from '../node-inflater.ts';
import { Delta } from './git-delta.ts';
import { Damaged, type Input, PIECE, type Steps } from './input.ts';

const HEADER = 12;
const NAMES: readonly number[] = [20, 32];

const OFFSET_DELTA = 6;
const NAMED_DELTA = 7;
/** Commits, trees, blobs and tags. */
const WHOLE: readonly number[] = [1, 2, 3, 4];

/** Objects that are read before others get their turn: each may be of a few bytes, and begins anew. */
export const OBJECTS_AT_ONCE = 16;

const NEW_LINE = Buffer.from('\n');
const PAUSE = Buffer.alloc(0);

export class GitPack {
  readonly memory: number = 2 * PIECE;
  private readonly input: Input;
  private out: Buffer[] = [];
  private outBytes = 0;
  private delta: Delta | undefined;

  constructor(input: Input) {
    this.input = input;
  }

  *steps(): Steps {
    const { input } = this;
    yield* input.need(HEADER);
    const count = input.bytes.readUInt32BE(input.at + 8);
    input.at += HEADER;
    const inflater = new NodeInflater('zlib');
    try {
      for (let n = 1; n <= count; n++) {
        yield* this.header();
        yield* this.object(inflater);
        this.add(NEW_LINE);
        if (n % OBJECTS_AT_ONCE === 0) yield PAUSE;
      }
    } finally {
      inflater.close();
    }
    yield* this.pass();
    input.settle();
  }

  take(): Buffer {
    const taken = Buffer.concat(this.out, this.outBytes);
    this.out = [];
    this.outBytes = 0;
    return taken;
  }

  private add(bytes: Buffer): void {
    this.out.push(bytes);
    this.outBytes += bytes.length;
  }

  /** Type and length, and of a delta what it is made from. */
  private *header(): Steps {
    const { input } = this;
    yield* this.more();
    const type = (input.byte() >> 4) & 7;
    if ((this.last() & 0x80) !== 0) yield* this.number();
    this.delta = type === OFFSET_DELTA || type === NAMED_DELTA ? new Delta() : undefined;
    if (type === OFFSET_DELTA) yield* this.number();
    else if (type === NAMED_DELTA) yield* this.name();
    else if (!WHOLE.includes(type)) throw new Damaged('no such type of object');
  }

  /** A name of an object, by SHA-1 or SHA-256: zlib's header stands behind it. */
  private *name(): Steps {
    const { input } = this;
    for (const length of NAMES) {
      yield* this.more(length + 2);
      const header = input.bytes.readUInt16BE(input.at + length);
      if ((header & 0x0f00) !== 0x0800 || header % 31 !== 0) continue;
      input.at += length;
      return;
    }
    throw new Damaged('no compressed data behind a name');
  }

  private last(): number {
    return this.input.bytes[this.input.at - 1] as number;
  }

  /** Bytes up to one without its highest bit. */
  private *number(): Steps {
    do {
      yield* this.more();
      this.input.at++;
    } while ((this.last() & 0x80) !== 0);
  }

  private *object(inflater: NodeInflater): Steps {
    const { input } = this;
    inflater.reset();
    while (!inflater.ended) {
      yield* this.more();
      const from = input.at - inflater.taken;
      inflater.give(input.bytes.subarray(input.at, input.length));
      for (let piece = inflater.next(); piece !== undefined; piece = inflater.next()) {
        this.add(this.delta === undefined ? piece : this.delta.added(piece));
        if (this.outBytes >= PIECE) yield* this.pass();
      }
      input.at = from + inflater.taken;
    }
    if (inflater.isDamaged) throw new Damaged('an object is damaged');
  }

  /** Gives away what came out, a piece at a time. */
  private *pass(): Steps {
    const all = this.take();
    for (let at = 0; at < all.length; at += PIECE) yield all.subarray(at, at + PIECE);
  }

  /** Waits for `count` bytes; what came of those before is given away first. */
  private *more(count = 1): Steps {
    const { input } = this;
    if (input.left >= count) return;
    if (this.outBytes > 0) yield* this.pass();
    input.settle();
    yield* input.need(count);
  }
}
