/** What this room needs from the others, as narrow interfaces, and the facts of a connection. */
import type net from 'node:net';
import type {
  AddressScope,
  Channel,
  Denial,
  Event,
  Finding,
  Reason,
  RequestFacts,
  RuntimePolicy,
  RuntimeRule,
  Verdict,
} from '../../crds/runtime.ts';
import type { InspectName } from '../audit/shown.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { Memory } from '../memory.ts';
import type { RequestTexts } from '../policy/texts.ts';
import type { Forwarder } from './forward.ts';

/** What is known of a connection before its first byte of HTTP. */
export interface ConnectionContext {
  /** The name that was judged for this connection; every Host on it must be this one. */
  host: string;
  port: number;
  secure: boolean;
  /** Every request is answered with this refusal. The Host header then names what was wanted. */
  refused?: Denial;
}

export interface RequestMatch {
  maxBodySize?: number;
  forwardHeaders?: ReadonlySet<string>;
}

export interface Refusal {
  status: number;
  headers: [string, string][];
  body: string;
}

/** The part of `PolicyEngine` that HTTP asks. */
export interface HttpPolicy {
  readonly policy: RuntimePolicy;
  decideRequest(facts: RequestFacts): Verdict & { match?: RequestMatch };
  /** Whether the rule of this id would admit the request, were its budget not spent. Charges nothing. */
  admits(facts: RequestFacts, rule: RuntimeRule): boolean;
  /** The denial of everything, once too much was refused for its content. */
  cutOff(): Denial | undefined;
  decideFindings(rule: RuntimeRule | undefined, host: string, findings: readonly Finding[]): Finding[];
  /** The denial of bytes that no decoder explains, when there are too many; else they are charged. */
  chargeOpaque(rule: RuntimeRule | undefined, host: string, channel: Channel, bytes: number): Denial | undefined;
  /** What names under a wildcard have in common; of a name that a rule spells out, itself. */
  accountOf(host: string): string;
  /** The denial of what is new in a head that is about to be sent, when it is too much; else it is charged. */
  chargeTexts(rule: RuntimeRule | undefined, host: string, texts: RequestTexts): Denial | undefined;
  deny(reason: Reason, rule?: RuntimeRule, detail?: string): Denial;
  /** A denial by the mode of the policy: refused, or let pass and reported. */
  judge(denial: Denial): Verdict;
  refusal(denial: Denial, id: string, help?: string): Refusal;
}

/** The part of `Budgets` that HTTP asks. */
export interface HttpBudgets {
  charge(rule: RuntimeRule, kind: 'uploadSize' | 'requests', n: number): boolean;
}

/** An established connection to the destination, TLS done when `secure`. Rejects with what `failure.ts` can name. */
export type Connect = (host: string, port: number, secure: boolean, scope: AddressScope) => Promise<net.Socket>;

export interface FrontOptions {
  /** The policy of this moment; asked anew for every request. */
  engine: () => HttpPolicy;
  budgets: HttpBudgets;
  inspector: Inspector;
  memory: Memory;
  forward: Forwarder;
  emit: (event: Event) => void;
  /** What is found in a host name; throws when it cannot be judged. */
  inspectName: InspectName;
  /** The YAML of a rule that would allow the request. */
  suggest: (facts: RequestFacts) => string;
  /** Idle time in milliseconds after which a silent connection is closed; for tests. */
  idleTimeoutMs?: number;
  /** Milliseconds for a request head to arrive whole; for tests. */
  headTimeoutMs?: number;
}
