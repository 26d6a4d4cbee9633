/**
 * How far text around an escape is read: what is encoded is read as a whole, as long as it goes on. That is a run of base64, in lines
 * too, or a dump of hex digits or numbers; of anything else a detector, or a decoder, needs less than what is read anyhow.
 */
import { isSet, next, runEnd, runStart, textStart } from './bitmaps.asm';
import { BASE64, BREAK, CLASS_GAP, HEXABLE, KINDS, LENGTH, MAPS, STRIDE, TEXT, fieldOf } from './block.asm';

/** Bytes to either side of an escape that are read at most (FAR in unescape.ts). */
export const FAR: u32 = 3072;
/** Digits of a line of base64, and of a dump with what is between; words have fewer. */
const LEAST_LINE: u32 = 20;
const LEAST_DUMP: u32 = 32;
/** Bytes between two lines at most, as MAX_LINE_GAP in base64.ts. */
const LINE_GAP: u32 = 32;
/** Bytes before what is encoded that say what it is: the first line of a key. And behind it, what ends it: a quote. */
const HEAD: u32 = 128;
const TAIL: u32 = 16;

/** Where what is encoded at `from` begins: that place when nothing is; never before `floor`, nor before the text. */
export function encodedBegin(block: usize, from: u32, floor: u32): u32 {
  const length = <u32>fieldOf(block, LENGTH);
  const base64 = fieldOf(block, MAPS) + BASE64 * fieldOf(block, STRIDE);
  const hexable = fieldOf(block, MAPS) + HEXABLE * fieldOf(block, STRIDE);
  let begin = from;
  while (begin > floor) {
    const line = lineBefore(block, base64, begin, floor, length);
    if (line === begin) break;
    begin = line;
  }
  const dump = runStart(hexable, from, floor);
  if (dump < begin && runEnd(hexable, from, min(length, from + LEAST_DUMP)) - dump >= LEAST_DUMP) begin = dump;
  if (begin === from) return from;
  return textStart(block, begin, begin > floor + HEAD ? begin - HEAD : floor);
}

/** Where the line begins that holds `from` or ends a gap before it; `from` when there is none. */
function lineBefore(block: usize, base64: usize, from: u32, floor: u32, length: u32): u32 {
  const begin = runStart(base64, from, floor);
  if (begin < from && runEnd(base64, from, min(length, from + LEAST_LINE)) - begin >= LEAST_LINE) return begin;
  const end = from - gap(block, from, -1, min(LINE_GAP, from - floor));
  const before = runStart(base64, end, floor);
  return end - before >= LEAST_LINE ? before : from;
}

/** Whether what `encodedEnd` says depends on what comes behind the text. */
export let mayGoOn: bool = false;

/** Where what is encoded at `from` ends: that place when nothing is; never behind `most` or the end of the text. */
export function encodedEnd(block: usize, from: u32, most: u32, final: bool): u32 {
  const length = <u32>fieldOf(block, LENGTH);
  const base64 = fieldOf(block, MAPS) + BASE64 * fieldOf(block, STRIDE);
  const hexable = fieldOf(block, MAPS) + HEXABLE * fieldOf(block, STRIDE);
  const stop = min(length, most);
  const isCut = !final && length < most;
  mayGoOn = false;
  let end = from;
  while (true) {
    const line = lineBehind(block, base64, end, stop, end === from);
    if (line === end) break;
    end = line;
  }
  if (isCut && end + LINE_GAP + LEAST_LINE > length && isText(block, end, length)) mayGoOn = true;
  const floor = from > LEAST_DUMP ? from - LEAST_DUMP : 0;
  const dump = runEnd(hexable, from, stop);
  if (isCut && dump === length) mayGoOn = true;
  if (dump > from && dump - runStart(hexable, from, floor) >= LEAST_DUMP) end = max(end, dump);
  return end === from ? from : min(stop, end + TAIL);
}

/** Where the line ends that holds `from`, if it is the `first`, or begins behind a gap there; `from` when there is none. */
function lineBehind(block: usize, base64: usize, from: u32, stop: u32, first: bool): u32 {
  if (first) {
    const end = runEnd(base64, from, stop);
    if (end > from && end - runStart(base64, from, from > LEAST_LINE ? from - LEAST_LINE : 0) >= LEAST_LINE) return end;
  }
  const begin = from + gap(block, from, 1, min(LINE_GAP, stop - from));
  const end = runEnd(base64, begin, stop);
  return end - begin >= LEAST_LINE ? end : from;
}

/** How many bytes from `from` on, or before it, are what may stand between two lines. */
function gap(block: usize, from: u32, step: i32, most: u32): u32 {
  const text = fieldOf(block, TEXT);
  const kinds = fieldOf(block, KINDS);
  let count: u32 = 0;
  let at = text + from - <u32>(step < 0);
  while (count < most && (load<u8>(kinds + load<u8>(at)) & CLASS_GAP) !== 0) {
    at += step;
    count++;
  }
  return count;
}

function isText(block: usize, from: u32, to: u32): bool {
  const breaks = fieldOf(block, MAPS) + BREAK * fieldOf(block, STRIDE);
  const end = next(breaks, from, to);
  return end >= to || !isSet(breaks, end);
}
