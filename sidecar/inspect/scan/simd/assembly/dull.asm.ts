/** Which decoded bytes nothing can be found in: most of what looked like digits was none. dull.ts says why this is enough. */
import { runsOf } from './bitmaps.asm';
import { DUMP_GAP, LEAST_DUMP, MIN_TEXT } from './noise.asm';
import { endsDump, isDump } from './dumps.asm';

/** What nibbles are masked with, in memory: see maps.asm.ts. In its range `relaxed_swizzle` is exact. */
const NIBBLE: usize = memory.data<u8>([0x0f], 16);

/** As in dull.ts. */
export const LEAST_ALIKE: u32 = 16;

/** How `:` and `/` differ, whatever both are XORed with. */
export const COLON_SLASH: u8 = 0x15;
/** Bytes of the shortest scheme before its colon. */
const LEAST_SCHEME: u32 = 3;

/** Bits of a word at which a scheme lies partly in the word before or the next one. */
const EDGES: u64 = 0xf800000000000007;

/**
 * What `judge` says: nothing can be found; something, when there is a literal from `unsureFrom` to `unsureTo`; or there is enough
 * text for a decoder.
 */
export const DULL: u32 = 0;
export const UNSURE: u32 = 1;
export const LOUD: u32 = 2;

export let unsureFrom: u32 = 0;
export let unsureTo: u32 = 0;

/** As in types.ts: a detector looks so far around its literal. */
const LOOK_BEHIND: u32 = 1024;
const LOOK_AHEAD: u32 = 2048;
/** Longer than any literal. */
const BESIDE: u32 = 64;

/** A literal may begin up to `before` bytes before a block, or `behind` bytes behind it. */
function look(base: u32, length: u32, before: u32, behind: u32): void {
  unsureFrom = min(unsureFrom, base > before ? base - before : 0);
  unsureTo = max(unsureTo, min(length, base + 64 + behind + BESIDE));
}

/**
 * Whether anything can be found in `length` bytes, from which on 128 can be read. Errs towards looking. `begins`: tables by
 * nibble for the first three bytes of what is looked for among bytes that are no text. `mayDump`: LEAST_DUMP bytes or more belong together.
 */
export function judge(text: usize, length: u32, begins: usize, mayDump: bool): u32 {
  const nibble = v128.load_splat<u8>(NIBBLE);
  const low = v128.load(begins);
  const high = v128.load(begins, 16);
  const secondLow = v128.load(begins, 32);
  const secondHigh = v128.load(begins, 48);
  /** Places in a row, before this block, that differ from the one before in no highest bit; and that are in a dump. */
  let alike: u32 = 0;
  let hexable: u32 = 0;
  let lastHigh: u64 = 0;
  unsureFrom = length;
  unsureTo = 0;
  for (let base: u32 = 0; base < length; base += 64) {
    const here = text + base;
    const one = v128.load(here);
    const two = v128.load(here, 16);
    const three = v128.load(here, 32);
    const four = v128.load(here, 48);
    const highs = bits(one, two, three, four);
    const afterOne = v128.load(here, 1);
    const afterTwo = v128.load(here, 17);
    const afterThree = v128.load(here, 33);
    const afterFour = v128.load(here, 49);
    const same = bits(i8x16.eq(one, afterOne), i8x16.eq(two, afterTwo), i8x16.eq(three, afterThree), i8x16.eq(four, afterFour));
    const firsts = v128.or(
      v128.or(
        v128.and(setsOf(one, nibble, low, high), setsOf(afterOne, nibble, secondLow, secondHigh)),
        v128.and(setsOf(two, nibble, low, high), setsOf(afterTwo, nibble, secondLow, secondHigh)),
      ),
      v128.or(
        v128.and(setsOf(three, nibble, low, high), setsOf(afterThree, nibble, secondLow, secondHigh)),
        v128.and(setsOf(four, nibble, low, high), setsOf(afterFour, nibble, secondLow, secondHigh)),
      ),
    );
    const valid = length - base < 64 ? ((<u64>1) << (length - base)) - 1 : ~(<u64>0);
    if (v128.any_true(firsts) && begin(text + base, min(length - base, 64), begins)) look(base, length, BESIDE, 0);

    const like = ~(highs ^ ((highs << 1) | lastHigh)) & valid & (base === 0 ? ~(<u64>1) : ~(<u64>0));
    lastHigh = highs >> 63;
    const twos = like & (like >> 1);
    const fours = twos & (twos >> 2);
    const eights = fours & (fours >> 4);
    const lead = alike + <u32>ctz(~like);
    if (lead >= MIN_TEXT - 1 || (eights & (eights >> (MIN_TEXT - 9))) !== 0) {
      if (textNear(text, base, length)) return LOUD;
      const isAlike = lead >= LEAST_ALIKE - 1 || (eights & (eights >> (LEAST_ALIKE - 9))) !== 0;
      if (isAlike) look(base, length, LOOK_AHEAD + BESIDE, LOOK_BEHIND);
    }
    alike = like === ~(<u64>0) ? lead : <u32>clz(~like);

    // Two bytes that are the same, behind or before as many that are alike as a scheme, a colon and one of them.
    const fives = fours & (fours >> 1);
    const doubled = same & ((fives << LEAST_SCHEME) | (fives >> 1) | EDGES) & valid;
    if (doubled !== 0 && isScheme(text + base, doubled)) look(base, length, BESIDE, 0);

    if (mayDump) {
      const among = ~bits(endsDump(one), endsDump(two), endsDump(three), endsDump(four)) & valid;
      const inRow = hexable + <u32>ctz(~among);
      // A longer one was looked at when it had become so long.
      const isNew = hexable < LEAST_DUMP && inRow >= LEAST_DUMP;
      if (isNew && isDump(text, base - hexable, length, LEAST_DUMP, DUMP_GAP)) return LOUD;
      const runs = inRow < 64 ? runsOf(among, LEAST_DUMP) : 0;
      if (runs !== 0 && isDump(text, base + <u32>ctz(runs), length, LEAST_DUMP, DUMP_GAP)) return LOUD;
      hexable = among === ~(<u64>0) ? inRow : <u32>clz(~among);
    }
  }
  return unsureTo > 0 ? UNSURE : DULL;
}

