import { entropy, maxEntropy } from '../scan/entropy.ts';
import { hasRow } from './beside.ts';
import { BASE64, characters } from './samples.ts';
import type { Detector, Match } from './types.ts';
import { writtenFormats } from './written.ts';

/** Characters after the armour's first line in which the body must show. */
const BODY_SPAN = 1500;
/** Least base64 characters of body: an Ed25519 key in PKCS #8 has 64. */
const MIN_BODY = 48;
/** Share of digits in the body; random base64 has 0.16. */
const MIN_DIGITS = 0.05;

/** Armoured: `-----BEGIN … PRIVATE KEY-----` with a body; the header alone stands in every library that reads keys. */
function confirmArmour(text: string, at: number): Match | undefined {
  const head = /PRIVATE KEY(?: BLOCK)?-{2,5}/y;
  head.lastIndex = at;
  const found = head.exec(text);
  if (found === null) return undefined;
  const start = at + found[0].length;
  const prefix = linePrefix(text, at);
  const lines = text
    .slice(start, start + BODY_SPAN)
    .replace(/\\[rn]/g, '\n')
    .replace(/%0[ad]/gi, '\n')
    .split(/[\n"'`]/);
  let body = '';
  for (const whole of lines) {
    const line = prefix !== '' && whole.startsWith(prefix) ? whole.slice(prefix.length) : whole;
    if (body === '' && /^\s*[A-Za-z-]{2,24}: /.test(line)) continue;
    const compact = line.replace(/[\s\\,;]+/g, '');
    const run = /^[A-Za-z0-9+/=]*/.exec(compact)?.[0] ?? '';
    body += run;
    if (run.length < compact.length) break;
  }
  if (!hasRow(text, at, Math.min(text.length, start + BODY_SPAN))) return undefined;
  // What follows the armour in a table of strings are words.
  if (body.length < MIN_BODY || !hasDigits(body) || maxEntropy(body, MIN_BODY) < 3.5) return undefined;
  return { start: Math.max(0, at - 16), end: start + MIN_BODY };
}

/** Characters before the armour on its line: what a log puts before every line. */
const MAX_PREFIX = 80;

function linePrefix(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - MAX_PREFIX), at);
  const armour = before.lastIndexOf('-----BEGIN');
  if (armour < 0) return '';
  const start = Math.max(before.lastIndexOf('\n', armour), before.lastIndexOf('\\n', armour) + 1);
  return before.slice(start + 1, armour);
}

/** Whether a beginning of the body, MIN_BODY characters or more, has the digits: the rest may be padding. */
function hasDigits(body: string): boolean {
  let digits = 0;
  for (let at = 0; at < body.length; at++) {
    const code = body.charCodeAt(at);
    if (code >= 48 && code <= 57) digits++;
    if (at + 1 >= MIN_BODY && digits >= (at + 1) * MIN_DIGITS) return true;
  }
  return false;
}

const PUTTY = /Private-Lines: \d{1,3}(?:\r?\n|\\n|\\r\\n)[A-Za-z0-9+/]{40}/y;

/**
 * DER, as it stands or behind base64 without armour, in hex: what a key begins with, and what has to follow. `KEY` stands
 * for 32 bytes of a private number (not the public one that follows it in a template). Public keys and certificates differ; programs that write keys have the beginning alone.
 */
const DER: readonly { begins: string; goesOn: string }[] = [
  // PrivateKeyInfo (RFC 5958) of RSA, elliptic curves (RFC 5915), Edwards and Montgomery curves (RFC 8410).
  { begins: '020100300d06092a864886f70d010101050004', goesOn: '(?:81..|82....|..)30(?:81..|82....)02010002' },
  {
    begins: '06072a8648ce3d020106',
    goesOn: '(?:05|08|09)(?:..){5,9}04(?:..){1,3}30(?:..){1,3}02010104(?:20|30|42)KEY',
  },
  { begins: '020100300506032b65', goesOn: '(?:6e|6f|70|71)04..04(?:20|38|39)KEY' },
  // Bare ECPrivateKey with its curve.
  { begins: '02010104', goesOn: '(?:20KEY|30KEY(?:..){16}|42KEY(?:..){34})a0..06' },
  // EncryptedPrivateKeyInfo with PBES2 (RFC 8018).
  { begins: '06092a864886f70d01050d30', goesOn: '(?:..){1,2}30(?:..){1,2}06' },
  // OpenSSH's own format: its magic, then the name of a cipher.
  { begins: Buffer.from('openssh-key-v1\0').toString('hex'), goesOn: '000000[0-3].(?:[2-7].){4}' },
];
const RSA_BARE = '\x02\x01\x00\x02';
/** Bytes after the beginning that `goesOn` can ask for. */
const DER_SPAN = 128;
/** Bits per byte of a private number's first 32 bytes; random ones have 4.6 or more. */
const MIN_KEY_ENTROPY = 4;

const DER_PATTERNS = DER.map(({ begins, goesOn }) => ({
  literal: Buffer.from(begins, 'hex').toString('latin1'),
  pattern: new RegExp(`^${goesOn.replaceAll('KEY', '(?!a1..03)((?:..){32})')}`),
}));

