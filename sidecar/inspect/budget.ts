/**
 * The work one message may cause. Decoding multiplies bytes (four alignments, four levels), so work is allowed in
 * proportion to what was sent; who makes it grow faster is refused, not let through.
 */

/** Bytes of decoding and confirming that any message may cost. */
export const WORK_FLOOR = 4 * 1024 * 1024;
/** Further bytes of work for each byte of the message. Base64 in base64, four deep, costs 8. */
export const WORK_PER_BYTE = 16;

/** Thrown from inside the scanners; the message turns it into `tooComplex`. */
export class TooComplex extends Error {
  override readonly name = 'TooComplex';
}

export class WorkBudget {
  private left: number;

  constructor(floor: number = WORK_FLOOR) {
    this.left = floor;
  }

  /** `bytes` of the message arrived. */
  grant(bytes: number): void {
    this.left += bytes * WORK_PER_BYTE;
  }

  /** `bytes` are about to be worked on. Throws TooComplex when that exceeds what was granted. */
  charge(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw new TooComplex('the work budget of the message is spent');
  }
}
