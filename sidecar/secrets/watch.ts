/** Keeps what the Inspector looks for as the Secrets and the policy are. */
import { KNOWN_SECRET_DEFAULTS } from '../../crds/known-secrets.ts';
import type { RuntimePolicy } from '../../crds/runtime.ts';
import type { PolicySource } from '../policy/index.ts';
import { readSecrets, SERVICE_ACCOUNT, type SecretFiles } from './files.ts';
import { type KnownSecret, knownSecrets } from './known.ts';

/** Milliseconds between two looks at the links that the kubelet swaps; it is itself up to a minute late. */
export const LOOK_EVERY_MS = 5000;

export interface SecretWatchOptions {
  /** `/run/weir/secrets`. */
  directory: string;
  serviceAccountDirectory: string;
  /** Names of the Secrets that the workload's own containers have. */
  held: ReadonlySet<string>;
  policySource: PolicySource;
  /** Gets all of them, at once and after every change. */
  use: (secrets: readonly KnownSecret[]) => void;
  /** What could not be read or has no room, without a value. */
  say: (msg: string, more: object) => void;
  everyMs?: number;
}

/** Begins. @returns what ends it */
export function watchSecrets(options: SecretWatchOptions): () => void {
  const { directory, serviceAccountDirectory, held, policySource, use, say } = options;
  let read: SecretFiles = { files: [], version: '', problems: [] };
  let policy = policySource.current;
  // The workload has its own token mounted, or the sidecar would not have it.
  const isHeld = (secret: string): boolean => secret === SERVICE_ACCOUNT || held.has(secret);
  const give = (): void => {
    const { secrets, leftOut } = knownSecrets(read.files, rulesOf(policy), isHeld);
    if (leftOut > 0) say('known secrets left out', { count: leftOut });
    use(secrets);
  };
  const look = (first: boolean): void => {
    const fresh = readSecrets(directory, serviceAccountDirectory, first ? undefined : read.version);
    if (!fresh) return;
    read = fresh;
    if (fresh.problems.length > 0) say('known secrets not read', { problems: fresh.problems });
    give();
  };
  look(true);
  const timer = setInterval(() => look(false), options.everyMs ?? LOOK_EVERY_MS);
  timer.unref();
  const unsubscribe = policySource.subscribe((now) => {
    policy = now;
    give();
  });
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
}

function rulesOf({ content }: RuntimePolicy) {
  return content.knownSecrets ?? KNOWN_SECRET_DEFAULTS;
}
