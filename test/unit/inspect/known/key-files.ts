/** Private keys as programs write them. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

export interface KeyFile {
  text: string;
  /** What may be known of it: its public key, as it is given to others. */
  others: readonly string[];
  /** What is secret, as bytes. */
  secret: Buffer;
}

const string = (bytes: Buffer | string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, Buffer.from(bytes)]);
};
const armoured = (kind: string, body: Buffer, width: number): string =>
  `-----BEGIN ${kind}${'PRIVATE'} KEY-----\n${body.toString('base64').replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\n')}\n-----END ${kind}${'PRIVATE'} KEY-----\n`;
const numberOf = (text: unknown): Buffer => Buffer.from(String(text), 'base64url');
const publicOf = (key: KeyObject): string[] => [
  key.export({ type: 'spki', format: 'pem' }).toString(),
  JSON.stringify(key.export({ format: 'jwk' })),
];
const checks = (): Buffer => {
  const number = randomBytes(4);
  return Buffer.concat([number, number]);
};
/** openssh-portable, PROTOCOL.key. */
function openSsh(type: string, publicFields: readonly Buffer[], secretFields: readonly Buffer[]): [string, string] {
  const blob = Buffer.concat([string(type), ...publicFields.map(string)]);
  const inner = Buffer.concat([checks(), string(type), ...secretFields.map(string), string('root@host')]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (inner.length % 8)) % 8);
  const head = [Buffer.from('openssh-key-v1\0'), string('none'), string('none'), string('')];
  const whole = Buffer.concat([
    ...head,
    Buffer.from([0, 0, 0, 1]),
    string(blob),
    string(Buffer.concat([inner, padding])),
  ]);
  return [armoured('OPENSSH ', whole, 70), `${type} ${blob.toString('base64')} root@host\n`];
}

const ed25519 = (): { seed: Buffer; point: Buffer; publicKey: KeyObject; privateKey: KeyObject } => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { d, x } = privateKey.export({ format: 'jwk' });
  return { seed: numberOf(d), point: numberOf(x), publicKey, privateKey };
};
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const mpi = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0]), bytes]);

function pem(pair: { publicKey: KeyObject; privateKey: KeyObject }, type: 'pkcs1' | 'pkcs8' | 'sec1'): KeyFile {
  const text = pair.privateKey.export({ type: type as 'pkcs8', format: 'pem' }).toString();
  return { text, others: publicOf(pair.publicKey), secret: numberOf(pair.privateKey.export({ format: 'jwk' }).d) };
}

/** A number with its length in bits before it (RFC 9580, 3.2). */
const pgpNumber = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length * 8 - Math.clz32(bytes[0] ?? 0) + 24);
  return Buffer.concat([length, bytes]);
};
const packet = (tag: number, body: Buffer): Buffer => {
  const head = Buffer.from([0x81 | (tag << 2), 0, 0]);
  head.writeUInt16BE(body.length, 1);
  return Buffer.concat([head, body]);
};

function openPgp(isEncrypted: boolean): KeyFile {
  const { n, e, d, p, q, qi } = rsa().privateKey.export({ format: 'jwk' });
  const known = Buffer.concat([Buffer.from([4, 0x68, 1, 2, 3, 1]), pgpNumber(numberOf(n)), pgpNumber(numberOf(e))]);
  const numbers = Buffer.concat([d, p, q, qi].map((each) => pgpNumber(numberOf(each))));
  // AES-256, salted and iterated with SHA-256, or a sum of two bytes.
  const secret = isEncrypted ? randomBytes(400) : numbers;
  const hidden = isEncrypted
    ? Buffer.concat([Buffer.from([254, 9, 3, 8]), secret])
    : Buffer.concat([Buffer.from([0]), secret, randomBytes(2)]);
  const user = packet(13, Buffer.from('Ada <ada@acme.dev>'));
  const block = (title: string, body: Buffer) =>
    `-----BEGIN PGP ${title} KEY BLOCK-----\n\n${body.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n=aB3d\n-----END PGP ${title} KEY BLOCK-----\n`;
  return {
    text: block('PRIVATE', Buffer.concat([packet(5, Buffer.concat([known, hidden])), user])),
    others: [block('PUBLIC', Buffer.concat([packet(6, known), user]))],
    secret: isEncrypted ? secret : numberOf(d),
  };
}

