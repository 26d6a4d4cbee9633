/** Fields of forms in a text, for form.ts. */
import { LEAST_STRETCH, bitsBefore, next } from './bitmaps.asm';

const AND: u8 = 0x26;
/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([AND], 16);
const EQUALS: u8 = 0x3d;

/**
 * The first `&` from `from` on, in LEAST_STRETCH bytes of text or more, behind which a name of `most` bytes at most and `=` stand, in a
 * form that has a plus sign or may go on; or -1 - the place from which one may still come. `around`: bytes before it that are the form's.
 */
export function nextField(
  text: usize,
  length: u32,
  breaks: usize,
  pluses: usize,
  from: u32,
  most: u32,
  around: u32,
  final: bool,
): i32 {
  const floor: u32 = from > around ? from - around : 0;
  // Most texts have no plus sign; what has none yet may get one behind the text.
  if (final && next(pluses, floor, length) === length) return -1 - <i32>length;
  const and = v128.load_splat<u8>(BYTES);
  // Where the last form that was looked at ends, and the first plus sign in it that is not too far before: each byte is read once.
  let end: u32 = 0;
  let plus: u32 = 0;
  for (let base = from & ~63; base < length; base += 64) {
    // Most have no `&`, or two that stand together.
    for (let ands = andsAt(text + base, and); ands !== 0; ands &= ands - 1) {
      const place = base + <u32>ctz(ands);
      if (place < from) continue;
      if (place >= length) break;
      const name = nameEnd(text, place + 1, min(length, place + 1 + most));
      if (name === length && name - place <= most && !final) return -1 - <i32>place;
      if (name === place + 1 || name >= length || load<u8>(text + name) !== EQUALS) continue;
      if (!isInStretch(breaks, place, length)) continue;
      if (place >= end) {
        plus = formStart(text, place, max(floor, end));
        end = formEnd(text, name, length);
      }
      if (end === length && !final) return <i32>place;
      plus = next(pluses, max(plus, place > around ? place - around : 0), end);
      if (plus < end) return <i32>place;
    }
  }
  return -1 - <i32>length;
}

/** Whether LEAST_STRETCH bytes of text in a row are around `place`, or may be with what comes behind the text. */
function isInStretch(breaks: usize, place: u32, length: u32): bool {
  const before: u32 = min(place, place === 0 ? 0 : <u32>clz(bitsBefore(breaks, place)));
  const end = next(breaks, place, min(length, place + LEAST_STRETCH));
  return before + (end - place) >= LEAST_STRETCH || end === length;
}

/** Which of 64 bytes are `&`. Behind a text there are as many of room, which may be anything. */
// @ts-ignore: decorator
@inline
function andsAt(at: usize, and: v128): u64 {
  const one = i8x16.eq(v128.load(at), and);
  const two = i8x16.eq(v128.load(at, 16), and);
  const three = i8x16.eq(v128.load(at, 32), and);
  const four = i8x16.eq(v128.load(at, 48), and);
  if (!v128.any_true(v128.or(v128.or(one, two), v128.or(three, four)))) return 0;
  const low = <u64>(<u32>(i8x16.bitmask(one) | (i8x16.bitmask(two) << 16)));
  return low | (<u64>(<u32>(i8x16.bitmask(three) | (i8x16.bitmask(four) << 16))) << 32);
}

function formEnd(text: usize, from: u32, to: u32): u32 {
  let at = from;
  while (at < to && isInForm(load<u8>(text + at))) at++;
  return at;
}

function formStart(text: usize, from: u32, floor: u32): u32 {
  let at = from;
  while (at > floor && isInForm(load<u8>(text + at - 1))) at--;
  return at;
}

/** As IN_FORM in form.ts: what is visible but for `"`, `<`, `>`, a backslash, `^`, a backtick and from `{` to `}`. */
// @ts-ignore: decorator
@inline
function isInForm(byte: u8): bool {
  if (byte < 0x21 || (byte >= 0x7b && byte !== 0x7e) || byte >= 0x7f) return false;
  return byte !== 0x22 && byte !== 0x3c && byte !== 0x3e && byte !== 0x5c && byte !== 0x5e && byte !== 0x60;
}

function nameEnd(text: usize, from: u32, to: u32): u32 {
  let at = from;
  while (at < to && isInName(load<u8>(text + at))) at++;
  return at;
}

/** As IN_NAME in form.ts. */
// @ts-ignore: decorator
@inline
function isInName(byte: u8): bool {
  const letter = <u8>((byte | 0x20) - 0x61);
  if (letter < 26 || <u8>(byte - 0x30) < 11) return true;
  return byte === 0x5f || byte === 0x2e || byte === 0x2d || byte === 0x5b || byte === 0x5d || byte === 0x25 || byte === 0x2a || byte === 0x7e;
}
