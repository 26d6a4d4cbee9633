/** Shannon entropy of the characters of `text`, in bits per character; 0 for the empty string. */
export function entropy(text: string): number {
  return maxEntropy(text, text.length);
}

/** Characters a prefix may have. */
const LONGEST = 1024;
const COUNT_LOG = Float64Array.from({ length: LONGEST + 1 }, (_, count) =>
  count === 0 ? 0 : count * Math.log2(count),
);
const counts = new Uint16Array(256);

/**
 * The highest entropy of the prefixes of `text` (latin1) that have `shortest` characters or more. What comes behind a
 * secret is the sender's choice: padding lowers the entropy of the whole, and never that of the secret.
 */
export function maxEntropy(text: string, shortest: number): number {
  const length = Math.min(text.length, LONGEST);
  counts.fill(0);
  let sum = 0;
  let best = 0;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at) & 0xff;
    const count = counts[code] as number;
    counts[code] = count + 1;
    sum += (COUNT_LOG[count + 1] as number) - (COUNT_LOG[count] as number);
    if (at + 1 >= shortest || at + 1 === length) best = Math.max(best, Math.log2(at + 1) - sum / (at + 1));
  }
  return best;
}
