import { entropy } from '../scan/entropy.ts';
import { type Beside, besideInAny, NOTHING_KNOWN } from './beside.ts';
import { AWS_API_HOSTS } from './rows/homes.ts';
import { BASE32, BASE64, characters } from './samples.ts';
import { token } from './token.ts';
import type { Detector, Match } from './types.ts';
import { writtenFormats } from './written.ts';

const ID_PREFIXES = ['AKIA', 'ASIA', 'ABIA', 'ACCA'];
/** Characters on either side of a key id in which a bare secret key is looked for. */
const NEAR = 256;

const ID = token({ pattern: '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}', minEntropy: 2.7 });

function besideId(literal: string): Beside {
  return besideInAny([`${literal}{Z16}`], literal);
}

function confirmId(text: string, at: number, foldCase: boolean): Match | undefined {
  const found = ID(text, at, foldCase);
  if (found === undefined) return undefined;
  const match = { ...found, weak: true };
  const body = text.slice(at + 4, match.end);
  // Documentation's own ids end like this.
  if (/example$/i.test(body)) return undefined;
  // Hexadecimal in capitals: by chance in one id of seven millions.
  if (!foldCase && /^[2-7A-F]+$/.test(body)) return undefined;
  const before = BASE64_CHARACTER.test(text.charAt(at - 1));
  const after = BASE64_CHARACTER.test(text.charAt(match.end));
  if (foldCase) {
    // In a name it must not read like words.
    return /[2-7]/.test(body) || (body.match(/[aeiou]/g) ?? []).length <= 4 ? match : undefined;
  }
  // Base64 of machine code has long stretches of few capitals.
  if (before && after && entropy(body) < 3.2) return undefined;
  // Nearly every id has a digit; protein sequences have none.
  return /[2-7]/.test(body) || !(before || after) ? match : undefined;
}

const BASE64_CHARACTER = /[A-Za-z0-9+/]/;

function looksLikeSecretKey(candidate: string): boolean {
  return (
    /[a-z]/.test(candidate) &&
    /[A-Z]/.test(candidate) &&
    /[0-9]/.test(candidate) &&
    !candidate.includes('EXAMPLE') &&
    entropy(candidate) >= 4
  );
}

/** Places in a longer run at which a key of forty is tried to begin: a window that misses its edge by less looks like it. */
const STEP = 4;

function holdsSecretKey(run: string): boolean {
  for (let at = 0; at + 40 <= run.length; at += STEP) if (looksLikeSecretKey(run.slice(at, at + 40))) return true;
  return looksLikeSecretKey(run.slice(-40));
}

function idExamples(seed: number): string[] {
  return [`${'AK'}IA${characters(seed, 15, BASE32)}4`, `${'AS'}IA${characters(seed + 1, 15, BASE32)}2`];
}

export const awsAccessKeyId: Detector = {
  name: 'aws-access-key-id',
  service: 'Amazon Web Services',
  severity: 'medium',
  formats: writtenFormats(['AKIA…', 'ASIA…'], idExamples),
  literals: ID_PREFIXES,
  beside: besideId,
  confirm: confirmId,
  reach: 32,
  homeHosts: AWS_API_HOSTS,
  source: 'AWS IAM User Guide, "IAM identifiers", unique ID prefixes',
  examples: (seed) => ({
    matching: idExamples(seed),
    other: [
      `${'AK'}IAIOSFODNN7EXAMPLE`,
      `${'AK'}IA${'X'.repeat(16)}`,
      `${'AK'}IA${characters(seed, 9, BASE32)}`,
      `${'AC'}CA${'GATTACAGATTACAGA'}`,
    ],
  }),
};

const NAMED_KEY =
  /(?:secret[_-]?access[_-]?key|aws[_-]?secret(?=([a-z_-]{0,16}))\1)["'\\]{0,4}(?:\s{0,8}(?:[:=>,]|%3[ad]){1,3}\s{0,8}|;?(?:[^\r\n]{0,128}\r?\n){1,3}\r?\n)["'\\]{0,4}([A-Za-z0-9/+]{40,256})/iy;
const NAMES = ['ecretAccessKey', 'ecret_access_key', 'ECRET_ACCESS_KEY', 'ecret-access-key', 'ecretaccesskey'];
const SHORT_NAMES = ['aws_secret', 'AWS_SECRET', 'awsSecret', 'AwsSecret'];

function confirmSecret(text: string, at: number): Match | undefined {
  const head = text.slice(at, at + 4);
  if (!ID_PREFIXES.includes(head)) {
    NAMED_KEY.lastIndex = SHORT_NAMES.some((name) => name.startsWith(head)) ? at : at - 1;
    const found = NAMED_KEY.exec(text);
    const value = found?.[2];
    if (found === null || value === undefined || !holdsSecretKey(value)) return undefined;
    const end = found.index + found[0].length;
    return { start: end - value.length, end };
  }
  if (confirmId(text, at, false) === undefined) return undefined;
  const from = Math.max(0, at - NEAR);
  const around = text.slice(from, at + 20 + NEAR);
  for (const found of around.matchAll(/[A-Za-z0-9/+]{40,}/g)) {
    if (holdsSecretKey(found[0])) return { start: from + found.index, end: from + found.index + 40, weak: true };
  }
  return undefined;
}

function secretExamples(seed: number): string[] {
  const secret = `aZ7${characters(seed, 37, BASE64)}`;
  const id = `${'AK'}IA${characters(seed, 15, BASE32)}4`;
  return [
    `[default]\naws_secret_access_key = ${secret}\n`,
    `{"SecretAccessKey": "${secret}"}`,
    `AWS_SECRET_ACCESS_KEY='${secret}'`,
    `<SecretAccessKey>${secret}</SecretAccessKey>`,
    `${id},${secret}`,
    `aws_secret_access_key=${secret}Q`,
    `--b\r\nContent-Disposition: form-data; name="aws_secret_access_key"\r\n\r\n${secret}\r\n--b--\r\n`,
  ];
}

/** Forty base64 characters alone are too common to be a finding: a key name before them or a key id near them is needed. */
export const awsSecretAccessKey: Detector = {
  name: 'aws-secret-access-key',
  service: 'Amazon Web Services',
  severity: 'critical',
  formats: writtenFormats(
    ['~/.aws/credentials', 'JSON', 'environment', 'XML', 'beside its id', 'in a longer value', 'form'],
    secretExamples,
  ),
  literals: [...ID_PREFIXES, ...NAMES, ...SHORT_NAMES],
  beside: (literal) => (ID_PREFIXES.includes(literal) ? besideId(literal) : NOTHING_KNOWN),
  confirm: confirmSecret,
  // The surroundings are read for a confirmed id only.
  reach: 64,
  // Requests are signed with it; it is never sent.
  homeHosts: [],
  source: 'AWS CLI User Guide, "Configuration and credential file settings"',
  examples: (seed) => ({
    matching: secretExamples(seed),
    other: [
      `aZ7${characters(seed, 37, BASE64)}`,
      `secretAccessKey: "${'0123456789abcdef'.repeat(3).slice(0, 40)}"`,
      `AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`,
    ],
  }),
};
