/**
 * Which parts of a held secret give it away. A Secret may be a whole file: armour, JSON keys, hosts and public keys in it
 * are in other texts too. A window tells when it looks drawn by lot: letters of both cases and digits mixed.
 */

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
  fillDrawn(bytes, telling);
  for (const [from, to] of publicRanges(bytes.toString('latin1'))) {
    telling.fill(0, Math.max(0, from - FRAGMENT + 1), to);
  }
  return telling;
}

/** What is drawn in one piece; longer ones are lines of armour, which have parts that are in all of their kind. */
const TOKEN = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{16,48}(?![A-Za-z0-9+/])/g;
/** Share of its windows that tell, at least. */
const LEAST_TELLING = 0.25;

/** Where most of a token looks drawn, so was what by chance does not. */
function fillDrawn(bytes: Buffer, telling: Uint8Array): void {
  for (const { 0: token, index } of bytes.toString('latin1').matchAll(TOKEN)) {
    const to = index + token.length - FRAGMENT + 1;
    const count = telling.subarray(index, to).reduce((sum, tells) => sum + tells, 0);
    if (count < LEAST_TELLING * (to - index)) continue;
    for (let at = index; at < to; at++) {
      if (new Set(bytes.subarray(at, at + FRAGMENT)).size >= MIN_DISTINCT) telling[at] = 1;
    }
  }
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
