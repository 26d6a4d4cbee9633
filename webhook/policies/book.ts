/** Compiled policies: one entry for all pods that the same policies select, however many there are. Pure but for its cache. */
import { type Compiled, compileAll } from '../../crds/compile.ts';
import { CONTROL_SCHEMA, type PolicyAnswer } from '../../crds/control.ts';
import { compilePodFields, type PodFields } from '../../crds/pod.ts';
import { policiesFor, type Selection } from '../../crds/selector.ts';
import type { Cluster } from '../watch/cluster.ts';
import { identityOf, type Labels } from '../watch/objects.ts';

/** Sets of policies whose compilation is kept; the one not asked for longest goes first. */
export const MAX_ENTRIES = 1024;

export interface Entry {
  /** `identityOf` the policies that went in. */
  readonly policies: readonly string[];
  readonly hash: string;
  readonly compiled: Compiled;
  /** Ids of its rules. */
  readonly rules: ReadonlySet<string>;
  /** What is taken when a pod is admitted. */
  readonly podFields: PodFields;
  /** The answer's body. */
  body(life: PolicyAnswer['life']): Buffer;
}

type View = Pick<Cluster, 'namespaces' | 'policies' | 'clusterPolicies'>;

export class PolicyBook {
  readonly #view: View;
  readonly #entries = new Map<string, Entry>();
  readonly #timed: (compile: () => Entry) => Entry;

  constructor(view: View, timed: (compile: () => Entry) => Entry = (compile) => compile()) {
    this.#view = view;
    this.#timed = timed;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** For a pod of this namespace with these labels, as the API server has them. */
  entryFor(namespace: string, labels: Labels): Entry {
    const { policies, clusterPolicies, namespaces } = this.#view;
    const all = [...policies.in(namespace)].map(({ policy }) => policy);
    const selection: Selection = {
      clusterPolicies: [...clusterPolicies.all()].map(({ policy }) => policy),
      namespaceLabels: namespaces.get('', namespace)?.labels ?? {},
    };
    const { own, cluster } = policiesFor(all, labels, selection);
    const identities = [...own, ...cluster].map(identityOf).sort();
    const key = identities.join(' ');
    const entry =
      this.#entries.get(key) ??
      this.#timed(() =>
        newEntry(identities, compileAll(all, labels, selection), compilePodFields(all, labels, selection)),
      );
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value as string);
    return entry;
  }
}

function newEntry(policies: readonly string[], compiled: Compiled, podFields: PodFields): Entry {
  const { policy } = compiled;
  const bodies: Partial<Record<PolicyAnswer['life'], Buffer>> = {};
  const body = (life: PolicyAnswer['life']): Buffer => {
    bodies[life] ??= Buffer.from(JSON.stringify({ schema: CONTROL_SCHEMA, policy, life } satisfies PolicyAnswer));
    return bodies[life];
  };
  const rules = new Set(policy.rules.map(({ id }) => id));
  return { policies, hash: policy.hash, compiled, rules, podFields, body };
}
