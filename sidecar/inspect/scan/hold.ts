import { Blocks } from './blocks.ts';

/** Bytes left of a block up to which they are copied before the next one, to go on with it. */
export const MAX_JOINED: number = 16 * 1024;

/**
 * Blocks that may not go on yet. A block is in one piece, and goes on in one: each write to a server costs a system call and
 * wakes it.
 */
export class HeldBlocks extends Blocks {
  /** Blocks, and what is left of the first, in order. */
  private blocks: Buffer[] = [];
  private released = 0;
  private received = 0;

  /** Bytes held. */
  get length(): number {
    return this.received - this.released;
  }

  /** The same; what may go on is taken between two blocks. */
  override *push(chunk: Buffer): Generator<Buffer, void, void> {
    this.received += chunk.length;
    yield* super.push(chunk);
  }

  protected override complete(): Buffer {
    const { blocks } = this;
    const left =
      blocks.length === 1 && (blocks[0] as Buffer).length <= MAX_JOINED ? (blocks.pop() as Buffer) : undefined;
    if (left !== undefined) this.chunks.unshift(left);
    const block = super.complete();
    blocks.push(block);
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
    // Of the block under way.
    super.complete();
    this.blocks = [];
    this.released = this.received;
  }
}
