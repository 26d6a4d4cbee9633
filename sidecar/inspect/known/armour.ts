/** Private keys within a text: armoured (RFC 7468, RFC 9580), of PuTTY, or in base64 alone, once or twice. Pure. */
import { type Part, puttyParts, secretParts } from './private-keys.ts';

export interface KeyText {
  /** Where its base64 stands in the text. */
  from: number;
  to: number;
  /** What that says, and which bytes of it are secret. `undefined`: a kind of key that is not understood. */
  bytes: Buffer;
  parts: readonly Part[] | undefined;
  /** `bytes` is itself a text with keys. */
  inner: readonly KeyText[];
  /** Places in the text of the digits of which all bits are secret. */
  secret: readonly number[];
}

const ARMOUR = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/g;
/** Of its end, or of the next where that is cut off. */
const ARMOUR_END = '-----';
const PUTTY = /Private-Lines: \d+/g;
const PUTTY_END = 'Private-';
/** `Proc-Type: 4,ENCRYPTED` (RFC 1421), `Comment: …`, before the body. */
const HEADERS = /(?:\s|\\[nr])*(?:[A-Za-z][A-Za-z-]*: (?:(?!\\[nr])[^\r\n])*(?:\s|\\[nr])+)*/y;
/** Base64 by itself, in one line or several. */
const BARE = /[A-Za-z0-9+/_-]{48,}(?:(?:\r?\n|\\n)[A-Za-z0-9+/_-]+)*/g;
/** What the base64 of a file with a key says, or that of such base64. */
const KEY_FILE = /PRIVATE KEY|Private-Lines|^LS0tLS1CRUdJTi/;
/** Times that base64 is written in base64. */
const MAX_NESTED = 2;

/** In the order in which they stand, none within another. `text` in latin1. Takes time in proportion to its length. */
export function keyTexts(text: string, nested = MAX_NESTED): KeyText[] {
  const armoured = [
    ...bodiesOf(text, ARMOUR, ARMOUR_END, (head) => {
      const isEncrypted = head.includes('ENCRYPTED\n') || head.includes('DEK-Info');
      return (bytes) => (isEncrypted ? [[0, bytes.length]] : secretParts(bytes));
    }),
    ...bodiesOf(text, PUTTY, PUTTY_END, () => puttyParts),
  ].sort((a, b) => a.from - b.from);
  const found = [...armoured];
  let passed = 0;
  for (const { 0: run, index } of text.matchAll(BARE)) {
    const to = index + run.length;
    while (passed < armoured.length && (armoured[passed] as KeyText).to <= index) passed++;
    if (passed < armoured.length && (armoured[passed] as KeyText).from < to) continue;
    const key = keyText(text, index, to, secretParts, nested);
    if (key.parts !== undefined) found.push(key);
  }
  return found.sort((a, b) => a.from - b.from);
}

type PartsOf = (bytes: Buffer) => readonly Part[] | undefined;

/** What stands behind each match of `begins` up to `end`; `partsOf` is told what stands before the base64. */
function* bodiesOf(text: string, begins: RegExp, end: string, partsOf: (head: string) => PartsOf): Generator<KeyText> {
  begins.lastIndex = 0;
  for (let found = begins.exec(text); found !== null; found = begins.exec(text)) {
    const { 0: head, index } = found;
    HEADERS.lastIndex = index + head.length;
    const from = HEADERS.lastIndex + (HEADERS.exec(text)?.[0].length ?? 0);
    const next = text.indexOf(end, from);
    const to = next < 0 ? text.length : next;
    yield keyText(text, from, to, partsOf(text.slice(index, from)));
    // What looks like the beginning of another within it is none.
    begins.lastIndex = to;
  }
}

function keyText(text: string, from: number, to: number, partsOf: PartsOf, nested = 0): KeyText {
  const bytes = saidBy(text.slice(from, to));
  const decoded = nested > 0 ? bytes.toString('latin1') : '';
  const inner = KEY_FILE.test(decoded) ? keyTexts(decoded, nested - 1) : [];
  const parts = inner.length > 0 ? inner.flatMap(({ secret }) => runsOf(secret)) : partsOf(bytes);
  const places = parts === undefined || parts.length === 0 ? [] : digitsIn(text, from, to);
  const secret = (parts ?? []).flatMap(([first, last]) =>
    places.slice(Math.ceil((first * 8) / 6), Math.floor((last * 8) / 6)),
  );
  return { from, to, bytes, parts, inner, secret };
}

/** What the digits that `digitsIn` finds say. */
function saidBy(text: string): Buffer {
  const padding = text.indexOf('=');
  const digits = padding < 0 ? text : text.slice(0, padding);
  // Node passes over whatever is no digit.
  return Buffer.from(digits.includes('\\') ? digits.replaceAll(/\\[nrt]?/g, '') : digits, 'base64');
}

/** Places of base64 digits, up to the padding; line breaks may be written as `\n`, a slash as `\/`. */
function digitsIn(text: string, from: number, to: number): number[] {
  const places: number[] = [];
  for (let at = from; at < to; at++) {
    const character = text.charAt(at);
    if (character === '=') break;
    if (character === '\\') {
      if (/[nrt]/.test(text.charAt(at + 1))) at++;
    } else if (/[A-Za-z0-9+/_-]/.test(character)) places.push(at);
  }
  return places;
}

/** Digits of a line and of the next are one run. */
const MAX_BREAK = 4;

function runsOf(places: readonly number[]): Part[] {
  const runs: [number, number][] = [];
  for (const at of places) {
    const last = runs.at(-1);
    if (last !== undefined && at - last[1] < MAX_BREAK) last[1] = at + 1;
    else runs.push([at, at + 1]);
  }
  return runs;
}
