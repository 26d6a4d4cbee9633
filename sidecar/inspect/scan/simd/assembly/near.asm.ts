/**
 * Where literals are looked for: wherever a detector finds something LEAST_ALIKE bytes in a row have the same highest bit, within
 * what it looks at, but for a few literals that may stand alone (dull.ts says why). So random bytes are passed over.
 */
import { COLON_SLASH, LEAST_ALIKE, setsOf } from './dull.asm';
import { ALONE, NEAR_ALONE } from './table.asm';

/** Blocks of 64 to both sides of one in which such bytes end: as far as a detector looks, and a literal. */
const AROUND: u32 = 35;

/** What a block's byte says: there are such bytes around; what may stand alone is in it, or beside it. */
const IN_ROW: u8 = 1;
const IS_ALONE: u8 = 2;

/** The byte of the first block, that behind the last one, and that behind the last that has bytes in a row around it. */
let first: usize = 0;
let last: usize = 0;
let marked: usize = 0;
/** Of the bytes so far, how many in a row differ from the one before in no highest bit; and that of the last one. */
let alike: u32 = 0;
let lastHigh: u64 = 0;

/** Begins a text of `length` bytes; `near`: room for a byte for each block. */
export function beginNear(near: usize, length: u32): void {
  first = near;
  last = near + ((<usize>length + 63) >> 6);
  marked = near;
  alike = 0;
  lastHigh = 0;
}

/** Takes the highest bits of the block at `at`; of blocks in order. */
// @ts-ignore: decorator
@inline
export function noteAlike(at: u32, highs: u64): void {
  if ((highs | lastHigh) === 0) {
    // The block of a text.
    alike = LEAST_ALIKE;
    markAround(at);
    return;
  }
  const like = ~(highs ^ ((highs << 1) | lastHigh));
  const twos = like & (like >> 1);
  const fours = twos & (twos >> 2);
  const eights = fours & (fours >> 4);
  const lead = alike + <u32>ctz(~like);
  if (lead >= LEAST_ALIKE - 1 || (eights & (eights >> (LEAST_ALIKE - 9))) !== 0) markAround(at);
  alike = like === ~(<u64>0) ? lead : <u32>clz(~like);
  lastHigh = highs >> 63;
}

function markAround(at: u32): void {
  const block = first + <usize>(at >> 6);
  const to = min(last, block + AROUND + 1);
  const from = max(marked, block > first + AROUND ? block - AROUND : first);
  // What was passed over.
  for (; marked < from; marked++) store<u8>(marked, 0);
  for (; marked < to; marked++) store<u8>(marked, IN_ROW);
}

/** All blocks were taken: adds those where a literal may stand alone. */
export function endNear(text: usize, length: u32, literals: usize): void {
  if (load<u8>(literals + NEAR_ALONE) === 0) {
    memory.fill(first, IN_ROW, last - first);
    return;
  }
  for (; marked < last; marked++) store<u8>(marked, 0);
  for (let block = first; block < last; block++) {
    if ((load<u8>(block) & IN_ROW) !== 0 || !isAlone(text + ((block - first) << 6), literals + ALONE)) continue;
    // A literal may begin in the block before, and end in the next one.
    if (block > first) store<u8>(block - 1, load<u8>(block - 1) | IS_ALONE);
    store<u8>(block, IS_ALONE);
    if (block + 1 < last) store<u8>(block + 1, load<u8>(block + 1) | IS_ALONE);
  }
}

/** Whether one of 64 bytes may begin what stands alone: as in the tables, or a scheme's `://` (as it is, reversed, XORed). */
function isAlone(at: usize, tables: usize): bool {
  const slash = i8x16.splat(COLON_SLASH);
  const zero = i8x16.splat(0);
  let places = zero;
  for (let part: usize = 0; part < 64; part += 16) {
    const one = v128.load(at + part);
    const two = v128.load(at + part, 1);
    const three = v128.load(at + part, 2);
    const begins = v128.and(v128.and(setsOf(one, tables), setsOf(two, tables + 32)), setsOf(three, tables + 64));
    const firstTwo = v128.xor(one, two);
    const lastTwo = v128.xor(two, three);
    const scheme = v128.and(
      i8x16.eq(v128.or(firstTwo, lastTwo), slash),
      i8x16.eq(v128.and(firstTwo, lastTwo), zero),
    );
    places = v128.or(places, v128.or(begins, scheme));
  }
  return v128.any_true(places);
}
