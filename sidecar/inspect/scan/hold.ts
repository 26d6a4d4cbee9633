/**
 * Bytes that arrived and may not go on yet, cut into blocks at fixed offsets, so that what is found, and the work it takes,
 * cannot depend on how the sender cut them. A block is in one piece, and goes on in one: each write to a server costs a system
 * call and wakes it.
 */

/** Bytes left of a block up to which they are copied before the next one, to go on with it. */
export const MAX_JOINED: number = 16 * 1024;

export class HeldBlocks {
  private readonly size: number;
  /** What the block under way is made of. */
  private chunks: Buffer[] = [];
  private filled = 0;
  /** Blocks, and what is left of the first, in order. */
  private blocks: Buffer[] = [];
  private released = 0;
  private received = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** Bytes held. */
  get length(): number {
    return this.received - this.released;
  }

  /** Takes a chunk, and gives the blocks that it completes one after the other: what may go on is taken in between. */
  *push(chunk: Buffer): Generator<Buffer, void, void> {
    this.received += chunk.length;
    let rest = chunk;
    while (this.filled + rest.length >= this.size) {
      const wanted = this.size - this.filled;
      this.chunks.push(rest.subarray(0, wanted));
      rest = rest.subarray(wanted);
      yield this.complete();
    }
    if (rest.length === 0) return;
    this.chunks.push(rest);
    this.filled += rest.length;
  }

  /** The last, incomplete block. */
  end(): Buffer {
    return this.complete();
  }

  private complete(): Buffer {
    const { blocks, chunks } = this;
    const left =
      blocks.length === 1 && (blocks[0] as Buffer).length <= MAX_JOINED ? (blocks.pop() as Buffer) : undefined;
    if (left !== undefined) chunks.unshift(left);
    const block = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    blocks.push(block);
    this.chunks = [];
    this.filled = 0;
    return left === undefined ? block : block.subarray(left.length);
  }

  /** Gives up everything of the blocks before `offset` of the stream, in order. */
  releaseTo(offset: number): Buffer[] {
    const out: Buffer[] = [];
    let passed = 0;
    for (; passed < this.blocks.length && this.released < offset; passed++) {
      const block = this.blocks[passed] as Buffer;
      const wanted = offset - this.released;
      if (block.length > wanted) {
        out.push(block.subarray(0, wanted));
        this.blocks[passed] = block.subarray(wanted);
        this.released = offset;
        break;
      }
      if (block.length > 0) out.push(block);
      this.released += block.length;
    }
    this.blocks.splice(0, passed);
    return out;
  }

  /** Forgets everything. */
  clear(): void {
    this.chunks = [];
    this.filled = 0;
    this.blocks = [];
    this.released = this.received;
  }
}
