/** Keeps what the Inspector looks for as the Secrets and the policy are. */
import { canonicalJson } from '../../crds/canonical.ts';
import { KNOWN_SECRET_DEFAULTS } from '../../crds/known-secrets.ts';
import type { KnownSecretRules, RuntimePolicy } from '../../crds/runtime.ts';
import type { KnownSecret, KnownSecretsReport } from '../inspect/inspector.ts';
import type { PolicySource } from '../policy/index.ts';
import { readSecrets, SERVICE_ACCOUNT, secretsVersion } from './files.ts';
import { knownSecrets } from './known.ts';

/** Milliseconds between two looks at the links that the kubelet swaps; it is itself up to a minute late. */
export const LOOK_EVERY_MS = 5000;

export interface SecretWatchOptions {
  /** `/run/weir/secrets`. */
  directory: string;
  serviceAccountDirectory: string;
  /** Names of the Secrets that the workload's own containers have. */
  held: ReadonlySet<string>;
  policySource: PolicySource;
  /** Gets all of them, and copies what it keeps: the one at once, the other after every change, when traffic is served. */
  use: (secrets: readonly KnownSecret[], minLength: number) => KnownSecretsReport;
  replace: (secrets: readonly KnownSecret[], minLength: number) => Promise<KnownSecretsReport>;
  /** What could not be read or has no room, without a value. */
  say: (msg: string, more: object) => void;
  everyMs?: number;
}

export interface SecretCounts {
  /** What is looked for, and what is not because of a bound or because it could not be read. */
  taken: number;
  refused: number;
}

export interface SecretWatch {
  counts(): SecretCounts;
  stop(): void;
}

export function watchSecrets(options: SecretWatchOptions): SecretWatch {
  const { directory, serviceAccountDirectory, held, policySource, use, replace, say } = options;
  const rulesOf = ({ content }: RuntimePolicy): KnownSecretRules => content.knownSecrets ?? KNOWN_SECRET_DEFAULTS;
  let rules = rulesOf(policySource.current);
  let version: string | undefined;
  let counts: SecretCounts = { taken: 0, refused: 0 };
  // The workload has its own token mounted, or the sidecar would not have it.
  const isHeld = (secret: string): boolean => secret === SERVICE_ACCOUNT || held.has(secret);
  const load = <T>(use: (secrets: readonly KnownSecret[], minLength: number) => T) => {
    version = secretsVersion(directory, serviceAccountDirectory);
    const { files, problems } = readSecrets(directory, serviceAccountDirectory);
    const done = ({ taken, refused }: KnownSecretsReport): void => {
      for (const { value } of files) value.fill(0);
      counts = { taken, refused: refused.length + problems.length };
      if (problems.length > 0) say('known secrets not read', { problems });
      if (refused.length > 0) say('known secrets out of bounds: these are not looked for', { refused });
    };
    return { used: use(knownSecrets(files, rules, isHeld), rules.minLength), done };
  };
  let isLoading = false;
  let isStale = false;
  /** One at a time: what changes meanwhile is read when it is done. */
  const reload = async (): Promise<void> => {
    isStale = true;
    if (isLoading) return;
    isLoading = true;
    while (isStale) {
      isStale = false;
      const { used, done } = load(replace);
      done(await used);
    }
    isLoading = false;
  };
  const { used, done } = load(use);
  done(used);
  const timer = setInterval(() => {
    if (secretsVersion(directory, serviceAccountDirectory) !== version) void reload();
  }, options.everyMs ?? LOOK_EVERY_MS);
  timer.unref();
  const unsubscribe = policySource.subscribe((now) => {
    const before = canonicalJson(rules);
    rules = rulesOf(now);
    // The index of a megabyte takes a while, and most changes of a policy are none of this.
    if (canonicalJson(rules) !== before) void reload();
  });
  return {
    counts: () => counts,
    stop() {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
