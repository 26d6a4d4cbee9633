/** What a delta of a git pack adds (gitformat-pack(5), "Deltified representation"). */

const SIZES = 2;
const NEW_LINE = 0x0a;

export class Delta {
  /** Sizes, of the base and of what is made of it, that are yet to be read. */
  private sizes = SIZES;
  /** Bytes of an addition, and of a copy's operands, that are yet to come. */
  private adds = 0;
  private skips = 0;

  /** Of the next bytes of the delta, what is added; a line end where something is copied. */
  added(bytes: Buffer): Buffer {
    const out = Buffer.allocUnsafe(bytes.length);
    let length = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (this.sizes > 0) {
        if ((byte & 0x80) === 0) this.sizes--;
      } else if (this.skips > 0) this.skips--;
      else if (this.adds > 0) {
        this.adds--;
        out[length++] = byte;
      } else if ((byte & 0x80) !== 0) {
        for (let bits = byte & 0x7f; bits > 0; bits &= bits - 1) this.skips++;
        out[length++] = NEW_LINE;
      } else this.adds = byte;
    }
    return out.subarray(0, length);
  }
}
