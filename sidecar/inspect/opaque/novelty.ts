/**
 * How much of a text was not in it before: what a compressor has to say. What single bytes tell (flat.ts) takes a thousand times the
 * same line for a thousand lines, and the sender of compressed data could hide as much behind them. Pure, but for a table that all
 * share.
 */

/** Binary logarithm of how many runs are remembered: what a compressor of 32 KiB knows, over all texts that are measured at a time. */
const TABLE_LOG = 14;
/** Runs of six bytes that were seen (shorter ones of digits have all been there soon), mixed with the number of their text. */
const seen = new Uint16Array(1 << TABLE_LOG);

/** Bytes that are taken at a time. */
export const MOST = 1024;
const fresh = new Uint8Array(MOST + 1);
const MULTIPLIER = 0x9e3779b1;
let texts = 0;

export class Novelty {
  readonly #salt = Math.imul(++texts, MULTIPLIER);
  /** The last four bytes, and the two before them. */
  #last = 0;
  #before = 0;
  #wasNew = 0;
  /** How often what was there came behind what was new; whoever reads it sets it to 0. */
  repeats = 0;

  /** @returns the bytes that end a run which was not there before; borrowed until the next call, of any text. At most MOST. */
  add(bytes: Uint8Array): Uint8Array {
    let last = this.#last;
    let before = this.#before;
    let wasNew = this.#wasNew;
    const salt = this.#salt;
    let length = 0;
    let repeats = 0;
    // Without a branch: which bytes are new is what cannot be foretold.
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      before = (before << 8) | (last >>> 24);
      last = (last << 8) | byte;
      const mixed = Math.imul(last, MULTIPLIER) ^ (before << 16) ^ salt;
      const place = (Math.imul(mixed, MULTIPLIER) ^ (mixed << 7)) >>> (32 - TABLE_LOG);
      const tag = mixed >>> 16;
      const isNew = (seen[place] as number) === tag ? 0 : 1;
      seen[place] = tag;
      fresh[length] = byte;
      length += isNew;
      repeats += wasNew & (isNew ^ 1);
      wasNew = isNew;
    }
    this.#last = last;
    this.#before = before;
    this.#wasNew = wasNew;
    this.repeats += repeats;
    return fresh.subarray(0, length);
  }
}
