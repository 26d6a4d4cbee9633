/** Characters beyond ASCII that are read as ASCII ones, or not at all: full width, look-alikes, zero width. UTF-8. */

/** What `readFold` found: the character, 0 for one that is not seen, and the place behind it. */
export let foldByte: u32 = 0;
export let foldEnd: u32 = 0;

/** What leads are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0xdf, 0xc2, 0xfc, 0x0c, 0xc0], 16);

/**
 * The first block of 64 from `from` on that has what may begin one among LEAST_STRETCH bytes of text, or of what may be one, or as
 * many as there are up to its end; `length` for none. `breaks`: which bytes are no text. Which they are is left in `foldsHere`.
 */
export function nextFolds(text: usize, length: u32, breaks: usize, from: u32): u32 {
  const fold = v128.load_splat<u8>(BYTES);
  const first = v128.load_splat<u8>(BYTES, 1);
  const mask = v128.load_splat<u8>(BYTES, 2);
  const others = v128.load_splat<u8>(BYTES, 3);
  const end = v128.load_splat<u8>(BYTES, 4);
  for (let base = from; base < length; base += 64) {
    const inBreak = load<u64>(breaks + (base >> 3));
    if (inBreak === 0) continue;
    const at = text + base;
    const found =
      leads(at, fold, first, mask, others, end) |
      (leads(at + 16, fold, first, mask, others, end) << 16) |
      (leads(at + 32, fold, first, mask, others, end) << 32) |
      (leads(at + 48, fold, first, mask, others, end) << 48);
    foldsHere = foldsAmongText(found & inBreak, inBreak);
    if (foldsHere !== 0) return base;
  }
  return length;
}

export let foldsHere: u64 = 0;

// @ts-ignore: decorator
@inline
function leads(at: usize, fold: v128, first: v128, mask: v128, others: v128, end: v128): u64 {
  const folded = i8x16.sub(v128.and(v128.load(at), fold), first);
  const begins = v128.or(i8x16.eq(folded, i8x16.splat(0)), i8x16.eq(v128.and(folded, mask), others));
  const goesOn = i8x16.lt_s(v128.load(at, 1), end);
  return <u64>i8x16.bitmask(v128.and(begins, goesOn));
}

/**
 * Which of what begins one stands among enough characters to be read on: LEAST_STRETCH bytes of text and of what may be one, or
 * as many as there are up to the end of the 64. `breaks`: which of them are no text; what came before may end in the first three.
 */
// @ts-ignore: decorator
@inline
function foldsAmongText(leads: u64, breaks: u64): u64 {
  const among = ~breaks | leads | (leads << 1) | (leads << 2) | (leads << 3) | 7;
  const twos = among & (among >> 1);
  const fours = twos & (twos >> 2);
  if ((fours & (fours >> 4) & (fours >> 8)) !== 0) return leads;
  // None is all ones.
  const atBegin = ((<u64>1) << ctz(~among)) - 1;
  const atEnd = ~(~(<u64>0) >> clz(~among));
  return leads & (atBegin | atEnd);
}

/** Reads the character at `at`; false: it stands for itself. What the end of the text cuts off does. */
export function readFold(text: usize, length: u32, at: u32): bool {
  const first = load<u8>(text + at);
  const second = at + 1 < length ? <u32>load<u8>(text + at + 1) : 0;
  const third = at + 2 < length ? <u32>load<u8>(text + at + 2) : 0;
  foldByte = 0;
  foldEnd = at + 3;
  switch (first) {
    case 0xe2:
      // Zero width, marks of direction, word joiner and invisible operators.
      return (second === 0x80 && ((third >= 0x8b && third <= 0x8f) || (third >= 0xaa && third <= 0xae))) ||
        (second === 0x81 && third >= 0xa0 && third <= 0xa4);
    case 0xef:
      if (second === 0xbb && third === 0xbf) return true;
      if (second === 0xbc && third >= 0x81 && third <= 0xbf) foldByte = third - 0x60;
      else if (second === 0xbd && third >= 0x80 && third <= 0x9e) foldByte = third - 0x20;
      return foldByte !== 0;
    case 0xc2:
      foldEnd = at + 2;
      if (second === 0xa0) foldByte = 0x20;
      return second === 0xa0 || second === 0xad;
    case 0xf0:
      return second === 0x9d && readMathematical(third, at + 3 < length ? <u32>load<u8>(text + at + 3) : 0, at);
    default:
      foldEnd = at + 2;
      foldByte = lookAlike((<u32>first << 8) | second);
      return foldByte !== 0;
  }
}

