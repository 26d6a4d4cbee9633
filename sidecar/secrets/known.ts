/** From the files of Secrets to what the Inspector is to look for. Pure. */
import { isExcluded } from '../../crds/known-secrets.ts';
import type { KnownSecretRules } from '../../crds/runtime.ts';
import type { KnownSecret } from '../inspect/inspector.ts';

export interface SecretFile {
  secret: string;
  key: string;
  value: Buffer;
}

/** Without what the policy leaves out. `isHeld`: by name of the Secret. The values are not copied. */
export function knownSecrets(
  files: readonly SecretFile[],
  rules: KnownSecretRules,
  isHeld: (secret: string) => boolean,
): KnownSecret[] {
  if (rules.source === 'None') return [];
  return files
    .filter(({ secret, key }) => !isExcluded(rules, secret, key))
    .map(({ secret, key, value }) => ({ name: `${secret}/${key}`, value, held: isHeld(secret) }));
}
