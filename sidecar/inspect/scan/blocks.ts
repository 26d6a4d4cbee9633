/**
 * Cuts a stream into blocks at fixed offsets, so that what is found, and the work it takes, cannot depend on how the
 * sender cut it.
 */
export class Blocks {
  private readonly size: number;
  private chunks: Buffer[] = [];
  private length = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** Takes a chunk and returns the blocks it completes. */
  push(chunk: Buffer): Buffer[] {
    const blocks: Buffer[] = [];
    let rest = chunk;
    while (this.length + rest.length >= this.size) {
      const wanted = this.size - this.length;
      const head = rest.subarray(0, wanted);
      blocks.push(this.chunks.length === 0 ? head : Buffer.concat([...this.chunks, head], this.size));
      this.chunks = [];
      this.length = 0;
      rest = rest.subarray(wanted);
    }
    if (rest.length > 0) {
      this.chunks.push(rest);
      this.length += rest.length;
    }
    return blocks;
  }

  /** The last, incomplete block. */
  end(): Buffer {
    const last = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks, this.length);
    this.chunks = [];
    this.length = 0;
    return last;
  }
}
