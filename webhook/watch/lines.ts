/** A stream of JSON documents, one a line, as a watch sends them. Pure. */

/** Bytes of one line: etcd holds no object of more than 1.5 MiB, and JSON of it may be larger. */
export const MAX_LINE_BYTES: number = 16 * 1024 * 1024;

export class Lines {
  #parts: Buffer[] = [];
  #size = 0;

  /** The lines that `chunk` completes. Throws RangeError for one of more than MAX_LINE_BYTES. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#hold(chunk.subarray(start, end));
      const line = Buffer.concat(this.#parts).toString('utf8');
      if (line !== '') lines.push(line);
      this.#parts = [];
      this.#size = 0;
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
    return lines;
  }

  #hold(part: Buffer): void {
    if (part.length === 0) return;
    this.#size += part.length;
    if (this.#size > MAX_LINE_BYTES) throw new RangeError(`a line of more than ${MAX_LINE_BYTES} bytes`);
    this.#parts.push(part);
  }
}
