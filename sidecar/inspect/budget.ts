/**
 * The work one message may cause. Decoding multiplies bytes (four alignments, four levels), so work is allowed in
 * proportion to what was sent; who makes it grow faster is refused, not let through.
 */

/** Bytes of decoding and confirming that any message may cost. */
export const WORK_FLOOR = 1024 * 1024;
/** Further bytes of work for each byte of the message. Base64 in base64, four deep, costs 8; source maps up to 17. */
export const WORK_PER_BYTE = 20;

/** Decoded bytes for each encoded one up to which a content encoding earns WORK_PER_BYTE for what it decodes to. */
export const ORDINARY_RATIO = 32;
/** What it earns beyond that: enough to be read. */
export const WORK_PER_INFLATED_BYTE = 4;

/** Bytes that compressed data in a message may become in all, however deep it is. */
export const INFLATED_FLOOR: number = 4 * 1024 * 1024;
/**
 * Further bytes for each byte of the message, or of what its content encoding made up to ORDINARY_RATIO; beyond that it is a
 * bomb. Lists in JSON shrink to a twentieth, and to less in places.
 */
export const INFLATED_PER_BYTE = 64;

/** Bytes that the decompressors of one message may hold at once: the windows of three that ask for 8 MiB each, or of one for 16. */
export const MAX_DECODER_MEMORY: number = 32 * 1024 * 1024;

/** Thrown from inside the scanners; the message turns it into `tooComplex`. */
export class TooComplex extends Error {
  override readonly name = 'TooComplex';
}

/** Why a message is refused when this went wrong: whatever it is, nothing passes. */
export function refusalOf(error: unknown): string {
  return error instanceof TooComplex ? error.message : `the inspection failed: ${String(error)}`;
}

/** What a message has left of its budget, and what that depends on. */
export interface BudgetState {
  left: number;
  received: number;
  inflated: number;
  unpacked: number;
}

/** What decompressors hold together, in bytes. */
export class DecoderMemory {
  private readonly max: number;
  /** Of others, which count too. */
  private readonly shared: DecoderMemory | undefined;
  held = 0;

  constructor(max: number, shared?: DecoderMemory) {
    this.max = max;
    this.shared = shared;
  }

  /** So many bytes more, or less. Throws TooComplex, and then it is as it was. */
  hold(bytes: number): void {
    if (bytes > 0 && this.held + bytes > this.max) throw new TooComplex('decompression needs too much memory');
    this.shared?.hold(bytes);
    this.held += bytes;
  }
}

export class WorkBudget {
  private left: number;
  private received: number;
  private inflated: number;
  private unpacked: number;
  private readonly decoders: DecoderMemory;

  /** `shared`: that of several messages. */
  constructor(
    { left = WORK_FLOOR, received = 0, inflated = 0, unpacked = 0 }: Partial<BudgetState> = {},
    shared?: DecoderMemory,
  ) {
    this.decoders = new DecoderMemory(MAX_DECODER_MEMORY, shared);
    this.left = left;
    this.received = received;
    this.inflated = inflated;
    this.unpacked = unpacked;
  }

  /** For whoever goes on with the message elsewhere. */
  get state(): BudgetState {
    const { inflated, left, received, unpacked } = this;
    return { inflated, left, received, unpacked };
  }

  /** `bytes` of the message arrived. */
  grant(bytes: number): void {
    this.left += bytes * WORK_PER_BYTE;
    this.received += bytes;
  }

  /** A content encoding made `bytes` of what had arrived. */
  grantInflated(bytes: number): void {
    const ordinary = Math.max(0, Math.min(bytes, this.received * ORDINARY_RATIO - this.inflated));
    this.left += ordinary * WORK_PER_BYTE + (bytes - ordinary) * WORK_PER_INFLATED_BYTE;
    this.inflated += bytes;
  }

  /** Compressed data in the message became `bytes`. Throws TooComplex when that is a bomb's. */
  unpack(bytes: number): void {
    this.unpacked += bytes;
    const read = this.received + Math.min(this.inflated, this.received * ORDINARY_RATIO);
    if (this.unpacked > INFLATED_FLOOR + INFLATED_PER_BYTE * read)
      throw new TooComplex('compressed data grows too much');
    const ordinary = Math.max(0, Math.min(bytes, read * ORDINARY_RATIO - this.unpacked));
    this.left += ordinary * WORK_PER_BYTE + (bytes - ordinary) * WORK_PER_INFLATED_BYTE;
  }

  /** Decompressors hold so many bytes more, or less. Throws TooComplex. */
  hold(bytes: number): void {
    this.decoders.hold(bytes);
  }

  /** Bytes that decompressors hold. */
  get memory(): number {
    return this.decoders.held;
  }

  /** `bytes` are about to be worked on. Throws TooComplex when that exceeds what was granted. */
  charge(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw new TooComplex('the work budget of the message is spent');
  }
}
