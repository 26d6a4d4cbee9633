import { BASE64URL_DIGITS } from './beside.ts';
import { BASE64URL, characters } from './samples.ts';
import { type Detector, LOOK_AHEAD, LOOK_BEHIND, type Match } from './types.ts';
import { writtenFormats } from './written.ts';

/** Characters of signature that make a token worth stealing. */
const MIN_SIGNATURE = 16;
/** Characters of the shortest header, and of the shortest payload with the dot before it. */
const MIN_HEADER = 9;
const MIN_PAYLOAD = 12;
/** Characters of header that are looked at. */
const MAX_HEADER = LOOK_BEHIND - 8;
/** Places in the header's run at which a header is tried to begin. */
const MAX_STARTS = 4;

/** Finds the header that ends at `dot`: base64url JSON with an `alg`. */
function headerStart(text: string, dot: number): number | undefined {
  let from = dot;
  const edge = Math.max(0, dot - MAX_HEADER);
  while (from > edge && isBase64Url(text.charCodeAt(from - 1))) from--;
  let tries = 0;
  for (
    let start = text.indexOf('e', from);
    start >= 0 && start + MIN_HEADER <= dot && tries < MAX_STARTS;
    start = text.indexOf('e', start + 1)
  ) {
    if (!/^e[yw][A-Za-z]/.test(text.slice(start, start + 3))) continue;
    tries++;
    try {
      const header: unknown = JSON.parse(Buffer.from(text.slice(start, dot), 'base64url').toString('utf8'));
      if (typeof header === 'object' && header !== null && 'alg' in header) return start;
    } catch {
      // Not a header from here on: the next place may be one.
    }
  }
  // More beginnings than a header has by chance: they are there to hide it.
  if (tries === MAX_STARTS) return from;
  // Too long to be seen whole: a header with certificates in it.
  return dot - from === MAX_HEADER ? from : undefined;
}

function isBase64Url(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 45 ||
    code === 95
  );
}

function confirm(text: string, at: number): Match | undefined {
  const start = headerStart(text, at);
  if (start === undefined) return undefined;
  const edge = at + LOOK_AHEAD - 64;
  let end = at + 1;
  while (end < edge && isBase64Url(text.charCodeAt(end))) end++;
  // A payload longer than the window is a payload all the same; its signature is not waited for.
  if (end === edge) return { start, end };
  if (text.charAt(end) !== '.' || end - at < MIN_PAYLOAD) return undefined;
  const signature = end + 1;
  end = signature;
  while (end < signature + MIN_SIGNATURE && isBase64Url(text.charCodeAt(end))) end++;
  return end === signature + MIN_SIGNATURE ? { start, end } : undefined;
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function unsigned(seed: number): string {
  const header = { alg: 'RS256', kid: characters(seed, 8, BASE64URL) };
  return `${part(header)}.${part({ iss: 'acme', sub: `user-${seed}` })}`;
}

function matching(seed: number): string[] {
  const account = { iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:ci:builder', jti: seed };
  return [
    `${unsigned(seed)}.${characters(seed, 43, BASE64URL)}`,
    `Bearer ${unsigned(seed)}.${characters(seed, 342, BASE64URL)}`,
    `${part({ alg: 'RS256', kid: characters(seed, 43, BASE64URL) })}.${part(account)}.${characters(seed, 342, BASE64URL)}`,
  ];
}

/** A signed JSON Web Token (service accounts, sessions, OIDC). Its payload is JSON, so that its second part begins like `{"` in base64url. */
export const jwt: Detector = {
  name: 'jwt',
  service: 'JSON Web Tokens (Kubernetes, OIDC and others)',
  severity: 'high',
  formats: writtenFormats(['eyJ….eyJ….…', 'Bearer eyJ….eyJ….…', 'Kubernetes service account'], matching),
  literals: ['.eyJ', '.eyA', '.ewo', '.ewk', '.ew0'],
  beside: ({ length }) => ({
    before: { set: BASE64URL_DIGITS, count: MIN_HEADER },
    behind: { set: BASE64URL_DIGITS, count: MIN_PAYLOAD - length },
  }),
  confirm,
  reach: LOOK_BEHIND,
  homeHosts: [],
  source: 'RFC 7519, RFC 7515',
  examples: (seed) => ({
    matching: matching(seed),
    other: [
      unsigned(seed),
      `${unsigned(seed)}.`,
      `abcdefghijklmnop.${part({ sub: 1 })}.${characters(seed, 43, BASE64URL)}`,
    ],
  }),
};
