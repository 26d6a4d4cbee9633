/** Digits to bytes. */

/** Digits of base64 (either alphabet) to bytes. Returns the number of bytes. */
export function decodeBase64(digits: usize, count: u32, out: usize, last: bool): u32 {
  let made: usize = out;
  let at: u32 = 0;
  for (; at + 16 <= count; at += 16) {
    v128.store(made, pack(base64Values(v128.load(digits + at))));
    made += 12;
  }
  for (; at + 4 <= count; at += 4) {
    const group =
      (base64Value(load<u8>(digits + at)) << 18) |
      (base64Value(load<u8>(digits + at + 1)) << 12) |
      (base64Value(load<u8>(digits + at + 2)) << 6) |
      base64Value(load<u8>(digits + at + 3));
    store<u8>(made, group >> 16);
    store<u8>(made + 1, group >> 8);
    store<u8>(made + 2, group);
    made += 3;
  }
  if (last && count - at >= 2) {
    const second = base64Value(load<u8>(digits + at + 1));
    store<u8>(made++, (base64Value(load<u8>(digits + at)) << 2) | (second >> 4));
    if (count - at === 3) {
      store<u8>(made++, (second << 4) | (base64Value(load<u8>(digits + at + 2)) >> 2));
    }
  }
  return <u32>(made - out);
}

/**
 * What digits are compared with and shifted by, in memory: see maps.asm.ts. In the range of a nibble, and where an index is
 * negative, `relaxed_swizzle` is exact.
 */
