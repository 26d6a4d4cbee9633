/**
 * An escape that stands for one digit of base64, or for white space between two: `\/`, `\u002b`, `\n`, `%2B`, `&#x2F;`. Pure.
 */
import { CLASS } from '../scan/classes.ts';

/** Bytes of one, however often what begins it is escaped again. */
export const MAX_DIGIT_ESCAPE = 40;

export interface EscapedDigit {
  /** Bytes of the escape. */
  length: number;
  /** `undefined`: white space. */
  digit: number | undefined;
}

/** Escapes again (`%25`, `\\`, `&amp;`) are part of what begins one. Groups: hexadecimal, octal, decimal, a letter, a name. */
const ESCAPE =
  /(?:%(?:25){0,8}|\\{1,8}(?:u0{0,2}|u\{0{0,4}|x|U0{6})|&(?:amp;){0,4}#[xX]0{0,4})([0-9A-Fa-f]{2})[};]?|\\{1,8}([0-7]{3})|&(?:amp;){0,4}#0{0,4}(\d{1,3});?|\\{1,8}([nrt/])|&(?:amp;){0,4}(sol|plus|NewLine|Tab);/y;
const NAMED: ReadonlyMap<string, number> = new Map([
  ['/', 0x2f],
  ['sol', 0x2f],
  ['plus', 0x2b],
]);
const BACKSLASH = 0x5c;
const PERCENT = 0x25;
export const AMPERSAND = 0x26;

/** What stands at `at`; `undefined`: none that says a digit of `alphabet` (a bit of CLASS) or white space. */
export function escapedDigit(bytes: Buffer, at: number, alphabet: number): EscapedDigit | undefined {
  const first = bytes[at];
  if (first !== BACKSLASH && first !== PERCENT && first !== AMPERSAND) return undefined;
  ESCAPE.lastIndex = 0;
  const found = ESCAPE.exec(bytes.toString('latin1', at, at + MAX_DIGIT_ESCAPE));
  if (found === null) return undefined;
  const [whole, hex, octal, decimal, letter = '', name = letter] = found;
  const code =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : octal !== undefined
        ? Number.parseInt(octal, 8)
        : decimal !== undefined
          ? Number(decimal)
          : (NAMED.get(name) ?? 0x20);
  if (code === 0x20 || (code >= 0x08 && code <= 0x0d)) return { length: whole.length, digit: undefined };
  const isDigit = code < 0x80 && ((CLASS[code] as number) & alphabet) !== 0;
  return isDigit ? { length: whole.length, digit: code } : undefined;
}