export const KEY_FILES: Readonly<Record<string, () => KeyFile>> = {
  'OpenSSH, Ed25519': () => {
    const { point, publicKey, seed } = ed25519();
    const [text, line] = openSsh('ssh-ed25519', [point], [point, Buffer.concat([seed, point])]);
    return { text, others: [line, ...publicOf(publicKey)], secret: seed };
  },
  'OpenSSH, RSA': () => {
    const pair = rsa();
    const jwk = pair.privateKey.export({ format: 'jwk' });
    const [n, e, d, p, q, qi] = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.qi].map((each) =>
      mpi(numberOf(each)).subarray(1),
    );
    const fields = [n, e, d, qi, p, q] as Buffer[];
    const [text, line] = openSsh('ssh-rsa', [e as Buffer, n as Buffer], fields);
    return { text, others: [line, ...publicOf(pair.publicKey)], secret: numberOf(jwk.d) };
  },
  'OpenSSH, ECDSA': () => {
    const pair = ec();
    const { d, x, y } = pair.privateKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.from([4]), numberOf(x), numberOf(y)]);
    const curve = Buffer.from('nistp256');
    const [text, line] = openSsh('ecdsa-sha2-nistp256', [curve, point], [curve, point, numberOf(d)]);
    return { text, others: [line, ...publicOf(pair.publicKey)], secret: numberOf(d) };
  },
  'PKCS #8, Ed25519': () => pem(ed25519(), 'pkcs8'),
  'PKCS #8, EC': () => pem(ec(), 'pkcs8'),
  'PKCS #8, RSA': () => pem(rsa(), 'pkcs8'),
  'SEC 1, EC': () => pem(ec(), 'sec1'),
  'PKCS #1, RSA': () => pem(rsa(), 'pkcs1'),
  'PKCS #8, encrypted': () => {
    const { privateKey, publicKey } = ec();
    const options = { type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    const der = privateKey.export({ ...options, format: 'der' });
    return { text: armoured('ENCRYPTED ', der, 64), others: publicOf(publicKey), secret: der.subarray(-128) };
  },
  'PKCS #1, encrypted': () => {
    const { privateKey, publicKey } = rsa();
    const text = privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }).toString();
    return { text, others: publicOf(publicKey), secret: Buffer.from(text.split('\n\n')[1] ?? '', 'base64') };
  },
  'OpenPGP, RSA': () => openPgp(false),
  'OpenPGP, encrypted': () => openPgp(true),
  'PuTTY, Ed25519': () => {
    const { point, publicKey, seed } = ed25519();
    const blob = Buffer.concat([string('ssh-ed25519'), string(point)]).toString('base64');
    const head = 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: root@host\n';
    const text = `${head}Public-Lines: 2\n${blob.replace(/.{64}/, '$&\n')}\nPrivate-Lines: 1\n${string(seed).toString('base64')}\nPrivate-MAC: ${randomBytes(32).toString('hex')}\n`;
    return { text, others: [`ssh-ed25519 ${blob} root@host\n`, ...publicOf(publicKey)], secret: seed };
  },
};

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
/** How Secrets hold such a file. */
export const WRITTEN: Readonly<Record<string, (text: string) => string>> = {
  'as it stands': (text) => text,
  'with CRLF': (text) => text.replaceAll('\n', '\r\n'),
  'in JSON': (text) => `{"type": "service_account", "private_key": "${escaped(text)}"}`,
  'in one line of YAML': (text) => `users:\n- name: a\n  key: "${escaped(text)}"\n`,
  'in base64': (text) => `client-key-data: ${Buffer.from(text).toString('base64')}\n`,
};
