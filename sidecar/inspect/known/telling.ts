/**
 * Which parts of a held secret give it away. A Secret may be a whole file: armour, JSON keys, hosts and public keys in it
 * are in other texts too. A window tells when it looks drawn by lot: letters of both cases and digits mixed.
 */

import { looksDrawn } from '../detectors/grammar/drawn.ts';
import { keyTexts } from './armour.ts';
import { secretParts } from './private-keys.ts';

/** Bytes of a fragment. */
export const FRAGMENT = 12;
/** Neighbours in a window that are of different kinds (lower case, upper case, digit): random base62 has 7, hex 5, words 0 to 2. */
const MIN_CHANGES = 4;
const MIN_DISTINCT = 6;
/** Bytes of a window that are no text, for it to be binary; and how many different ones it then has. */
const MIN_BINARY = 3;
const MIN_BINARY_DISTINCT = 9;

/** Parts of a file that are not secret: public keys, certificates, known hosts, and what JSON calls an id or an address. */
const PUBLIC: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z0-9 ]* )?(?:CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL)-----[\s\S]*?-----END [A-Z0-9 ]+-----/g,
  /(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-[a-z0-9-]+|sk-[a-z0-9@.-]+) AAAA[A-Za-z0-9+/=]+/g,
  /Public-Lines: \d{1,3}\s[A-Za-z0-9+/=\s]+(?=Private-Lines:)/g,
  /\b(?:certificate-authority|client-certificate)-data["']?: *["']?[A-Za-z0-9+/=]+/g,
  /"[A-Za-z0-9_-]*(?:_id|Id|_url|_uri|Url|Uri|_email|_type|kid)"\s*:\s*"(?:[^"\\]|\\.)*"/g,
];

/** Ranges `[from, to)` of `text` (latin1) that are public. */
export function publicRanges(text: string): [from: number, to: number][] {
  return PUBLIC.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((found): [number, number] => [found.index, found.index + found[0].length]),
  );
}

/** 1 for each offset at which a window of FRAGMENT bytes tells. */
export function tellingWindows(bytes: Buffer): Uint8Array {
  const telling = new Uint8Array(bytes.length);
  const counts = new Uint8Array(256);
  let distinct = 0;
  let binary = 0;
  let changes = 0;
  for (let end = 0; end < bytes.length; end++) {
    const added = bytes[end] as number;
    if (counts[added] === 0) distinct++;
    counts[added] = (counts[added] as number) + 1;
    if (kindOf(added) === BINARY) binary++;
    if (end > 0 && isChange(bytes[end - 1] as number, added)) changes++;
    const at = end - FRAGMENT + 1;
    if (at < 0) continue;
    const tells =
      binary >= MIN_BINARY ? distinct >= MIN_BINARY_DISTINCT : changes >= MIN_CHANGES && distinct >= MIN_DISTINCT;
    telling[at] = tells ? 1 : 0;
    const gone = bytes[at] as number;
    counts[gone] = (counts[gone] as number) - 1;
    if (counts[gone] === 0) distinct--;
    if (kindOf(gone) === BINARY) binary--;
    if (isChange(gone, bytes[at + 1] as number)) changes--;
  }
  const text = bytes.toString('latin1');
  fillDrawn(bytes, text, telling);
  markKeys(bytes, text, telling);
  for (const [from, to] of publicRanges(text)) {
    telling.fill(0, Math.max(0, from - FRAGMENT + 1), to);
  }
  return telling;
}

/** What is drawn in one piece. */
const TOKEN = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}(?![A-Za-z0-9+/_-])/g;
/** Characters of one of which all was drawn; longer ones (lines of armour, claims) have parts that are in all of their kind. */
const MAX_WHOLE_TOKEN = 48;
/** Windows in a row of a longer one that do not look drawn by chance. */
const MAX_GAP = 24;
/** Share of its windows that tell, at least. */
const LEAST_TELLING = 0.25;
/** The digits and letters of one case, and which share of its neighbours are of different kinds: 0.3 in base32, 0.47 in hex. */
const ONE_CASE = /^(?:[a-z0-9]+|[A-Z0-9]+)$/;
const LEAST_CHANGES = 0.125;
const ONE_CASE_SIZE = 36;
/** Characters of a password, and which share of its neighbours are of different kinds, symbols too: 0.7 where any may stand. */
const MAX_PASSWORD = 64;
const LEAST_PASSWORD_CHANGES = 0.5;
/** Share of symbols that no version, address or path has. */
const LEAST_SYMBOLS = 0.1;

/** Where most of a token looks drawn, so was what by chance does not. */
function fillDrawn(bytes: Buffer, text: string, telling: Uint8Array): void {
  if (isPassword(bytes)) fillMixed(bytes, 0, bytes.length - FRAGMENT + 1, telling);
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const to = index + token.length - FRAGMENT + 1;
    const count = telling.subarray(index, to).reduce((sum, tells) => sum + tells, 0);
    const isOneCase = ONE_CASE.test(token);
    if (isOneCase && changesIn(token) >= LEAST_CHANGES * token.length && looksDrawn(token, ONE_CASE_SIZE)) {
      fillMixed(bytes, index, to, telling);
    } else if (count < LEAST_TELLING * (to - index)) continue;
    else if (token.length <= MAX_WHOLE_TOKEN) fillMixed(bytes, index, to, telling);
    else fillGaps(bytes, index, to, telling);
  }
}

