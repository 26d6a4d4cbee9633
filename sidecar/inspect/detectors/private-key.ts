import { entropy } from '../scan/entropy.ts';
import { BASE64, characters } from './samples.ts';
import type { Detector, Match } from './types.ts';

/** Characters after the armour's first line in which the body must show. */
const BODY_SPAN = 1500;
/** Least base64 characters of body: an Ed25519 key in PKCS #8 has 64. */
const MIN_BODY = 48;

/** Armoured: `-----BEGIN … PRIVATE KEY-----` with a body; the header alone stands in every library that reads keys. */
function confirmArmour(text: string, at: number): Match | undefined {
  const head = /PRIVATE KEY(?: BLOCK)?-{2,5}/y;
  head.lastIndex = at;
  const found = head.exec(text);
  if (found === null) return undefined;
  const start = at + found[0].length;
  const lines = text
    .slice(start, start + BODY_SPAN)
    .replace(/\\[rn]/g, '\n')
    .replace(/%0[ad]/gi, '\n')
    .split(/[\n"'`]/);
  let body = '';
  for (const line of lines) {
    if (body === '' && /^\s*[A-Za-z-]{2,24}: /.test(line)) continue;
    const compact = line.replace(/[\s\\,;]+/g, '');
    const run = /^[A-Za-z0-9+/=]*/.exec(compact)?.[0] ?? '';
    body += run;
    if (run.length < compact.length) break;
  }
  return body.length >= MIN_BODY && entropy(body) >= 3.5
    ? { start: Math.max(0, at - 16), end: start + MIN_BODY }
    : undefined;
}

const PUTTY = /Private-Lines: \d{1,3}(?:\r?\n|\\n|\\r\\n)[A-Za-z0-9+/]{40}/y;

function byteAt(text: string, index: number): number {
  return index < 0 || index >= text.length ? -1 : text.charCodeAt(index);
}

const VERSION_0 = '\x02\x01\x00';
const RSA_PRIVATE = `${VERSION_0}\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x04`;
const EC_PUBLIC_KEY = '\x06\x07\x2a\x86\x48\xce\x3d\x02\x01';
const EDWARDS = `${VERSION_0}\x30\x05\x06\x03\x2b\x65`;
const PBES2 = '\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d';
const RSA_BARE = `${VERSION_0}\x02`;
const EC_BARE = '\x02\x01\x01\x04';
const OPENSSH = 'openssh-key-v1\0';

/** DER, as it stands or behind base64 without armour. Public keys and certificates differ before the algorithm. */
function confirmDer(text: string, at: number): Match | undefined {
  const match = (end: number): Match => ({ start: at, end: at + end });
  if (text.startsWith(RSA_PRIVATE, at)) return match(RSA_PRIVATE.length);
  if (text.startsWith(OPENSSH, at)) return match(OPENSSH.length);
  if (text.startsWith(EC_PUBLIC_KEY, at))
    return text.startsWith(`${VERSION_0}\x30`, at - 5) ? match(EC_PUBLIC_KEY.length) : undefined;
  if (text.startsWith(EDWARDS, at)) {
    const curve = byteAt(text, at + EDWARDS.length);
    return curve >= 0x6e && curve <= 0x71 && byteAt(text, at + EDWARDS.length + 1) === 4
      ? match(EDWARDS.length + 1)
      : undefined;
  }
  if (text.startsWith(PBES2, at))
    return byteAt(text, at - 2) === 0x30 && byteAt(text, at - 4) === 0x30 ? match(PBES2.length) : undefined;
  if (text.startsWith(EC_BARE, at)) {
    const length = byteAt(text, at + 4);
    const after = at + 5 + length;
    const known = length === 0x20 || length === 0x30 || length === 0x42;
    return known && byteAt(text, after) === 0xa0 && byteAt(text, after + 2) === 6 ? match(5 + length) : undefined;
  }
  return confirmPkcs1(text, at);
}

/** RSAPrivateKey (RFC 8017, A.1.2): version 0, then a modulus that takes about a fifth of the sequence. */
function confirmPkcs1(text: string, at: number): Match | undefined {
  const long = byteAt(text, at + 4) === 0x82;
  const modulus = long ? byteAt(text, at + 5) * 256 + byteAt(text, at + 6) : byteAt(text, at + 5);
  const first = at + (long ? 7 : 6);
  if (!long && byteAt(text, at + 4) !== 0x81) return undefined;
  if (byteAt(text, first) !== 0 || byteAt(text, first + 1) < 0x80) return undefined;
  const whole = byteAt(text, at - 2) * 256 + byteAt(text, at - 1);
  if (byteAt(text, at - 4) !== 0x30 || byteAt(text, at - 3) !== 0x82) return undefined;
  return modulus >= 65 && whole > 3 * modulus && whole < 6 * modulus ? { start: at - 4, end: first + 32 } : undefined;
}

export const privateKey: Detector = {
  name: 'private-key',
  literals: ['PRIVATE KEY', 'Private-Lines:', RSA_PRIVATE, EC_PUBLIC_KEY, EDWARDS, PBES2, RSA_BARE, EC_BARE, OPENSSH],
  confirm(text, at) {
    if (text.startsWith('PRIVATE KEY', at)) return confirmArmour(text, at);
    if (!text.startsWith('Private-Lines:', at)) return confirmDer(text, at);
    PUTTY.lastIndex = at;
    const found = PUTTY.exec(text);
    return found === null ? undefined : { start: at, end: at + found[0].length };
  },
  homeHosts: [],
  source: 'RFC 7468, RFC 5958, RFC 8017, RFC 5915, RFC 8410; OpenSSH PROTOCOL.key; PuTTY manual, appendix C',
  examples: (seed) => {
    const line = (n: number) => characters(seed + n, 64, BASE64);
    const armour = (kind: string, body: string) =>
      `-----BEGIN ${kind}${'PRIVATE'} KEY-----\n${body}\n-----END ${kind}${'PRIVATE'} KEY-----\n`;
    return {
      matching: [
        armour('', `${line(0)}\n${line(1)}`),
        armour('RSA ', `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${'0A'.repeat(16)}\n\n${line(0)}\n${line(1)}`),
        armour('OPENSSH ', `${line(0)}\n${line(1)}`),
        JSON.stringify({ private_key: armour('', `${line(2)}\n${line(3)}`) }),
        `PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n${line(4)}\n`,
      ],
      other: [
        `"-----BEGIN ${'PRIVATE'} KEY-----"`,
        `if (pem.includes('-----BEGIN RSA ${'PRIVATE'} KEY-----')) { return decode(pem); }`,
        `-----BEGIN PUBLIC KEY-----\n${line(0)}\n-----END PUBLIC KEY-----`,
      ],
    };
  },
};
