/** Keeps what the Inspector looks for as the Secrets and the policy are. */
import { canonicalJson } from '../../crds/canonical.ts';
import { KNOWN_SECRET_DEFAULTS } from '../../crds/known-secrets.ts';
import type { KnownSecretRules, RuntimePolicy } from '../../crds/runtime.ts';
import type { KnownSecret, KnownSecretsReport } from '../inspect/inspector.ts';
import type { PolicySource } from '../policy/index.ts';
import { readSecrets, SERVICE_ACCOUNT, secretsVersion } from './files.ts';
import { knownSecrets } from './known.ts';

/** Milliseconds for which a look at the links that the kubelet swaps holds, for messages that are to be judged. */
export const LOOK_HOLDS_MS = 50;
/** Milliseconds between two looks while nothing is to be judged, so that what comes next need not wait. */
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
}

export interface SecretCounts {
  /** What is looked for, and what is not because of a bound or because it could not be read. */
  taken: number;
  refused: number;
}

export interface SecretWatch {
  /** Before something is judged: resolves when what is looked for is what the Secrets are; undefined when it is now. */
  current(): Promise<void> | undefined;
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
  let loading: Promise<void> | undefined;
  let isStale = false;
  const loadAll = async (): Promise<void> => {
    while (isStale) {
      isStale = false;
      const { used, done } = load(replace);
      done(await used);
    }
    loading = undefined;
  };
  /** One at a time: what changes meanwhile is read when it is done. */
  const reload = (): void => {
    isStale = true;
    loading ??= loadAll();
  };
  let lookedAt = 0;
  const look = (): void => {
    lookedAt = performance.now();
    if (secretsVersion(directory, serviceAccountDirectory) !== version) reload();
  };
  const { used, done } = load(use);
  done(used);
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  const unsubscribe = policySource.subscribe((now) => {
    const before = canonicalJson(rules);
    rules = rulesOf(now);
    // The index of a megabyte takes a while, and most changes of a policy are none of this.
    if (canonicalJson(rules) !== before) reload();
  });
  return {
    current() {
      if (performance.now() - lookedAt >= LOOK_HOLDS_MS) look();
      return loading;
    },
    counts: () => counts,
    stop() {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
