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
  const armour = /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY( BLOCK)?-----([\s\S]{40,}?)-----END/.exec(plain);
  if (armour !== null) {
    const body = (armour[3] ?? '').replaceAll(/^[ \t]*[A-Za-z-]+: .*$/gm, '').replaceAll(/[^A-Za-z0-9+/=]/g, '');
    if (armour[2] !== undefined) return body.length > 200 ? 'an OpenPGP key' : undefined;
    if (/ENCRYPTED/.test(armour[0])) return 'an encrypted key';
    const der = Buffer.from(body, 'base64');
    if (der.toString('latin1', 0, 14) === 'openssh-key-v1') return 'an OpenSSH key';
    return isKey(der) ? 'a key that parses' : undefined;
  }
  if (/Private-Lines: \d+/.test(plain)) return 'a PuTTY key';
  if (!decoding.some((step) => step.startsWith('base64'))) return undefined;
  for (const run of plain.matchAll(/[A-Za-z0-9+/=\s\\n"',]{64,}/g)) {
    const der = Buffer.from(run[0].replaceAll(/\\n|[^A-Za-z0-9+/]/g, ''), 'base64');
    if (der.indexOf('openssh-key-v1\0') >= 0 || der.indexOf('PRIVATE KEY') >= 0) return 'a key in base64';
    for (let at = 0; at < Math.min(4, der.length); at++)
      if (isKey(der.subarray(at))) return 'a key that parses, without armour';
  }
  return undefined;
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
