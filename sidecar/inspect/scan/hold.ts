/** Bytes that arrived and may not go on yet. They are not copied. */
export class HeldBytes {
  private chunks: Buffer[] = [];
  private released = 0;
  private received = 0;

  /** Bytes held. */
  get length(): number {
    return this.received - this.released;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.received += chunk.length;
  }

  /** Gives up everything before `offset` of the stream, in order. */
  releaseTo(offset: number): Buffer[] {
    const out: Buffer[] = [];
    let passed = 0;
    for (; passed < this.chunks.length && this.released < offset; passed++) {
      const chunk = this.chunks[passed] as Buffer;
      const wanted = offset - this.released;
      if (chunk.length > wanted) {
        out.push(chunk.subarray(0, wanted));
        this.chunks[passed] = chunk.subarray(wanted);
        this.released = offset;
        break;
      }
      out.push(chunk);
      this.released += chunk.length;
    }
    this.chunks.splice(0, passed);
    return out;
  }

  /** Forgets everything. */
  clear(): void {
    this.chunks = [];
    this.released = this.received;
  }
}
