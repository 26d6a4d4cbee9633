/** The relays that are open under TCP and TLS rules. No request of theirs comes by again, so a new policy is brought to them. */
import type { Denial, RuntimeRule } from '../crds/runtime.ts';
import type { PolicyEngine } from './policy/index.ts';

export interface OpenRelay {
  host: string;
  port: number;
  layer: 'tcp' | 'tls';
  /** Let pass by Audit mode alone. */
  audited: boolean;
  rule(): RuntimeRule;
  /** The rule as it is now: with other limits, perhaps. */
  goOn(rule: RuntimeRule): void;
  end(denial: Denial): void;
}

export class Relays {
  readonly #open = new Set<OpenRelay>();
  /** Closed since the start because nothing came after one side's end. */
  leftHalfClosed = 0;

  get size(): number {
    return this.#open.size;
  }

  /** @returns what to call when it is closed */
  add(relay: OpenRelay): () => void {
    this.#open.add(relay);
    return () => this.#open.delete(relay);
  }

  /** Ends those that the engine would not let begin by the rule that they are under. */
  review(engine: PolicyEngine): void {
    for (const relay of [...this.#open]) {
      const before = relay.rule();
      const now = engine.relayRule(before, relay.host, relay.port);
      if (now && !(relay.audited && engine.policy.mode === 'Enforce')) relay.goOn(now);
      else {
        this.#open.delete(relay);
        relay.end(engine.cutOff() ?? engine.deny('host.not-allowed', now, `the rule ${before.id} is no longer there`));
      }
    }
  }
}