/** U+1D400 and on: thirteen alphabets, then digits. */
function readMathematical(third: u32, fourth: u32, at: u32): bool {
  if ((fourth & 0xc0) !== 0x80) return false;
  const code = ((third & 0x3f) << 6) | (fourth & 0x3f);
  foldEnd = at + 4;
  const letter = code - 0x400;
  if (code >= 0x400 && letter < 13 * 52) {
    const place = letter % 52;
    foldByte = place < 26 ? 0x41 + place : 0x61 + place - 26;
  } else if (code >= 0x7ce && code <= 0x7ff) foldByte = 0x30 + ((code - 0x7ce) % 10);
  return foldByte !== 0;
}

/** The Latin letter that a Greek or Cyrillic one, as two bytes of UTF-8, looks like; 0 for none. */
function lookAlike(bytes: u32): u32 {
  switch (bytes) {
    case 0xce91: // Α
    case 0xd090: // А
      return 0x41; // A
    case 0xce92: // Β
    case 0xd092: // В
      return 0x42; // B
    case 0xd0a1: // С
    case 0xcfb9: // Ϲ
      return 0x43; // C
    case 0xce95: // Ε
    case 0xd095: // Е
      return 0x45; // E
    case 0xce97: // Η
    case 0xd09d: // Н
      return 0x48; // H
    case 0xce99: // Ι
    case 0xd086: // І
      return 0x49; // I
    case 0xd088: // Ј
      return 0x4a; // J
    case 0xce9a: // Κ
    case 0xd09a: // К
      return 0x4b; // K
    case 0xce9c: // Μ
    case 0xd09c: // М
      return 0x4d; // M
    case 0xce9d: // Ν
      return 0x4e; // N
    case 0xce9f: // Ο
    case 0xd09e: // О
      return 0x4f; // O
    case 0xcea1: // Ρ
    case 0xd0a0: // Р
      return 0x50; // P
    case 0xd085: // Ѕ
      return 0x53; // S
    case 0xcea4: // Τ
    case 0xd0a2: // Т
      return 0x54; // T
    case 0xcea7: // Χ
    case 0xd0a5: // Х
      return 0x58; // X
    case 0xcea5: // Υ
    case 0xd0a3: // У
      return 0x59; // Y
    case 0xce96: // Ζ
      return 0x5a; // Z
    case 0xd0b0: // а
    case 0xceb1: // α
      return 0x61; // a
    case 0xd181: // с
    case 0xcfb2: // ϲ
      return 0x63; // c
    case 0xd0b5: // е
      return 0x65; // e
    case 0xd196: // і
    case 0xceb9: // ι
      return 0x69; // i
    case 0xd198: // ј
    case 0xcfb3: // ϳ
      return 0x6a; // j
    case 0xceba: // κ
    case 0xd0ba: // к
      return 0x6b; // k
    case 0xceb7: // η
      return 0x6e; // n
    case 0xd0be: // о
    case 0xcebf: // ο
      return 0x6f; // o
    case 0xd180: // р
    case 0xcf81: // ρ
      return 0x70; // p
    case 0xd195: // ѕ
      return 0x73; // s
    case 0xcf85: // υ
      return 0x75; // u
    case 0xcebd: // ν
      return 0x76; // v
    case 0xcf89: // ω
      return 0x77; // w
    case 0xd185: // х
      return 0x78; // x
    case 0xd183: // у
      return 0x79; // y
    default:
      return 0;
  }
}
