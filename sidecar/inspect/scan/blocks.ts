/**
 * Cuts a stream into blocks at fixed offsets, so that what is found, and the work it takes, cannot depend on how the
 * sender cut it.
 */
export class Blocks {
  private readonly size: number;
  /** What the block under way is made of. */
  protected chunks: Buffer[] = [];
  private filled = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** Takes a chunk, and gives the blocks that it completes one after the other. */
  *push(chunk: Buffer): Generator<Buffer, void, void> {
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

  protected complete(): Buffer {
    const { chunks } = this;
    this.chunks = [];
    this.filled = 0;
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  }
}
