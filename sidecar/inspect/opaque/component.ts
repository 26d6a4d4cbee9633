/**
 * How much of some bytes one flat alphabet explains, whatever else is among them. Who sends random bytes may put others
 * between them: few values often, many values seldom, words. Those add to the counts of some bytes and leave the others at the
 * level that chance gives them, so the level is read where half of the bytes lie (the median by bytes, which neither a high
 * peak nor a long tail moves), and of each byte that reaches it no more is counted than chance would put there. Pure.
 */

/** Fewest different bytes that count: decimal numbers and DNA are drawn from fewer. */
export const MIN_ALPHABET = 16;
/** Bytes below which chance alone makes text look so. */
export const MIN_MIXED = 1024;
/**
 * What a sender may have to send for each random byte at most while half of them are still counted: a worse bargain is not
 * needed to say the same in words.
 */
export const EXPANSION = 1.5;
/** Most of a text that need be random, for alphabets that cost their sender more than EXPANSION by themselves. */
export const MOST_NEEDED = 0.85;

/** Share of the bytes, from the most frequent byte on, whose last count is the level. Above a half: a sender fills up to one. */
const LEVEL = 0.52;
/** Standard deviations of a count that chance gives and takes (Poisson: the root of the level). */
const SPREAD = 2;

/**
 * Share of a text that must be random to count, by the size of the alphabet. Of what a sender may send, `share` is random when
 * he writes it in that alphabet. He does best with some text just below the share that counts (s) and the rest without anything
 * else: half of his bytes are counted when s = share / (2 - share).
 */
export function neededOf(alphabet: number): number {
  if (alphabet < MIN_ALPHABET) return Number.POSITIVE_INFINITY;
  const share = Math.min(1, 8 / EXPANSION / Math.log2(alphabet));
  return Math.min(MOST_NEEDED, share / (2 - share));
}

const NEEDED = Float64Array.from({ length: 257 }, (_, size) => neededOf(size));

/** How many bytes occur so often; zeros between calls. */
let having = new Uint16Array(2 * MIN_MIXED);

/** What one flat alphabet explains of a text. */
export interface Component {
  /** Bytes that look drawn at random from it. */
  bytes: number;
  /** Different ones in that alphabet. */
  size: number;
  /** They are enough of the text to count. */
  isEnough: boolean;
}

/** `counts`: of each byte; `length`: their sum. */
export function flatComponent(counts: Uint32Array, length: number): Component {
  if (having.length <= length) having = new Uint16Array(2 * length);
  let most = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte] as number;
    if (count === 0) continue;
    (having[count] as number)++;
    if (count > most) most = count;
  }
  let level = most;
  let size = having[level] as number;
  for (let bytes = level * size; bytes < LEVEL * length; ) {
    level--;
    const symbols = having[level] as number;
    size += symbols;
    bytes += level * symbols;
  }
  const spread = SPREAD * Math.sqrt(level);
  const least = Math.max(1, Math.ceil(level - spread));
  const enough = level + spread;
  // Those at the level or above: what is more than enough is taken off.
  let bytes = size * enough;
  for (let count = Math.min(most, Math.floor(enough)); count >= level; count--) {
    bytes -= (enough - count) * (having[count] as number);
  }
  for (let count = level - 1; count >= least; count--) {
    const symbols = having[count] as number;
    size += symbols;
    bytes += count * symbols;
  }
  having.fill(0, 0, most + 1);
  return { bytes: Math.floor(bytes), size, isEnough: bytes >= (NEEDED[size] as number) * length };
}