/** Between two windows that tell, and behind the last. */
function fillGaps(bytes: Buffer, from: number, to: number, telling: Uint8Array): void {
  for (let last = telling.indexOf(1, from); last >= 0 && last < to; ) {
    const next = telling.indexOf(1, last + 1);
    const end = next < 0 ? to : Math.min(next, to);
    if (end - last <= MAX_GAP) fillMixed(bytes, last, end, telling);
    last = next;
  }
}

function fillMixed(bytes: Buffer, from: number, to: number, telling: Uint8Array, least = MIN_DISTINCT): void {
  for (let at = from; at < to; at++) {
    if (telling[at] === 0 && new Set(bytes.subarray(at, at + FRAGMENT)).size >= least) telling[at] = 1;
  }
}

/** Whether a whole value is of letters of both cases, digits and symbols in no order. */
function isPassword(bytes: Buffer): boolean {
  if (bytes.length > MAX_PASSWORD || bytes.some((byte) => byte <= 0x20 || byte >= 0x7f)) return false;
  const kinds = new Set(bytes.map(kindOf));
  let changes = 0;
  for (let at = 1; at < bytes.length; at++) {
    if (kindOf(bytes[at] as number) !== kindOf(bytes[at - 1] as number)) changes++;
  }
  const symbols = bytes.toString('latin1').match(/[^A-Za-z0-9._:/-]/g)?.length ?? 0;
  return (
    kinds.size === 4 && changes >= LEAST_PASSWORD_CHANGES * bytes.length && symbols >= LEAST_SYMBOLS * bytes.length
  );
}

/** Places at which a letter and a digit stand beside each other. */
function changesIn(token: string): number {
  return token.match(/[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])/g)?.length ?? 0;
}

/** Characters of a window that say something of a key's secret, at least: 24 bits, for it to stand in nothing else. */
const MIN_SECRET = 4;
/** Different ones in such a window: in base64 of base64 five come by chance in one of a hundred thousand, and fewer in none. */
const MIN_SECRET_DISTINCT = 4;

/** Of a private key what is secret tells, whatever it looks like, and nothing else does. */
function markKeys(bytes: Buffer, text: string, telling: Uint8Array): void {
  const parts = secretParts(bytes);
  if (parts !== undefined) {
    const places = parts.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
    mark(bytes, { from: 0, to: bytes.length, secret: places }, telling);
    return;
  }
  for (const key of keyTexts(text)) {
    if (key.parts !== undefined) mark(bytes, key, telling);
    else fillBetween(bytes, key, telling);
  }
}

function mark(
  bytes: Buffer,
  { from, to, secret }: { from: number; to: number; secret: readonly number[] },
  telling: Uint8Array,
): void {
  telling.fill(0, Math.max(0, from - FRAGMENT + 1), to);
  // Of the windows that begin with `secret[first]` or before it and end with `secret[first + MIN_SECRET - 1]` or behind it; each once.
  let next = 0;
  for (let first = 0; first + MIN_SECRET <= secret.length; first++) {
    const last = secret[first + MIN_SECRET - 1] as number;
    const end = Math.min(secret[first] as number, bytes.length - FRAGMENT) + 1;
    fillMixed(bytes, Math.max(next, last - FRAGMENT + 1), end, telling, MIN_SECRET_DISTINCT);
    next = Math.max(next, end);
  }
}

/** What stands between two parts of a key of another kind that look drawn was. */
function fillBetween(bytes: Buffer, { from, to }: { from: number; to: number }, telling: Uint8Array): void {
  const told = telling.subarray(from, to);
  const first = told.indexOf(1);
  if (first >= 0) fillMixed(bytes, from + first, from + told.lastIndexOf(1), telling);
}

function isChange(before: number, after: number): boolean {
  const last = kindOf(before);
  const kind = kindOf(after);
  return kind !== last && kind !== 0 && kind !== BINARY && last !== 0 && last !== BINARY;
}

const BINARY = 4;

/** 0: a character between words. */
function kindOf(byte: number): number {
  if (byte >= 0x61 && byte <= 0x7a) return 1;
  if (byte >= 0x41 && byte <= 0x5a) return 2;
  if (byte >= 0x30 && byte <= 0x39) return 3;
  const isText = (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09;
  return isText ? 0 : BINARY;
}

/** Fewer different bytes than this are a filler. */
const MIN_WHOLE_DISTINCT = 4;
const PLAIN: readonly RegExp[] = [
  // A host, with a port; an address; a URL without credentials; a mail address; a path; a number, date or time.
  /^(?:[a-z0-9_-]+\.)+[a-z]{2,63}\.?(?::\d+)?$/i,
  /^[0-9a-f.:[\]]*[.:][0-9a-f.:[\]]*(?::\d+)?(?:\/\d+)?$/i,
  /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9_.[\]:-]+(?:\/[a-z0-9_./~-]*)?$/i,
  /^[a-z0-9_.+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,63}$/i,
  /^(?:\/[a-z0-9_.@+-]+)+\/?$/i,
  /^[\d\s.,:+TZ-]+$/,
];

/** Whether a whole value says nothing that is secret. */
export function isPlain(bytes: Buffer): boolean {
  if (new Set(bytes).size < MIN_WHOLE_DISTINCT) return true;
  const text = bytes.toString('latin1');
  let rest = '';
  let end = 0;
  for (const [from, to] of publicRanges(text).sort(([a], [b]) => a - b)) {
    if (from > end) rest += text.slice(end, from);
    end = Math.max(end, to);
  }
  rest += text.slice(end);
  if (end > 0 && !/[A-Za-z0-9+/]{20}/.test(rest) && !/PRIVATE/.test(rest) && !rest.includes('{')) return true;
  return PLAIN.some((pattern) => pattern.test(text)) && !tellingWindows(bytes).includes(1);
}
