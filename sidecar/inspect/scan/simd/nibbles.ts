/**
 * Byte classes as pairs of tables by nibble: a byte is in a class when the entries for its low and its high nibble have a
 * bit of the class in common. A bit stands for a set of high nibbles that all go with the same set of low ones.
 */
import { BASE32, BASE64, CLASS, HEX, HEX_GAP, LETTER_X } from '../classes.ts';

type Test = (byte: number) => boolean;

const NIBBLES = [...Array(16).keys()];

const has =
  (bits: number): Test =>
  (byte) =>
    ((CLASS[byte] as number) & bits) !== 0;
const endsDump: Test = (byte) => !has(HEX | HEX_GAP | LETTER_X)(byte);

/** A pair of tables, then the masks of the classes: what `survey` takes. Throws a RangeError for more than eight bits. */
function classTables(alphabet: Test): Uint8Array {
  const tables = new Uint8Array(48);
  const bits = new Map<string, number>();
  for (const [mask, test] of [alphabet, endsDump].entries()) {
    const highs = new Map<string, number[]>();
    for (const high of NIBBLES) {
      const lows = NIBBLES.filter((low) => test(high * 16 + low)).join();
      if (lows !== '') highs.set(lows, [...(highs.get(lows) ?? []), high]);
    }
    for (const [lows, own] of highs) {
      const key = `${lows}|${own}`;
      const bit = bits.get(key) ?? 1 << bits.size;
      if (bit > 0x80) throw new RangeError('the classes need more than eight bits');
      bits.set(key, bit);
      for (const low of lows.split(',')) mark(tables, Number(low), bit);
      for (const high of own) mark(tables, 16 + high, bit);
      mark(tables, 32 + mask, bit);
    }
  }
  return tables;
}

function mark(tables: Uint8Array, at: number, bit: number): void {
  tables[at] = (tables[at] as number) | bit;
}

/** In text the alphabet that runs are looked for in is base64's, in names base32's. */
export const TEXT_CLASSES: Uint8Array = classTables(has(BASE64));
export const NAME_CLASSES: Uint8Array = classTables(has(BASE32));
