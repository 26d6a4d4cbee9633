/**
 * What the command can read of the user's that must not leave, as a pod's Secrets: environment variables that are named like
 * secrets, and the files in the home directory where tools keep them. Pure but for what reads the files.
 */
import path from 'node:path';
import type { SecretFile } from '../../sidecar/secrets/known.ts';

export interface SecretFacts {
  env: Readonly<Record<string, string | undefined>>;
  /** Physical path; undefined when there is none. */
  home: string | undefined;
  /** Undefined when it is no file, cannot be read or is larger than MAX_SECRET_FILE. */
  read(file: string): Buffer | undefined;
  /** Names in a directory; none when it cannot be read. */
  list(directory: string): readonly string[];
  /** Whether the command cannot read the file. */
  isMasked(file: string): boolean;
}

/** Bytes of a file that is read: credentials are smaller. */
export const MAX_SECRET_FILE: number = 64 * 1024;

/** What `content.knownSecrets.exclude` calls environment variables; files go by the name of their tool. */
export const ENVIRONMENT = 'environment';

const SECRET_VARIABLE =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PAT|CREDENTIALS?|API_?KEY|ACCESS_KEY(?:_ID)?|PRIVATE_KEY|SECRET_KEY|AUTH|AUTHTOKEN|DSN|DATABASE_URL|WEBHOOK_URL)(?:_|$)/i;
/** It says where a secret is. */
const POINTER = /_(?:FILE|PATH|SOCK|DIR|HOME|TTY|URI|HELPER|TYPE|NAME|METHOD)$/i;

/** By tool, below the home directory. */
const FILES: readonly [tool: string, file: string][] = [
  ['aws', '.aws/credentials'],
  ['azure', '.azure/msal_token_cache.json'],
  ['cargo', '.cargo/credentials.toml'],
  ['docker', '.docker/config.json'],
  ['gcloud', '.config/gcloud/application_default_credentials.json'],
  ['gem', '.gem/credentials'],
  ['git', '.git-credentials'],
  ['github', '.config/gh/hosts.yml'],
  ['kubernetes', '.kube/config'],
  ['maven', '.m2/settings.xml'],
  ['netrc', '.netrc'],
  ['npm', '.npmrc'],
  ['pgpass', '.pgpass'],
  ['pypi', '.pypirc'],
  ['terraform', '.terraform.d/credentials.tfrc.json'],
  ['vault', '.vault-token'],
  ['yarn', '.yarnrc.yml'],
];
const KEYS = '.ssh';
/** Files beside keys that hold none. */
const PUBLIC: ReadonlySet<string> = new Set([
  'authorized_keys',
  'config',
  'environment',
  'known_hosts',
  'known_hosts.old',
  'rc',
]);

/** A value each for itself, too: a file's is found in fewer encodings. Of files whose values are nowhere at home by their neighbours. */
const VALUES: Readonly<Record<string, RegExp>> = { aws: /^\s*([a-z_]+)\s*=\s*(\S+)\s*$/gm };

/** In the form of a pod's Secrets. */
export interface LocalSecrets {
  files: SecretFile[];
  /** The names of those that the command cannot read. */
  masked: string[];
}

export function localSecrets({ env, home, read, list, isMasked }: SecretFacts): LocalSecrets {
  const files: SecretFile[] = [];
  const masked: string[] = [];
  for (const [name, value = ''] of Object.entries(env)) {
    if (!SECRET_VARIABLE.test(name) || POINTER.test(name)) continue;
    files.push({ secret: ENVIRONMENT, key: name, value: Buffer.from(value) });
  }
  if (home === undefined) return { files, masked };
  const keys = list(path.join(home, KEYS)).filter((name) => !name.endsWith('.pub') && !PUBLIC.has(name));
  const named = [...FILES, ...keys.map((key): [string, string] => ['ssh', `${KEYS}/${key}`])];
  for (const [tool, file] of named) {
    const place = path.join(home, file);
    const value = read(place);
    if (value === undefined) continue;
    const secret = isMasked(place) ? `${tool} (masked)` : tool;
    if (secret !== tool) masked.push(secret);
    files.push({ secret, key: path.basename(file), value });
    for (const [, key = '', part = ''] of value.toString('latin1').matchAll(VALUES[tool] ?? /(?!)/g)) {
      files.push({ secret, key, value: Buffer.from(part, 'latin1') });
    }
  }
  return { files, masked };
}
