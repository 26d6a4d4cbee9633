/** From the files of Secrets to the values that are looked for. Pure. */
import { isExcluded } from '../../crds/known-secrets.ts';
import type { KnownSecretRules } from '../../crds/runtime.ts';

/** A value of a Secret of the pod; room inspect matches it. */
export interface KnownSecret {
  /** `secret/key`, and what it is of a Docker configuration: `secret/.dockerconfigjson#password`. */
  name: string;
  value: Buffer;
  /** The workload itself has it: what it matches reveals nothing to it. */
  held: boolean;
}

export interface SecretFile {
  secret: string;
  key: string;
  value: Buffer;
}

/** Values that are looked for; those beyond are left out, and counted. */
export const MAX_KNOWN_SECRETS = 1024;

/** Keys of Secrets of the types kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg. */
const DOCKER_CONFIG = '.dockerconfigjson';
const DOCKER_CFG = '.dockercfg';
/** What of an entry is secret; the user's name is not. */
const DOCKER_FIELDS = ['auth', 'password', 'identitytoken', 'registrytoken'] as const;

export interface KnownSecrets {
  secrets: KnownSecret[];
  /** Values beyond MAX_KNOWN_SECRETS. */
  leftOut: number;
}

/** `isHeld`: by name of the Secret. The values without the line ends at their end, which editors put there. */
export function knownSecrets(
  files: readonly SecretFile[],
  rules: KnownSecretRules,
  isHeld: (secret: string) => boolean,
): KnownSecrets {
  if (rules.source === 'None') return { secrets: [], leftOut: 0 };
  const secrets = files
    .filter(({ secret, key }) => !isExcluded(rules, secret, key))
    .flatMap(({ secret, key, value }) => parts(key, value).map((part) => ({ secret, ...part })))
    .map(({ secret, name, value }) => ({ name: `${secret}/${name}`, value: trimmed(value), held: isHeld(secret) }))
    .filter(({ value }) => value.length > 0 && value.length >= rules.minLength);
  return { secrets: secrets.slice(0, MAX_KNOWN_SECRETS), leftOut: Math.max(0, secrets.length - MAX_KNOWN_SECRETS) };
}

/** The value, and of a Docker configuration the credentials in it: `auth` is base64 of `user:password`. */
function parts(key: string, value: Buffer): { name: string; value: Buffer }[] {
  const whole = { name: key, value };
  if (key !== DOCKER_CONFIG && key !== DOCKER_CFG) return [whole];
  const found = new Map<string, { name: string; value: Buffer }>();
  const add = (field: string, text: unknown): void => {
    if (typeof text === 'string' && text !== '') found.set(text, { name: `${key}#${field}`, value: Buffer.from(text) });
  };
  for (const entry of dockerEntries(key, value)) {
    for (const field of DOCKER_FIELDS) add(field, entry[field]);
    if (typeof entry.auth !== 'string') continue;
    const pair = Buffer.from(entry.auth, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    if (colon >= 0) add('password', pair.slice(colon + 1));
  }
  return [whole, ...found.values()];
}

function dockerEntries(key: string, value: Buffer): Record<string, unknown>[] {
  try {
    const config: unknown = JSON.parse(value.toString('utf8'));
    const entries = key === DOCKER_CONFIG ? (config as { auths?: unknown } | null)?.auths : config;
    return Object.values((entries ?? {}) as object).filter((entry) => typeof entry === 'object' && entry !== null);
  } catch {
    return [];
  }
}

function trimmed(value: Buffer): Buffer {
  let end = value.length;
  while (end > 0 && (value[end - 1] === 0x0a || value[end - 1] === 0x0d)) end--;
  return value.subarray(0, end);
}
