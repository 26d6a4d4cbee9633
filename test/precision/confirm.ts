/** Which alarms are real credentials: what can be proved from the file itself. */
import { createPrivateKey } from 'node:crypto';

/** Bytes around an alarm that are looked at. */
const AROUND = 12 * 1024;

/** Why the finding at `offset` is a credential of its kind, live or not; undefined when that cannot be proved. */
export function provedReal(
  bytes: Buffer,
  offset: number,
  detector: string,
  decoding: readonly string[],
): string | undefined {
  const text = bytes.toString('latin1', Math.max(0, offset - 256), offset + AROUND);
  switch (detector) {
    case 'private-key':
      return provedKey(text, decoding);
    case 'jwt':
      return provedJwt(text);
    case 'jwk-private-key':
      return /"kty\\?"/.test(bytes.toString('latin1', Math.max(0, offset - 1200), offset + 1200))
        ? 'a JSON Web Key'
        : undefined;
    case 'docker-swarm-token':
      return /SWM(?:TKN-1-[0-9a-z]{50}-[0-9a-z]{25}|KEY-1-[A-Za-z0-9+/]{43})/.test(text)
        ? 'a token of documentation'
        : undefined;
    case 'wireguard-key':
      return /key["']?\s*[:=]\s*["']?[A-Za-z0-9+/]{43}=/i.test(text) ? 'a key of 32 bytes' : undefined;
    default:
      return undefined;
  }
}

function provedKey(text: string, decoding: readonly string[]): string | undefined {
  const plain = text
    .replaceAll(/\\r?\\?n/g, '\n')
    .replaceAll(/\\n/g, '\n')
    .replaceAll(/%0[ad]/gi, '\n');
  const armour = /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY( BLOCK)?-----([\s\S]{40,}?)(?:-----END|$)/.exec(plain);
  if (armour !== null) {
    const body = (armour[3] ?? '').replaceAll(/^[ \t]*[A-Za-z-]+: .*$/gm, '').replaceAll(/[^A-Za-z0-9+/=]/g, '');
    if (armour[2] !== undefined) return body.length > 200 ? 'an OpenPGP key' : undefined;
    if (/ENCRYPTED/.test(armour[0])) return 'an encrypted key';
    const der = Buffer.from(body, 'base64');
    if (der.toString('latin1', 0, 14) === 'openssh-key-v1') return 'an OpenSSH key';
    if (/DSA /.test(armour[1] ?? '') && der[0] === 0x30) return 'a DSA key';
    return isKey(der) ? 'a key that parses' : undefined;
  }
  if (/Private-Lines: \d+/.test(plain)) return 'a PuTTY key';
  if (holdsKey(Buffer.from(text, 'latin1'))) return 'a key that parses, as it stands';
  if (decoding.some((step) => step.startsWith('base64'))) {
    for (const run of plain.matchAll(/[A-Za-z0-9+/=\s\\n"',]{64,}/g)) {
      const der = Buffer.from(run[0].replaceAll(/\\n|[^A-Za-z0-9+/]/g, ''), 'base64');
      if (der.indexOf('openssh-key-v1\0') >= 0 || der.indexOf('PRIVATE KEY') >= 0) return 'a key in base64';
      if (holdsKey(der)) return 'a key that parses, without armour';
    }
  }
  const dump = text.replaceAll(/\\x/g, '').replaceAll(/[^0-9a-fA-F]{1,40}(?=[0-9a-fA-F]{2})/g, ' ');
  for (const run of dump.matchAll(/(?:[0-9a-fA-F]{2} ?){40,}/g)) {
    const digits = run[0].replaceAll(' ', '');
    for (const from of [0, 1]) if (holdsKey(Buffer.from(digits.slice(from), 'hex'))) return 'a key that parses, in hex';
  }
  return undefined;
}

/** Whether a SEQUENCE (X.690) in `bytes` is a key. */
function holdsKey(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(0x30); at >= 0; at = bytes.indexOf(0x30, at + 1)) {
    const short = bytes[at + 1] ?? 0;
    const [head, length] =
      short === 0x82 && at + 4 <= bytes.length
        ? [4, bytes.readUInt16BE(at + 2)]
        : short === 0x81
          ? [3, bytes[at + 2] ?? 0]
          : [2, short < 0x80 ? short : 0];
    if (length >= 40 && at + head + length <= bytes.length && isKey(bytes.subarray(at, at + head + length)))
      return true;
  }
  return false;
}

function isKey(der: Buffer): boolean {
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      createPrivateKey({ key: der, format: 'der', type });
      return true;
    } catch {
      return false;
    }
  });
}

/** Header with an algorithm, payload that is an object, signature of a length that the algorithm has. */
function provedJwt(text: string): string | undefined {
  for (const [, header = '', payload = '', signature = ''] of text.matchAll(
    /(e[yw][A-Za-z0-9_-]+)\.(e[yw][A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)/g,
  )) {
    try {
      const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg?: unknown };
      const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
      if (typeof alg === 'string' && typeof claims === 'object' && signature.length >= 22)
        return `a token signed with ${alg}`;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
