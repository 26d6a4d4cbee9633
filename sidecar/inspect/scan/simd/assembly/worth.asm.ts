/** Whether a stretch of text whose escapes were replaced is worth a layer. */
import { BELOW_MAPS, BELOW_STRIDE, CLASSES, CLASS_BASE64, CLASS_NO_TEXT, HITS, HITS_ROOM, KEYS, KINDS, KNOWN, LITERALS, OUT, OUT_LENGTH, WORK, fieldOf } from './block.asm';
import { hasTextAt } from './dull.asm';
import { BACKSLASH_SIGN, PERCENT_SIGN, readEscape } from './escape.asm';
import { readFold } from './folds.asm';
import { isKnownIn } from './known.asm';
import { isZlib } from './loud.asm';
import { isNoise } from './noise.asm';
import { surveyForNoise } from './survey.asm';

/** Text shorter than this has nothing in it for a decoder but escapes. */
const LEAST_ENCODED: u32 = 20;

/**
 * What a text has too little of for any decoder: digits of base64 or of numbers, characters, those of base45, what is none
 * (MIN_BASE64_RUN, MIN_NUMBERS, LEAST_DENSE, LEAST_CAPITALS; a text in UTF-16 or with other bytes between has more).
 */
const LEAST_DIGITS: u32 = 16;
const LEAST_CHARACTERS: u32 = 24;
const LEAST_CAPITALS: u32 = 29;
const LEAST_BREAKS: u32 = 4;

/** Whether no decoder but that of escapes makes anything of a text, nor is it a structure whose values could be put together. */
function isBare(text: usize, kinds: usize, length: u32): bool {
  let digits: u32 = 0;
  let characters: u32 = 0;
  let capitals: u32 = 0;
  let breaks: u32 = 0;
  for (let at: u32 = 0; at < length; at++) {
    const byte = <u32>load<u8>(text + at);
    const kind = load<u8>(kinds + byte);
    if (byte === 0x7b || byte === 0x5b || byte === 0x26) return false;
    digits += <u32>((kind & CLASS_BASE64) !== 0);
    breaks += <u32>((kind & CLASS_NO_TEXT) !== 0);
    characters += <u32>(byte - 0x21 < 0x7f - 0x21);
    capitals += <u32>(byte - 0x20 < 0x61 - 0x20);
  }
  return digits < LEAST_DIGITS && characters < LEAST_CHARACTERS && capitals < LEAST_CAPITALS && breaks < LEAST_BREAKS;
}

/** A bare text is shorter. */
const MOST_BARE: u32 = 128;

/** Whether there is a literal in what was unescaped, or anything for a decoder; with `isEager` any text that is long enough. */
export function isStretchLoud(block: usize, isEager: bool): bool {
  const out = fieldOf(block, OUT);
  const length = load<u32>(block + OUT_LENGTH);
  const maps = fieldOf(block, BELOW_MAPS);
  const stride = fieldOf(block, BELOW_STRIDE);
  // Most of it is text, of which there is enough.
  if (length > MOST_BARE && hasTextAt(out, length)) return true;
  const room = <u32>fieldOf(block, HITS_ROOM);
  const hits = surveyForNoise(out, 0, length, 0, length, maps, stride, fieldOf(block, CLASSES), fieldOf(block, LITERALS), fieldOf(block, KEYS), fieldOf(block, HITS), room);
  if (hits > 0 || (length >= 2 && isZlib(out))) return true;
  if (!isNoise(out, fieldOf(block, KINDS), maps, stride, length)) {
    if (length >= LEAST_ENCODED) {
      if (isEager || length > MOST_BARE || !isBare(out, fieldOf(block, KINDS), length)) return true;
    }
    for (let at: u32 = 0; at < length; at++) {
      const byte = load<u8>(out + at);
      if (byte === PERCENT_SIGN || byte === BACKSLASH_SIGN) {
        if (readEscape(out, length, at)) return true;
      } else if (byte >= 0x80 && readFold(out, length, at)) return true;
    }
  }
  if (fieldOf(block, KNOWN) !== 0 && isKnownIn(out, length)) return true;
  store<u32>(block + WORK, <u32>fieldOf(block, WORK) + length);
  return false;
}