function confirmDer(text: string, at: number): Match | undefined {
  for (const { literal, pattern } of DER_PATTERNS) {
    if (!text.startsWith(literal, at)) continue;
    const after = at + literal.length;
    const found = pattern.exec(Buffer.from(text.slice(after, after + DER_SPAN), 'latin1').toString('hex'));
    if (found === null) return undefined;
    const key = found[1] ?? found[2] ?? found[3];
    if (key !== undefined && entropy(Buffer.from(key, 'hex').toString('latin1')) < MIN_KEY_ENTROPY) return undefined;
    return { start: at, end: after + found[0].length / 2 };
  }
  return confirmPkcs1(text, at);
}

/** Bytes of the modulus that must be there; the smallest in use has 64. */
const MIN_MODULUS = 64;

function byteAt(text: string, index: number): number {
  return index < 0 || index >= text.length ? -1 : text.charCodeAt(index);
}

/** RSAPrivateKey (RFC 8017, A.1.2): version 0, then a modulus that takes about a fifth of the sequence. */
function confirmPkcs1(text: string, at: number): Match | undefined {
  const long = byteAt(text, at + 4) === 0x82;
  const modulus = long ? byteAt(text, at + 5) * 256 + byteAt(text, at + 6) : byteAt(text, at + 5);
  const first = at + (long ? 7 : 6);
  if (!long && byteAt(text, at + 4) !== 0x81) return undefined;
  if (byteAt(text, first) !== 0 || byteAt(text, first + 1) < 0x80) return undefined;
  // Documentation shows how one begins.
  if (text.length < first + MIN_MODULUS) return undefined;
  const whole = byteAt(text, at - 2) * 256 + byteAt(text, at - 1);
  if (byteAt(text, at - 4) !== 0x30 || byteAt(text, at - 3) !== 0x82) return undefined;
  return modulus >= 65 && whole > 3 * modulus && whole < 6 * modulus ? { start: at - 4, end: first + 32 } : undefined;
}

function armour(kind: string, body: string, block = ''): string {
  const title = `${kind}${'PRIVATE'} KEY${block}`;
  return `-----BEGIN ${title}-----\n${body}\n-----END ${title}-----\n`;
}

function lineOf(seed: number): string {
  return characters(seed, 64, BASE64);
}

function matching(seed: number): string[] {
  const line = (n: number) => lineOf(seed + n);
  const body = `${line(0)}\n${line(1)}`;
  const account = {
    type: 'service_account',
    project_id: 'acme',
    private_key_id: characters(seed, 40, '0123456789abcdef'),
    private_key: armour('', `${line(2)}\n${line(3)}`),
    client_email: 'ci@acme.iam.gserviceaccount.com',
  };
  return [
    armour('', body),
    armour('RSA ', body),
    armour('RSA ', `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${'0A'.repeat(16)}\n\n${body}`),
    armour('EC ', body),
    armour('DSA ', body),
    armour('ENCRYPTED ', body),
    armour('OPENSSH ', body),
    armour('PGP ', `\n${body}`, ' BLOCK'),
    JSON.stringify(account),
    `PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n${line(4)}\n`,
    opensshBody(seed),
    pkcs8Body(seed),
  ];
}

/** The magic, no cipher, and a key, in base64 without armour. */
function opensshBody(seed: number): string {
  const field = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text, 'latin1')]);
  };
  const parts = [
    'openssh-key-v1\0',
    field('none'),
    field('none'),
    field(''),
    '\0\0\0\x01',
    characters(seed, 200, BASE64),
  ];
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))).toString(
    'base64',
  );
}

/** An Ed25519 PrivateKeyInfo in base64 without armour. */
function pkcs8Body(seed: number): string {
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  return Buffer.concat([head, Buffer.from(characters(seed, 32, `${BASE64}!#$%&()*`))]).toString('base64');
}

export const privateKey: Detector = {
  name: 'private-key',
  service: 'Private keys (TLS, SSH, PGP, service accounts)',
  severity: 'critical',
  formats: writtenFormats(
    [
      'PEM, PKCS #8',
      'PEM, RSA',
      'PEM, RSA, encrypted',
      'PEM, EC',
      'PEM, DSA',
      'PEM, encrypted PKCS #8',
      'OpenSSH',
      'PGP',
      'Google service account JSON',
      'PuTTY',
      'OpenSSH without armour',
      'PKCS #8 without armour',
    ],
    matching,
  ),
  literals: ['PRIVATE KEY', 'Private-Lines:', ...DER_PATTERNS.map(({ literal }) => literal), RSA_BARE],
  alone: true,
  confirm(text, at) {
    if (text.startsWith('PRIVATE KEY', at)) return confirmArmour(text, at);
    if (!text.startsWith('Private-Lines:', at)) return confirmDer(text, at);
    PUTTY.lastIndex = at;
    const found = PUTTY.exec(text);
    return found === null ? undefined : { start: at, end: at + found[0].length };
  },
  reach: BODY_SPAN,
  homeHosts: [],
  source: 'RFC 7468, RFC 5958, RFC 8017, RFC 5915, RFC 8410; OpenSSH PROTOCOL.key; PuTTY manual, appendix C',
  examples: (seed) => ({
    matching: matching(seed),
    other: [
      `"-----BEGIN ${'PRIVATE'} KEY-----"`,
      `if (pem.includes('-----BEGIN RSA ${'PRIVATE'} KEY-----')) { return decode(pem); }`,
      `-----BEGIN PUBLIC KEY-----\n${lineOf(seed)}\n-----END PUBLIC KEY-----`,
    ],
  }),
};