/** Whether one of the slashes that `places` may be has a colon before it, or behind the next. */
function isScheme(text: usize, places: u64): bool {
  for (let left = places; left !== 0; left &= left - 1) {
    const at = text + <usize>ctz(left);
    const slash = load<u8>(at);
    if ((load<u8>(at - 1) ^ slash) === COLON_SLASH || (load<u8>(at, 2) ^ slash) === COLON_SLASH) return true;
  }
  return false;
}

/** Whether one of the first `count` of 64 bytes and the next two are in the tables. */
function begin(text: usize, count: u32, begins: usize): bool {
  const nibble = v128.load_splat<u8>(NIBBLE);
  let places: u64 = 0;
  for (let part: u32 = 0; part < 64; part += 16) {
    const first = setsOf(v128.load(text + part), nibble, v128.load(begins), v128.load(begins, 16));
    const second = setsOf(v128.load(text + part, 1), nibble, v128.load(begins, 32), v128.load(begins, 48));
    const third = setsOf(v128.load(text + part, 2), nibble, v128.load(begins, 64), v128.load(begins, 80));
    const sets = v128.and(v128.and(first, second), third);
    places |= (<u64>i8x16.bitmask(i8x16.ne(sets, i8x16.splat(0)))) << part;
  }
  return places !== 0 && <u32>ctz(places) < count;
}

/** The sets that bytes are in, by two tables. */
// @ts-ignore: decorator
@inline
function setsOf(bytes: v128, nibble: v128, low: v128, high: v128): v128 {
  return v128.and(
    i8x16.relaxed_swizzle(low, v128.and(bytes, nibble)),
    i8x16.relaxed_swizzle(high, v128.and(i16x8.shr_u(bytes, 4), nibble)),
  );
}

/** The highest bits of 64 bytes. */
// @ts-ignore: decorator
@inline
function bits(one: v128, two: v128, three: v128, four: v128): u64 {
  return (
    <u64>(<u32>(i8x16.bitmask(one) | (i8x16.bitmask(two) << 16))) |
    (<u64>(<u32>(i8x16.bitmask(three) | (i8x16.bitmask(four) << 16))) << 32)
  );
}

/** Whether MIN_TEXT bytes of text, or a NUL alone, are in a row in a block or reach into it. */
function textNear(text: usize, base: u32, length: u32): bool {
  const from = base >= MIN_TEXT ? base - MIN_TEXT : 0;
  return hasTextAt(text + from, length - from) || hasTextAt(text + from + 64 - MIN_TEXT, length - from - (64 - MIN_TEXT));
}

/** Where characters and white space begin, and how many there are; in memory: see maps.asm.ts. */
const TEXTS: usize = memory.data<u8>([0x20, 0x5f, 0x09, 5], 16);

/** The same for the 64 bytes at `at`, of which `left` are there. */
export function hasTextAt(at: usize, left: u32): bool {
  if (<i32>left < <i32>MIN_TEXT) return false;
  const blank = v128.load_splat<u8>(TEXTS);
  const graphics = v128.load_splat<u8>(TEXTS, 1);
  const tab = v128.load_splat<u8>(TEXTS, 2);
  const whites = v128.load_splat<u8>(TEXTS, 3);
  let text: u64 = 0;
  let nul: u64 = 0;
  for (let part: u32 = 0; part < 64; part += 16) {
    const one = v128.load(at + part);
    const graphic = i8x16.lt_u(i8x16.sub(one, blank), graphics);
    const white = i8x16.lt_u(i8x16.sub(one, tab), whites);
    text |= (<u64>i8x16.bitmask(v128.or(graphic, white))) << part;
    nul |= (<u64>i8x16.bitmask(i8x16.eq(one, i8x16.splat(0)))) << part;
  }
  let among = text | (nul & ~(nul << 1) & ~(nul >> 1));
  if (left < 64) among &= ((<u64>1) << left) - 1;
  return runsOf(among, MIN_TEXT) !== 0;
}
