/** Whether characters could have been drawn at random, or are words, a placeholder or a sequence. */
import { entropy } from '../../scan/entropy.ts';

/** Shortest part of a token that is looked at by itself. */
const MIN_PART = 20;
/** Share of the entropy that so many characters of the alphabet can have at most; random ones stay well above. */
const MIN_SHARE = 0.72;
/** The same for texts shorter than MIN_PART. */
const MIN_SHORT_SHARE = 0.62;
/** Shorter texts say too little. */
const MIN_JUDGED = 8;
/** Characters from which on a text without digits is looked at for words. */
const MIN_WORDY = 20;
/** An alphabet of both cases and digits has so many characters. */
const LETTERS_AND_DIGITS = 62;
/** An alphabet without digits has so many characters, or twice that. */
const LETTERS = 26;
/** Successors in a row (`abcdef`, `123456`) that nobody draws. */
const MAX_SEQUENCE = 5;

/** What people write where a secret would stand. */
const PLACEHOLDER =
  /x{6}|0{8}|\*{4}|\.{4}|example|placeholder|redacted|changeme|foobar|dummy|your[_-]?|insert|replace|deadbeef|abcabc|secret|password|sample|-here/i;

/** `size`: of the alphabet. */
export function looksDrawn(text: string, size: number): boolean {
  if (text.length < MIN_JUDGED) return true;
  const share = text.length < MIN_PART ? MIN_SHORT_SHARE : MIN_SHARE;
  if (entropy(text) < share * Math.log2(Math.min(text.length, size))) return false;
  return !PLACEHOLDER.test(text) && !hasSequence(text) && !isPeriodic(text) && !isWordy(text, size);
}

/** Whether the parts of a token look drawn, all together and the long ones each; `sizes` are those of their alphabets. */
export function partsDrawn(parts: readonly string[], sizes: readonly number[]): boolean {
  for (const [index, part] of parts.entries()) {
    const size = sizes[index] ?? 64;
    if (part.length >= MIN_PART ? !looksDrawn(part, size) : isWord(part, size)) return false;
  }
  return parts.length === 1 && (parts[0] ?? '').length >= MIN_PART
    ? true
    : looksDrawn(parts.join(''), Math.min(...sizes));
}

/** A short part of letters and digits that is a word. */
function isWord(part: string, size: number): boolean {
  return size >= LETTERS_AND_DIGITS && part.length >= MIN_JUDGED && /^[A-Za-z][a-z]+$/.test(part);
}

function hasSequence(text: string): boolean {
  let run = 0;
  for (let at = 1; at < text.length; at++) {
    run = text.charCodeAt(at) === text.charCodeAt(at - 1) + 1 ? run + 1 : 0;
    if (run > MAX_SEQUENCE) return true;
  }
  return false;
}

function isPeriodic(text: string): boolean {
  if (text.length < 2 * MIN_JUDGED) return false;
  for (let period = 1; period <= text.length / 2; period++) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}

/** Identifiers and words: no digits and the case of words, or several words between dashes. */
function isWordy(text: string, size: number): boolean {
  if ((text.match(/(?<![A-Za-z0-9])[A-Za-z]?[a-z]{3,}(?![A-Za-z0-9])/g)?.length ?? 0) >= 2) return true;
  if (text.length < MIN_WORDY || /[0-9]/.test(text) || size === LETTERS || size === 2 * LETTERS) return false;
  if (size <= 16) return true;
  if (!/[a-z]/.test(text) || !/[A-Z]/.test(text)) return true;
  const changes = text.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0;
  return changes < text.length / 4 || !/[A-Z]{2}/.test(text);
}

/** Words, as in a path, in which what follows is a segment of its own. */
const PATH = /[a-z]{7}|^[^A-Z]+$|^[^0-9]+$/;
/** Characters before a place that must be of base64 for the place to lie in a run of it. */
export const RUN_BEFORE = 32;
/** Bits per character of RUN_BEFORE characters; fewer are padding, not data. */
const MIN_RUN_ENTROPY = 2.5;

/** Whether what comes before `at`, on the line or the one above, is a run of base64 characters, in which short literals prove nothing. */
export function isInRun(text: string, at: number): boolean {
  let end = at;
  while (end > 0 && at - end < MAX_LINE_END && /[\r\n\t ]/.test(text.charAt(end - 1))) end--;
  // A blank alone separates.
  if (end < at && !text.slice(end, at).includes('\n')) return false;
  if (end < RUN_BEFORE) return false;
  const before = text.slice(end - RUN_BEFORE, end);
  return /^[A-Za-z0-9+/_-]+$/.test(before) && entropy(before) >= MIN_RUN_ENTROPY && !PATH.test(before);
}

/** Characters of a line end and the indentation of the next line. */
const MAX_LINE_END = 8;
