/** Secrets as they are found on build machines: right shape, right checksum, worth nothing. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Random } from './random.ts';

export interface Secret {
  kind: SecretKind;
  /** What the attacker sends. */
  text: string;
  /** The parts of `text` whose knowledge counts (no armour, prefix or other constant). */
  core: string[];
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';
const BASE62 = DIGITS + UPPER + LOWER;
const BASE32 = `${UPPER}234567`;

function awsKeyPair(random: Random): Secret {
  const id = random.text(BASE32, 16);
  const key = random.text(`${UPPER}${LOWER}${DIGITS}+/`, 40);
  return { kind: 'aws', text: `AKIA${id}:${key}`, core: [id, key] };
}

/** `prefix` + 30 of base62 + CRC-32 of all that in six digits of base62, as GitHub and npm make them. */
function checked(kind: SecretKind, prefix: string, random: Random): Secret {
  const body = random.text(BASE62, 30);
  let sum = crc32(body);
  let digits = '';
  for (let index = 0; index < 6; index++) {
    digits = BASE62[sum % 62] + digits;
    sum = Math.floor(sum / 62);
  }
  return { kind, text: `${prefix}${body}${digits}`, core: [body + digits] };
}

function string(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** An unencrypted ed25519 key in the format of openssh-key-v1 (PROTOCOL.key of OpenSSH). */
function sshKey(random: Random): Secret {
  const seed = random.bytes(32);
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  const point = key.export({ format: 'der', type: 'spki' }).subarray(-32);
  const publicKey = Buffer.concat([string('ssh-ed25519'), string(point)]);
  const check = random.bytes(4);
  const comment = string('builder@ci');
  const secret = [check, check, publicKey, string(Buffer.concat([seed, point])), comment];
  const plain = Buffer.concat(secret);
  const padding = Buffer.from(Array.from({ length: (8 - (plain.length % 8)) % 8 }, (_, index) => index + 1));
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    Buffer.from([0, 0, 0, 1]),
    string(publicKey),
    string(Buffer.concat([plain, padding])),
  ]);
  const lines = blob.toString('base64').match(LINES) ?? [];
  const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
  return { kind: 'ssh', text, core: linesWithin(blob, blob.lastIndexOf(seed), seed.length) };
}

const LINES = /.{1,70}/g;

/** The characters of a blob's base64 lines that say only what `length` bytes from `at` say. */
function linesWithin(blob: Buffer, at: number, length: number): string[] {
  const from = Math.ceil((at * 8) / 6);
  const to = Math.floor(((at + length) * 8) / 6);
  const lines = blob.toString('base64').match(LINES) ?? [];
  return lines
    .map((line, index) => line.slice(Math.max(0, from - index * 70), Math.max(0, to - index * 70)))
    .filter((part) => part !== '');
}

const MAKERS = {
  aws: awsKeyPair,
  ssh: sshKey,
  npm: (random: Random) => checked('npm', 'npm_', random),
  github: (random: Random) => checked('github', 'ghp_', random),
} as const;

export type SecretKind = 'aws' | 'ssh' | 'npm' | 'github';
export const SECRET_KINDS = Object.keys(MAKERS) as SecretKind[];

export function makeSecret(kind: SecretKind, random: Random): Secret {
  return MAKERS[kind](random);
}
