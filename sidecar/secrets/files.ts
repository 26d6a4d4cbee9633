/** The Secrets that are mounted into the sidecar, and the ServiceAccount's token. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import type { SecretFile } from './known.ts';

/** Bytes of one value: a Secret has no more (Kubernetes' MaxSecretSize). */
export const MAX_VALUE_BYTES: number = 1024 * 1024;
/** What the token of the pod's ServiceAccount is called among the Secrets; no Secret has a name with a blank. */
export const SERVICE_ACCOUNT = 'service account';
const TOKEN = 'token';
/** The kubelet swaps this link when it has written a volume anew (atomic_writer.go). */
const DATA_LINK = '..data';

export interface SecretFiles {
  files: SecretFile[];
  /** Files that could not be read, without their contents. */
  problems: string[];
}

/** A text that changes when the kubelet has written any of the volumes anew. */
export function secretsVersion(directory: string, serviceAccountDirectory: string): string {
  return [...list(directory).map((name) => path.join(directory, name)), serviceAccountDirectory]
    .map((each) => `${each} ${versionOf(each)}`)
    .join('\n');
}

/** `directory/<secret>/<key>` and `serviceAccountDirectory/token`. Directories that are not there have nothing in them. */
export function readSecrets(directory: string, serviceAccountDirectory: string): SecretFiles {
  const files: SecretFile[] = [];
  const problems: string[] = [];
  const read = (secret: string, key: string, file: string): void => {
    try {
      const stats = statSync(file);
      if (!stats.isFile()) return;
      if (stats.size > MAX_VALUE_BYTES) throw new Error('is too large');
      files.push({ secret, key, value: readFileSync(file) });
    } catch (error) {
      problems.push(`${secret}/${key}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
    }
  };
  for (const secret of list(directory)) {
    for (const key of list(path.join(directory, secret))) read(secret, key, path.join(directory, secret, key));
  }
  const token = path.join(serviceAccountDirectory, TOKEN);
  if (statSync(token, { throwIfNoEntry: false })) read(SERVICE_ACCOUNT, TOKEN, token);
  return { files, problems };
}

/** Names without those of the kubelet's own machinery, in order. */
function list(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => !name.startsWith('..'))
      .sort();
  } catch {
    return [];
  }
}

function versionOf(directory: string): string {
  try {
    return readlinkSync(path.join(directory, DATA_LINK));
  } catch {
    // Not written by a kubelet: the time of the directory has to do.
    return String(lstatSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  }
}
