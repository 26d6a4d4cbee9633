/**
 * An escape that stands for one digit of base64, or for white space between two: `\/`, `\u002b`, `\n`, `%2B`, `&#x2F;`.
 */
import { CLASS } from '../scan/classes.ts';
import type { Survey } from '../scan/simd/survey.ts';
import { entity } from './structure/entities.ts';

/** Bytes of one, however often what begins it is escaped again; MOST_ESCAPE in escape.asm.ts. */
export const MAX_DIGIT_ESCAPE = 80;

export interface EscapedDigit {
  /** Bytes of the escape. */
  length: number;
  /** `undefined`: white space. */
  digit: number | undefined;
}

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
export const AMPERSAND = 0x26;

/** A number ends where it has digits enough; a name at its semicolon. */
const REFERENCE = /&(?:amp;){0,8}(#[xX]0{0,4}[0-9A-Fa-f]{2}|#0{0,4}\d{2,3}|[A-Za-z]{3,7}(?=;));?/y;

/** What stands at `at` of `bytes`, which `survey` is of; `undefined`: none that says a digit of `alphabet` (a bit of CLASS) or white space. */
export function escapedDigit(bytes: Buffer, at: number, alphabet: number, survey: Survey): EscapedDigit | undefined {
  const first = bytes[at];
  let found: { byte: number; length: number } | undefined;
  if (first === AMPERSAND) found = referenceAt(bytes, at);
  else if (first === BACKSLASH || first === PERCENT) found = survey.escapeAt(at);
  if (found === undefined) return undefined;
  const { byte, length } = found;
  if (byte === 0x20 || (byte >= 0x08 && byte <= 0x0d)) return { length, digit: undefined };
  return ((CLASS[byte] as number) & alphabet) === 0 ? undefined : { length, digit: byte };
}

function referenceAt(bytes: Buffer, at: number): { byte: number; length: number } | undefined {
  REFERENCE.lastIndex = 0;
  const found = REFERENCE.exec(bytes.toString('latin1', at, at + MAX_DIGIT_ESCAPE));
  const byte = found === null ? undefined : entity(found[1] as string);
  return found === null || byte === undefined ? undefined : { byte, length: found[0].length };
}
