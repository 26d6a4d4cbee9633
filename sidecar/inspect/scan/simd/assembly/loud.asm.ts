/** Whether anything can be found in what digits decode to. */
import { BEGINS, BELOW_MAPS, BELOW_STRIDE, BELOW_TEXT, CLASSES, DIGITS, HITS, HITS_ROOM, KEYS, KNOWN, LITERALS, STARTS, WORK, fieldOf } from './block.asm';
import { decodeClose, decodeTogether } from './digits.asm';
import { DULL, LOUD, UNSURE, judge, unsureFrom, unsureTo } from './dull.asm';
import { isKnownIn } from './known.asm';
import { LEAST_DUMP } from './noise.asm';
import { surveyForNoise } from './survey.asm';

/** Whether compressed data may begin here (RFC 1950, 2.2; as `headless` in containers.ts). */
export function isZlib(at: usize): bool {
  const first = <u32>load<u8>(at);
  const second = <u32>load<u8>(at + 1);
  return (first & 0x8f) === 8 && (second & 0x20) === 0 && ((first << 8) | second) % 31 === 0;
}

/** Every alignment. */
const ALL: u32 = 0xff;

/** Whether a literal or enough text for a decoder is in what the digits decode to, at any alignment. */
export function isLoud(block: usize, count: u32, group: u32, apart: u32): bool {
  if (count <= MOST_CLOSE && isDullClose(block, count, group)) return false;
  const length = decodeTogether(fieldOf(block, DIGITS), count, group, apart, fieldOf(block, BELOW_TEXT), fieldOf(block, STARTS), ALL);
  if (loudOf(block, group, apart, length, true) !== 0) return true;
  // What is worth a look is decoded again, and charged then.
  store<u32>(block + WORK, fieldOf(block, WORK) + length);
  return false;
}

/** Digits of a run whose alignments are looked at all at once; most are hashes. */
const MOST_CLOSE: u32 = 256;

function isDullClose(block: usize, count: u32, group: u32): bool {
  const text = fieldOf(block, BELOW_TEXT);
  const starts = fieldOf(block, STARTS);
  const length = decodeClose(fieldOf(block, DIGITS), count, group, text, starts);
  for (let alignment: u32 = 0; alignment < group; alignment++) {
    if (isZlib(text + load<u32>(starts + (alignment << 2)))) return false;
  }
  // No alignment has more bytes than the first.
  const mayDump = load<u32>(starts, 4) - load<u32>(starts) >= LEAST_DUMP;
  if (judge(text, length, fieldOf(block, BEGINS), mayDump) !== DULL) return false;
  if (fieldOf(block, KNOWN) !== 0 && isKnownIn(text, length)) return false;
  store<u32>(block + WORK, fieldOf(block, WORK) + length);
  return true;
}

/** At which alignments there is one: a bit for each. */
export function loudAlignments(block: usize, count: u32, group: u32, apart: u32): u32 {
  const length = decodeTogether(fieldOf(block, DIGITS), count, group, apart, fieldOf(block, BELOW_TEXT), fieldOf(block, STARTS), ALL);
  return loudOf(block, group, apart, length, false);
}

/** The same when they are decoded; `any`: only one of them is told. */
function loudOf(block: usize, group: u32, apart: u32, length: u32, any: bool): u32 {
  const text = fieldOf(block, BELOW_TEXT);
  const starts = fieldOf(block, STARTS);
  if (fieldOf(block, KNOWN) !== 0 && isKnownIn(text, length)) return ALL;
  let loud: u32 = 0;
  // Most of what is encoded begins where its run does.
  for (let alignment: u32 = 0; alignment < group; alignment++) {
    const from = load<u32>(starts + (alignment << 2));
    const to = load<u32>(starts + ((alignment + 1) << 2)) - apart;
    if (!isLoudText(block, text + from, to - from)) continue;
    loud |= 1 << alignment;
    if (any) break;
  }
  return loud;
}

/** Whether there is one in bytes that are below already. */
export function isLoudBelow(block: usize, length: u32): bool {
  const text = fieldOf(block, BELOW_TEXT);
  return (fieldOf(block, KNOWN) !== 0 && isKnownIn(text, length)) || isLoudText(block, text, length);
}

function isLoudText(block: usize, text: usize, length: u32): bool {
  if (isZlib(text)) return true;
  const verdict = judge(text, length, fieldOf(block, BEGINS), length >= LEAST_DUMP);
  if (verdict !== UNSURE) return verdict === LOUD;
  const from = text + unsureFrom;
  const size = unsureTo - unsureFrom;
  const maps = fieldOf(block, BELOW_MAPS);
  const stride = fieldOf(block, BELOW_STRIDE);
  const hits = fieldOf(block, HITS);
  const room = <u32>fieldOf(block, HITS_ROOM);
  const literals = fieldOf(block, LITERALS);
  // A survey puts zeros behind its text, where this one may go on.
  const end = from + size;
  const one = v128.load(end);
  const two = v128.load(end, 16);
  const three = v128.load(end, 32);
  const four = v128.load(end, 48);
  const found = surveyForNoise(from, 0, size, 0, size, maps, stride, fieldOf(block, CLASSES), literals, fieldOf(block, KEYS), hits, room);
  v128.store(end, one);
  v128.store(end, two, 16);
  v128.store(end, three, 32);
  v128.store(end, four, 48);
  return found > 0;
}
