/** What a sidecar's request for its policy comes to. No sockets: the server writes what is said here. */
import { HASH_PATTERN } from '../../crds/control.ts';
import type { Cluster } from '../watch/cluster.ts';
import type { PodItem } from '../watch/objects.ts';
import type { PolicyBook } from './book.ts';
import { EVERYWHERE, onPolicyChanges } from './changes.ts';
import type { PodIdentity, Tokens } from './tokens.ts';
import { type Outcome, TURN_MS, type Waiter, type Waiters } from './waiters.ts';

/** Milliseconds for which a pod that the watch has not shown yet is waited for: it was made a moment ago. */
export const POD_WITHIN_MS = 3000;

export interface Refused {
  status: 400 | 401 | 403 | 429 | 503;
  error: string;
  /** Seconds. */
  retryAfter?: number;
}

/** `wait`: nothing to say now; the answer comes through the waiter. */
export type PolicyReply = Refused | { status: 200; body: Buffer } | { status: 'wait'; pod: PodItem; have: string };

export class PolicyService {
  readonly #cluster: Cluster;
  readonly #book: PolicyBook;
  readonly #tokens: Tokens;
  readonly waiters: Waiters;
  readonly #unseen = new Set<() => void>();
  readonly #turning: NodeJS.Timeout;

  constructor(cluster: Cluster, book: PolicyBook, tokens: Tokens, waiters: Waiters) {
    this.#cluster = cluster;
    this.#book = book;
    this.#tokens = tokens;
    this.waiters = waiters;
    onPolicyChanges(cluster, (namespaces) => void this.#wake(namespaces));
    cluster.pods.listen((after) => {
      if (after) for (const look of this.#unseen) look();
    });
    this.#turning = setInterval(() => waiters.turn(), TURN_MS);
  }

  /** The pod that a token is bound to, as the watch has it. */
  async identify(authorization: string | undefined, address: string): Promise<{ pod: PodItem } | Refused> {
    const verdict = await this.#tokens.judge(authorization, address);
    if ('bad' in verdict) return { status: 401, error: verdict.bad };
    if ('busy' in verdict) return { status: 503, error: verdict.busy, retryAfter: 1 };
    if (!this.#cluster.isSynced) return { status: 503, error: 'the cluster is not known yet', retryAfter: 1 };
    const pod = this.#find(verdict.pod) ?? (await this.#appearing(verdict.pod));
    return pod ? { pod } : { status: 403, error: 'the token is not of a pod that Weir was put into' };
  }

  /** `have`: of the query; undefined when it is not there. */
  policy(pod: PodItem, have: string | undefined): PolicyReply {
    if (have !== undefined && !HASH_PATTERN.test(have)) return { status: 400, error: 'have is not a SHA-256 in hex' };
    const entry = this.#book.entryFor(pod.namespace, pod.labels);
    if (entry.hash !== have) return { status: 200, body: entry.body(pod.life) };
    return { status: 'wait', pod, have };
  }

  /** The body for one whose policy changed while it waited; undefined when its pod is gone. */
  current(waiter: Waiter): Buffer | undefined {
    const pod = this.#find(waiter);
    return pod && this.#book.entryFor(pod.namespace, pod.labels).body(pod.life);
  }

  /** Answers everyone, so that they go to another replica. */
  release(): Promise<void> {
    return this.waiters.wake(undefined, () => 'moved');
  }

  stop(): void {
    clearInterval(this.#turning);
  }

  async #wake(namespaces: ReadonlySet<string>): Promise<void> {
    const outcomeOf = (waiter: Waiter): Outcome | undefined => {
      const pod = this.#find(waiter);
      if (!pod) return 'unchanged';
      return this.#book.entryFor(pod.namespace, pod.labels).hash === waiter.have ? undefined : 'changed';
    };
    for (const namespace of namespaces) {
      await this.waiters.wake(namespace === EVERYWHERE ? undefined : namespace, outcomeOf);
    }
  }

  #find({ namespace, pod, uid }: PodIdentity): PodItem | undefined {
    const found = this.#cluster.pods.get(namespace, pod);
    return found?.uid === uid && found.isInjected ? found : undefined;
  }

  #appearing(identity: PodIdentity): Promise<PodItem | undefined> {
    const { promise, resolve } = Promise.withResolvers<PodItem | undefined>();
    const end = (pod: PodItem | undefined): void => {
      clearTimeout(timer);
      this.#unseen.delete(look);
      resolve(pod);
    };
    const look = (): void => {
      const pod = this.#find(identity);
      if (pod) end(pod);
    };
    const timer = setTimeout(end, POD_WITHIN_MS, undefined);
    this.#unseen.add(look);
    return promise;
  }
}
