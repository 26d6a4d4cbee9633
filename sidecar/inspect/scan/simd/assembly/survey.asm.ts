/** What is asked of a text once: the bitmaps of its bytes, and where literals stand in it. */
import { NEAR } from './block.asm';
import { confirm, confirmXor } from './confirm.asm';
import { filterPlain, filterXored, listPlain, listXored, LISTS, NOWHERE, place, STRIDE_BYTES } from './literals.asm';
import { classify, hasBackslash, hasBreak, hasLine, hasPercent, isPartial } from './maps.asm';
import { endNear } from './near.asm';
import { FARTHEST } from './table.asm';

/** Hits that one block of 64 bytes can have at most: 64 literals a place (MAX_CHAIN in literals.ts). */
export const BLOCK_HITS: u32 = 8192;

/** Texts that were surveyed so far: what is known of one holds until the next. */
export let surveys: u32 = 0;

/**
 * Surveys `text` from `from` (a multiple of 64; 0 at first) to `length`. `classes`: a pair of nibble tables, then the masks of the
 * two classes that they tell apart. `keys`: room to work in. Writes hits (place, number) for literals that begin in `[first, to)` and lie whole
 * in the text; returns how many. Before the hits it writes how far it came: less than the length when `room` is used up.
 */
// @ts-ignore: decorator
@inline
function pass(
  text: usize,
  from: u32,
  length: u32,
  first: u32,
  to: u32,
  maps: usize,
  stride: usize,
  classes: usize,
  literals: usize,
  keys: usize,
  hits: usize,
  room: u32,
  whole: bool,
): u32 {
  surveys++;
  place(literals);
  const near = maps + NEAR * stride;
  if (from === 0) {
    classify(text, length, maps, stride, classes, whole);
    endNear(text, literals);
  }
  let count: u32 = 0;
  // Where the rarest bytes of those literals are.
  const last = min(length, to + load<u32>(literals + FARTHEST));
  for (let begin = max(from, first & ~63); begin < last; begin += STRIDE_BYTES) {
    const end = min(last, begin + STRIDE_BYTES);
    const plains = keys + LISTS;
    const plain = listPlain(text, begin, end, near, keys, plains);
    const plainEnd = filterPlain(text, plain, literals, plains);
    const others = plainEnd + 4;
    const other = listXored(text, begin, end, near, keys, others);
    const otherEnd = filterXored(text, other, literals, others);
    store<u32>(plainEnd, NOWHERE);
    store<u32>(otherEnd, NOWHERE);
    let nextPlain = plain;
    let nextOther = other;
    while (true) {
      const next = min(load<u32>(nextPlain), load<u32>(nextOther));
      if (next === NOWHERE) break;
      const block = next & ~63;
      if (count + BLOCK_HITS > room) {
        store<u32>(hits, block);
        return count;
      }
      for (; load<u32>(nextPlain) < block + 64; nextPlain += 4) {
        count = confirm(text, load<u32>(nextPlain), length, first, to, literals, hits, count);
      }
      for (; load<u32>(nextOther) < block + 64; nextOther += 4) {
        count = confirmXor(text, load<u32>(nextOther), length, first, to, literals, hits, count);
      }
    }
  }
  store<u32>(hits, length);
  return count;
}

/** As `pass`, with all maps. Behind how far it came it writes which kinds of bytes there are: HAS_BREAK and so on in text.ts. */
export function survey(
  text: usize,
  from: u32,
  length: u32,
  first: u32,
  to: u32,
  maps: usize,
  stride: usize,
  classes: usize,
  literals: usize,
  keys: usize,
  hits: usize,
  room: u32,
): u32 {
  const count = pass(text, from, length, first, to, maps, stride, classes, literals, keys, hits, room, true);
  const has = <u32>hasBreak | (<u32>hasPercent << 1) | (<u32>hasBackslash << 2) | (<u32>hasLine << 3) | (<u32>isPartial << 4);
  store<u32>(hits, has, 4);
  return count;
}

/** As `pass`, with the maps that tell noise from text alone. */
export function surveyForNoise(
  text: usize,
  from: u32,
  length: u32,
  first: u32,
  to: u32,
  maps: usize,
  stride: usize,
  classes: usize,
  literals: usize,
  keys: usize,
  hits: usize,
  room: u32,
): u32 {
  return pass(text, from, length, first, to, maps, stride, classes, literals, keys, hits, room, false);
}

