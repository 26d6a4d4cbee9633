/**
 * Whether pods may be made in a labelled namespace: when the ConfigMap that its sidecars trust is exactly ours, in the watch,
 * and no pod that is older than the label can have made a node remember another. A kubelet does not read an immutable
 * ConfigMap again while a pod that refers to it is on the node, also when it was deleted and made anew
 * (kubernetes/kubernetes, kubelet/util/manager/watch_based_manager.go).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CA_CONFIG_MAP } from '../crds/injected.ts';
import type { NamespaceItem, PodItem } from './watch/objects.ts';
import type { Store } from './watch/store.ts';

/** Milliseconds that a pod waits for its namespace; the webhook has five seconds. */
export const PREPARED_WITHIN_MS = 2500;
const LOOK_MS = 50;
/** Milliseconds for which pods that are in the way are not looked for again. */
export const AGAIN_MS = 1000;
/** Namespaces that are remembered as clean. */
const MAX_CLEAN = 16_384;
/** Names in a message. */
const MAX_NAMES = 3;

export interface PreparedOptions {
  namespaces: Store<NamespaceItem>;
  /** Whether the namespace's ConfigMap is exactly ours. */
  isWritten: (namespace: string) => boolean;
  /** Its pods without Weir. */
  bare: (namespace: string) => Promise<readonly PodItem[]>;
  withinMs?: number;
}

export class Prepared {
  readonly #options: PreparedOptions;
  /** By name; no entry: not looked at since it got the label. */
  readonly #looked = new Map<string, { holders: Promise<string[]>; at: number }>();

  constructor(options: PreparedOptions) {
    this.#options = options;
    options.namespaces.listen((after, before) => {
      if (!after?.isGuarded || after.uid !== before?.uid) this.#looked.delete((after ?? before)?.name ?? '');
    });
  }

  /** Why not, or undefined. Waits a little for what is under way. Does not throw. */
  async whyNot(namespace: string): Promise<string | undefined> {
    const { isWritten, withinMs = PREPARED_WITHIN_MS } = this.#options;
    const end = performance.now() + withinMs;
    while (!isWritten(namespace)) {
      if (performance.now() > end) {
        return `the namespace ${namespace} is being prepared (its ConfigMap ${CA_CONFIG_MAP} is not the control plane's yet); try again`;
      }
      await sleep(LOOK_MS);
    }
    try {
      const holders = await this.#holders(namespace);
      if (holders.length === 0) return undefined;
      const names = holders.slice(0, MAX_NAMES).join(', ') + (holders.length > MAX_NAMES ? ', ...' : '');
      return `pods of ${namespace} without Weir refer to the ConfigMap ${CA_CONFIG_MAP}, and their nodes may remember what was in it before the label; delete them first: ${names}`;
    } catch {
      return `the pods of ${namespace} cannot be looked at now; try again`;
    }
  }

  async #holders(namespace: string): Promise<string[]> {
    const now = performance.now();
    const known = this.#looked.get(namespace);
    if (known && ((await known.holders).length === 0 || now - known.at < AGAIN_MS)) return known.holders;
    const holders = this.#options
      .bare(namespace)
      .then((pods) => pods.filter(({ holdsAuthorities }) => holdsAuthorities).map(({ name }) => name));
    const entry = { holders, at: now };
    this.#looked.delete(namespace);
    this.#looked.set(namespace, entry);
    if (this.#looked.size > MAX_CLEAN) this.#looked.delete(this.#looked.keys().next().value as string);
    holders.catch(() => this.#looked.get(namespace) === entry && this.#looked.delete(namespace));
    return holders;
  }
}
