/** Small pieces of a stream joined: each one that is held alone costs a few hundred bytes, however short it is. */

/** Pieces from this many bytes on are worth their overhead and passed on as they are; shorter ones are joined up to it. */
export const PIECE_BYTES = 4 * 1024;

export class Coalescer {
  /** The first short piece as it came; the buffer that it was copied into once there was a second. */
  #tail: Buffer | undefined;
  #buffer: Buffer | undefined;
  #length = 0;

  /** Pieces that may go on now, in order; short ones are kept for more to come. */
  push(chunk: Buffer): Buffer[] {
    if (chunk.length === 0) return [];
    if (chunk.length >= PIECE_BYTES) return [...this.flush(), chunk];
    this.#add(chunk);
    return this.#length < PIECE_BYTES ? [] : this.flush();
  }

  /** What was kept, as one piece; none when nothing was. */
  flush(): Buffer[] {
    if (this.#length === 0) return [];
    const piece = this.#buffer ? this.#buffer.subarray(0, this.#length) : (this.#tail as Buffer);
    this.#tail = undefined;
    this.#buffer = undefined;
    this.#length = 0;
    return [piece];
  }

  #add(chunk: Buffer): void {
    if (this.#length === 0) this.#tail = chunk;
    else {
      if (!this.#buffer) {
        // Two pieces that are each too short fit.
        this.#buffer = Buffer.allocUnsafe(2 * PIECE_BYTES);
        this.#tail?.copy(this.#buffer);
        this.#tail = undefined;
      }
      chunk.copy(this.#buffer, this.#length);
    }
    this.#length += chunk.length;
  }
}
