/**
 * Finds many literals in one pass: Wu and Manber, "A fast algorithm for multi-pattern searching" (1994), over windows of
 * four bytes with two-byte blocks, so that most steps skip three bytes. The tables are small enough for the first-level
 * cache. It is the part that a WebAssembly version replaces: nothing else knows how literals are found.
 */
export interface Prefilter {
  /**
   * Calls `hit(literal, at)` for each literal whose window starts in `[from, to)`; `at` (≥ 0) is where the literal begins
   * in `bytes`. The literal lies whole in `bytes`: a caller who expects more input leaves room after `to`.
   */
  scan(bytes: Buffer, from: number, to: number, hit: (literal: number, at: number) => void): void;
}

interface Entry {
  literal: number;
  bytes: Buffer;
  /** Offset of the four-byte window in the literal; -1 for a three-byte literal, whose window begins one byte before it. */
  window: number;
  /** The second byte of the window: most windows that end like this one differ there. */
  second: number;
}

const WINDOW = 4;
/** Shorter literals are refused: they would hit everywhere. */
export const MIN_LITERAL = 3;

/** Compiles `literals` (latin1, 3 bytes or more). Throws a RangeError for a shorter one. */
export function compilePrefilter(literals: readonly string[]): Prefilter {
  const shift = new Uint8Array(4096).fill(WINDOW - 1);
  const buckets: Entry[][] = Array.from({ length: 4096 }, () => []);
  literals.forEach((text, literal) => {
    const bytes = Buffer.from(text, 'latin1');
    if (bytes.length < MIN_LITERAL) throw new RangeError(`literal "${text}" is shorter than ${MIN_LITERAL} bytes`);
    const window = rarestWindow(bytes);
    for (let last = 1; last < WINDOW; last++) {
      const distance = WINDOW - 1 - last;
      const second = bytes[window + last] as number;
      const first = window + last - 1;
      if (first >= 0) lower(shift, hash(bytes[first] as number, second), distance);
      else for (let any = 0; any < 256; any++) lower(shift, hash(any, second), distance);
    }
    const key = hash(bytes[window + 2] as number, bytes[window + 3] as number);
    buckets[key]?.push({ literal, bytes, window, second: bytes[window + 1] as number });
  });
  return {
    scan(bytes, from, to, hit) {
      const end = Math.min(to + WINDOW - 1, bytes.length);
      // One byte early: the window of a three-byte literal at `from` = 0 would begin before the input.
      let i = from + WINDOW - (from === 0 ? 2 : 1);
      while (i < end) {
        const key = (((bytes[i - 1] as number) << 4) ^ (bytes[i] as number)) & 4095;
        const skip = shift[key] as number;
        if (skip !== 0) {
          i += skip;
          continue;
        }
        const second = bytes[i - 2];
        const bucket = buckets[key] as Entry[];
        for (let n = 0; n < bucket.length; n++) {
          const entry = bucket[n] as Entry;
          if (entry.second !== second) continue;
          const at = i - (WINDOW - 1) - entry.window;
          if (at >= 0 && matches(bytes, at, entry.bytes)) hit(entry.literal, at);
        }
        i++;
      }
    },
  };
}

function hash(first: number, second: number): number {
  return ((first << 4) ^ second) & 4095;
}

function lower(shift: Uint8Array, key: number, distance: number): void {
  shift[key] = Math.min(shift[key] as number, distance);
}

function matches(bytes: Buffer, at: number, literal: Buffer): boolean {
  if (at + literal.length > bytes.length) return false;
  for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false;
  return true;
}

/** The window with the least common bytes, so that ordinary text seldom stops the scan. */
function rarestWindow(bytes: Buffer): number {
  if (bytes.length === MIN_LITERAL) return -1;
  let best = 0;
  let bestScore = Number.POSITIVE_INFINITY;
  for (let start = 0; start + WINDOW <= bytes.length; start++) {
    let score = 0;
    for (let i = start; i < start + WINDOW; i++) score += commonness(bytes[i] as number);
    // The last block decides whether the scan stops at all.
    score += 2 * (commonness(bytes[start + 2] as number) + commonness(bytes[start + 3] as number));
    if (score < bestScore) {
      bestScore = score;
      best = start;
    }
  }
  return best;
}

function commonness(byte: number): number {
  const char = String.fromCharCode(byte);
  if ('etaoinsr '.includes(char)) return 8;
  if (/[a-z]/.test(char)) return 5;
  if (/["'./:=,()\n]/.test(char)) return 4;
  if (/[0-9]/.test(char)) return 3;
  return byte === 0 || byte === 0xff ? 6 : 1;
}