const BYTES: usize = memory.data<u8>([0x0f, 0x2b, 0x2d, 0x5f, 3, 1, 33], 16);
const SHIFTS: usize = memory.data<i8>([0, 0, 16, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const WORDS: usize = memory.data<u16>([0x00ff, 0, 0x1000, 0x0001, 0x000f], 16);
const ORDER: usize = memory.data<i8>([2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1], 16);

/** The values of sixteen digits. */
// @ts-ignore: decorator
@inline
function base64Values(digits: v128): v128 {
  const high = v128.and(i16x8.shr_u(digits, 4), v128.load_splat<u8>(BYTES));
  let value = i8x16.add(digits, i8x16.relaxed_swizzle(v128.load(SHIFTS), high));
  value = i8x16.add(value, v128.and(i8x16.eq(digits, v128.load_splat<u8>(BYTES, 1)), v128.load_splat<u8>(BYTES, 4)));
  value = i8x16.add(value, v128.and(i8x16.eq(digits, v128.load_splat<u8>(BYTES, 2)), v128.load_splat<u8>(BYTES, 5)));
  return i8x16.add(value, v128.and(i8x16.eq(digits, v128.load_splat<u8>(BYTES, 3)), v128.load_splat<u8>(BYTES, 6)));
}

/** The twelve bytes of sixteen values, and four that are none. */
// @ts-ignore: decorator
@inline
function pack(values: v128): v128 {
  const pairs = v128.or(i16x8.shl(v128.and(values, v128.load_splat<u16>(WORDS)), 6), i16x8.shr_u(values, 8));
  const quads = i32x4.dot_i16x8_s(pairs, v128.load_splat<u32>(WORDS, 4));
  return i8x16.relaxed_swizzle(quads, v128.load(ORDER));
}

export function base64Value(digit: u32): u32 {
  if (digit >= 0x61) return digit - 71;
  if (digit === 0x5f) return 63;
  if (digit >= 0x41) return digit - 65;
  if (digit >= 0x30) return digit + 4;
  return digit === 0x2f ? 63 : 62;
}

/** Digits of hex to bytes; an odd last one is left out. Returns the number of bytes. */
export function decodeHex(digits: usize, count: u32, out: usize): u32 {
  const made = count >> 1;
  const one = v128.load_splat<u8>(BYTES, 5);
  const nibbles = v128.load_splat<u8>(BYTES);
  const first = v128.load_splat<u16>(WORDS, 8);
  for (let at: u32 = 0; at < made; at += 8) {
    const block = v128.load(digits + (at << 1));
    const letter = v128.and(i8x16.shr_u(block, 6), one);
    const nines = i8x16.add(i8x16.shl(letter, 3), letter);
    const value = i8x16.add(v128.and(block, nibbles), nines);
    const bytes = v128.or(i16x8.shl(v128.and(value, first), 4), i16x8.shr_u(value, 8));
    v128.store(out + at, i8x16.narrow_i16x8_u(bytes, bytes));
  }
  return made;
}

export function hexValue(digit: u32): u32 {
  return (digit & 0x0f) + (digit >> 6) * 9;
}

/** Digits of base32 in either case to bytes. Returns the number of bytes. */
export function decodeBase32(digits: usize, count: u32, out: usize, last: bool): u32 {
  const end = last ? count : count & ~7;
  let made: u32 = 0;
  let bits: u32 = 0;
  let value: u32 = 0;
  for (let at: u32 = 0; at < end; at++) {
    const digit = <u32>load<u8>(digits + at);
    value = ((value << 5) | (digit >= 0x41 ? (digit & 0x1f) - 1 : digit - 24)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    store<u8>(out + made, value >> bits);
    made++;
  }
  return made;
}

/**
 * Decodes whole groups of digits, and with `last` what an incomplete one still says; `group` digits (4: base64, 8: base32,
 * 2: hex). Writes up to 16 bytes beyond the last. Returns the number of bytes.
 */
export function decode(digits: usize, count: u32, group: u32, out: usize, last: bool): u32 {
  if (group === 4) return decodeBase64(digits, count, out, last);
  return group === 8 ? decodeBase32(digits, count, out, last) : decodeHex(digits, count, out);
}

/** Copies bytes inside the memory, a few at a time or many. */
export function copy(to: usize, from: usize, size: u32): void {
  memory.copy(to, from, size);
}

/** Digits that are decoded together at most: TOGETHER in digits.ts. */
const MOST_TOGETHER: u32 = 4096;
/** The values of such digits, which are the same at every alignment. */
const VALUES: usize = memory.data(4096 + 64);

/** As `decodeBase64` with `last`, of values from `VALUES + skip` on. */
function decodeValues(skip: u32, count: u32, out: usize): u32 {
  let made = out;
  for (let at: u32 = 0; at < count; at += 16) {
    v128.store(made, pack(v128.load(VALUES + skip + at)));
    made += 12;
  }
  return (count * 3) >> 2;
}

/**
 * A run of digits at the alignments of `which`, a bit for each, one after the other with `apart` NULs behind each; of the
 * others there are the NULs alone. Where each begins, and last where the text ends, goes to `starts`. Returns the number of bytes.
 */
export function decodeTogether(digits: usize, count: u32, group: u32, apart: u32, out: usize, starts: usize, which: u32): u32 {
  let made: u32 = 0;
  const isTogether = group === 4 && count <= MOST_TOGETHER;
  if (isTogether) {
    for (let at: u32 = 0; at < count; at += 16) v128.store(VALUES + at, base64Values(v128.load(digits + at)));
  }
  for (let alignment: u32 = 0; alignment < group; alignment++) {
    store<u32>(starts + (alignment << 2), made);
    if (((which >> alignment) & 1) !== 0) {
      const skip = min(alignment, count);
      made += isTogether
        ? decodeValues(skip, count - skip, out + made)
        : decode(digits + skip, count - skip, group, out + made, true);
    }
    memory.fill(out + made, 0, apart);
    made += apart;
  }
  store<u32>(starts + (group << 2), made);
  return made;
}

/** Between two alignments: neither text, nor a dump, nor more than two highest bits that are alike go on over it. */
const BETWEEN: u32 = 0x806780;
const BETWEEN_SIZE: u32 = 3;

/** As `decodeTogether` for all alignments, with BETWEEN behind each. */
export function decodeClose(digits: usize, count: u32, group: u32, out: usize, starts: usize): u32 {
  let made: u32 = 0;
  if (group === 4) {
    for (let at: u32 = 0; at < count; at += 16) v128.store(VALUES + at, base64Values(v128.load(digits + at)));
  }
  for (let alignment: u32 = 0; alignment < group; alignment++) {
    store<u32>(starts + (alignment << 2), made);
    const skip = min(alignment, count);
    made += group === 4
      ? decodeValues(skip, count - skip, out + made)
      : decode(digits + skip, count - skip, group, out + made, true);
    store<u32>(out + made, BETWEEN);
    made += BETWEEN_SIZE;
  }
  return made;
}

/** Copies sixteen at a time; the room behind is overwritten. */
// @ts-ignore: decorator
@inline
export function copyDigits(to: usize, from: usize, size: u32): void {
  for (let at: u32 = 0; at < size; at += 16) v128.store(to + at, v128.load(from + at));
}
