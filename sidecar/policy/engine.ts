/** Every decision about what may leave: facts in, verdict out. No I/O; the only state is what the budgets have spent. */
import { DEFAULT_MAX_REFUSALS, OPAQUE_UPLOAD } from '../../crds/content.ts';
import { hostMatches, hostText } from '../../crds/host-patterns.ts';
import { registrableDomain } from '../../crds/hosts.ts';
import { REASONS } from '../../crds/reasons.ts';
import type {
  AddressScope,
  Channel,
  Denial,
  Finding,
  Reason,
  RequestFacts,
  RuntimePolicy,
  RuntimeRule,
  Verdict,
} from '../../crds/runtime.ts';
import { decideAddress } from './addresses.ts';
import type { Budgets } from './budgets.ts';
import { budgetDomain } from './domain.ts';
import { FindingJudge } from './findings.ts';
import { type HelloFacts, hiddenName, wrongName } from './hello.ts';
import { deny, type Refusal, refusal } from './refusal.ts';
import {
  detailOf,
  MATCHED,
  type PreparedGroups,
  RANK,
  type RequestMatch,
  RequestRule,
  RequestView,
  STAGES,
} from './requests.ts';
import { type FixedTexts, fixedTexts, type RequestTexts } from './texts.ts';
import { HostTrie } from './trie.ts';

export type ConnectionDecision =
  /** Relay without a peek, charging `uploadSize`. */
  | { kind: 'opaque'; rule: RuntimeRule; audit?: Denial }
  /** Peek; `tls`: may begin as TLS, `http`: may begin as plain HTTP. `audit`: nothing allows it, Audit mode lets it on. */
  | { kind: 'inspect'; tls: boolean; http: boolean; audit?: Denial }
  | { kind: 'deny'; denial: Denial };

export type HelloDecision =
  | { kind: 'terminate' }
  /** Relay undecrypted, charging `uploadSize`, the ClientHello included. */
  | { kind: 'passthrough'; rule: RuntimeRule; audit?: Denial }
  | { kind: 'deny'; denial: Denial };

export type RequestVerdict = Verdict & { match?: RequestMatch };

export interface Explanation {
  verdict: RequestVerdict;
  /** Nearest first. */
  perRule: { rule: string; reason: Reason | 'matches' }[];
}

interface Entry {
  order: number;
  rule: RuntimeRule;
  requests: RequestRule;
  fixed: FixedTexts;
}

interface Candidate {
  entry: Entry;
  rank: number;
}

export class PolicyEngine {
  readonly policy: RuntimePolicy;
  readonly budgets: Budgets;
  readonly #entries: Entry[];
  readonly #fixed: ReadonlyMap<string, FixedTexts>;
  readonly #trie = new HostTrie<Entry>();
  readonly #findings: FindingJudge;
  readonly #queryTypes: ReadonlySet<string>;

  constructor(policy: RuntimePolicy, budgets: Budgets) {
    this.policy = policy;
    this.budgets = budgets;
    const groups: PreparedGroups = new Map();
    this.#entries = policy.rules.map((rule, order) => ({
      order,
      rule,
      requests: new RequestRule(rule, groups),
      fixed: fixedTexts(rule),
    }));
    this.#fixed = new Map(this.#entries.map(({ fixed, rule }) => [rule.id, fixed]));
    for (const entry of this.#entries) for (const host of entry.rule.hosts) this.#trie.add(host, entry);
    this.#findings = new FindingJudge(policy);
    this.#queryTypes = new Set(policy.dns.queryTypes);
  }

  /** The rules for a host, in their order. `exact`: some rule names it without a wildcard, so its name reveals nothing. */
  name(host: string): { rules: RuntimeRule[]; exact: boolean } {
    const { values, exact } = this.#trie.find(host);
    return { rules: inOrder(values).map((entry) => entry.rule), exact };
  }

  /** Whose the names under a wildcard are, for whom more of them are no more hosts; else the host itself. */
  accountOf(host: string): string {
    const { rules, exact } = this.name(host);
    const patterns = rules.flatMap((rule) => rule.hosts);
    return exact ? host : budgetDomain(host, patterns);
  }

  /** Once too much was refused for its content: the denial of everything. Holds in Audit mode too. */
  cutOff(): Denial | undefined {
    const { maxRefusals = DEFAULT_MAX_REFUSALS } = this.policy.content;
    return this.budgets.refusals.reach(maxRefusals) ? deny('content.cut-off') : undefined;
  }

  /** Whether a name may be looked up, with records of this type (`A`, `TYPE65`). */
  decideName(host: string, queryType: string): Verdict {
    const cutOff = this.cutOff();
    if (cutOff) return { allow: false, ...cutOff };
    const [rule] = this.name(host).rules;
    if (!rule) return this.judge(deny(this.#nothing('dns.name')));
    return this.#queryTypes.has(queryType)
      ? { allow: true, rule }
      : this.judge(deny('dns.query-type', rule, queryType));
  }

  /** The denial of a connection to a name that no rule allows, when it is not known which. */
  unnamed(): Denial {
    return this.cutOff() ?? deny(this.#nothing('host.not-allowed'));
  }

  /**
   * What to do with a connection to (host, port). An opaque one is charged to its rule here (one of `limits.requests`),
   * so ask once per connection. Under a mix of TCP and other rules, TCP goes first while it has budget left.
   */
  decideConnection(host: string, port: number): ConnectionDecision {
    const { entries, denial } = this.#at(host, port);
    const cutOff = this.cutOff();
    if (cutOff) return { kind: 'deny', denial: cutOff };
    if (denial) {
      return REASONS[denial.reason].audit === 'pass' && this.policy.mode === 'Audit'
        ? { kind: 'inspect', tls: true, http: true, audit: denial }
        : { kind: 'deny', denial };
    }
    const opaque = this.#charge(entries.filter(({ rule }) => rule.protocol === 'TCP'));
    if (opaque && 'rule' in opaque) return { kind: 'opaque', ...opaque };
    const tls = entries.some(({ rule }) => rule.protocol === 'HTTPS' || rule.protocol === 'TLS');
    const http = entries.some(({ rule }) => rule.protocol === 'HTTP');
    if (opaque && !tls && !http) return { kind: 'deny', denial: opaque.denial };
    return { kind: 'inspect', tls, http };
  }

  /** The rule under which a relay that began under `rule` may go on, as it is in this policy. Charges nothing. */
  relayRule(rule: RuntimeRule, host: string, port: number): RuntimeRule | undefined {
    if (this.cutOff()) return undefined;
    const { entries } = this.#at(host, port);
    const now = entries.find((entry) => entry.rule.id === rule.id && entry.rule.protocol === rule.protocol)?.rule;
    return now?.addressScope === rule.addressScope ? now : undefined;
  }

  /**
   * What to do with a TLS handshake on a connection to (host, port). What a hello hides matters only where it is passed on.
   * A passthrough is charged to its rule here (one of `limits.requests`), so ask once per connection.
   */
  decideHello(host: string, port: number, hello: HelloFacts): HelloDecision {
    const cutOff = this.cutOff();
    if (cutOff) return { kind: 'deny', denial: cutOff };
    const { entries, denial } = this.#at(host, port);
    if (denial && !(REASONS[denial.reason].audit === 'pass' && this.policy.mode === 'Audit'))
      return { kind: 'deny', denial };
    const [first] = entries;
    const wrong = wrongName(host, hello, first?.rule);
    if (wrong) return { kind: 'deny', denial: wrong };
    // Audit mode, nothing allows it: end the TLS here, so that the request in it is judged and reported.
    if (denial) return { kind: 'terminate' };
    const undecrypted = entries.filter(({ rule }) => rule.protocol === 'TLS');
    const hidden = undecrypted.length > 0 ? hiddenName(hello, undecrypted[0]?.rule) : undefined;
    if (hidden) return { kind: 'deny', denial: hidden };
    const passthrough = this.#charge(undecrypted);
    if (passthrough && 'rule' in passthrough) return { kind: 'passthrough', ...passthrough };
    if (entries.some(({ rule }) => rule.protocol === 'HTTPS')) return { kind: 'terminate' };
    if (passthrough) return { kind: 'deny', denial: passthrough.denial };
    return this.policy.mode === 'Audit'
      ? { kind: 'terminate' }
      : { kind: 'deny', denial: deny('protocol.not-allowed', first?.rule, 'TLS') };
  }

  /** What speaks against another hello of a handshake that is passed on under the rule; undefined: nothing. */
  decideNextHello(host: string, rule: RuntimeRule, hello: HelloFacts): Denial | undefined {
    return wrongName(host, hello, rule) ?? hiddenName(hello, rule);
  }

  /** Judges one request and, when a rule admits it, charges that rule one of `limits.requests`. */
  decideRequest(facts: RequestFacts): RequestVerdict {
    const cutOff = this.cutOff();
    if (cutOff) return { allow: false, ...cutOff };
    const view = new RequestView(facts);
    const verdict = this.#decide(facts, view, this.#trie.find(facts.host).values);
    if (verdict.allow && verdict.rule && !verdict.audit) this.budgets.charge(verdict.rule, 'requests', 1);
    return verdict;
  }

  /** Whether the rule of this id would admit the request, were its budget not spent. Charges nothing. */
  admits(facts: RequestFacts, rule: RuntimeRule): boolean {
    const view = new RequestView(facts);
    if (!view.segments || this.cutOff()) return false;
    const entry = this.#trie.find(facts.host).values.find((each) => each.rule.id === rule.id);
    return entry !== undefined && this.#rank(entry, facts, view) >= RANK['limit.upload-size'];
  }

  /** The same verdict with the reasons of every rule. Charges nothing. */
  explainRequest(facts: RequestFacts): Explanation {
    const view = new RequestView(facts);
    const { values } = this.#trie.find(facts.host);
    const verdict = this.#decide(facts, view, values);
    const hits = new Set(values);
    const perRule = this.#entries
      .map((entry) => {
        if (!hits.has(entry)) return { entry, rank: -1, reason: 'host.not-allowed' } as const;
        if (!view.segments) return { entry, rank: 0, reason: 'http.malformed' } as const;
        const rank = this.#rank(entry, facts, view);
        return { entry, rank, reason: STAGES[rank] ?? 'matches' } as const;
      })
      .sort((a, b) => b.rank - a.rank || a.entry.order - b.entry.order)
      .map(({ entry, reason }) => ({ rule: entry.rule.id, reason }));
    return { verdict, perRule };
  }

  /** `undefined` when a rule of this scope may dial the address. Holds in Audit mode too. */
  decideAddress(scope: AddressScope, address: string): Denial | undefined {
    return decideAddress(scope, address);
  }

  /** The findings that remain after home hosts, disabled detectors and suppressions; `[]`: pass. */
  decideFindings(rule: RuntimeRule | undefined, host: string, findings: readonly Finding[]): Finding[] {
    return this.#findings.judge(rule, host, findings);
  }

  /**
   * Charges bytes that no decoder explains, which are about to be sent, unless the policy excepts them: the denial when
   * there are too many.
   */
  chargeOpaque(rule: RuntimeRule | undefined, host: string, channel: Channel, bytes: number): Denial | undefined {
    const { opaqueUploads } = this.policy.content;
    if (!opaqueUploads || bytes === 0) return undefined;
    const finding = { detector: OPAQUE_UPLOAD, channel, place: '', decoding: [], offset: 0, homeHosts: [] };
    if (this.decideFindings(rule, host, [finding]).length === 0) return undefined;
    // Names that a wildcard admits are for the sender to make up.
    const account = rule?.hosts.find((pattern) => hostMatches(pattern, host));
    const charged = this.budgets.chargeOpaque(
      account ? hostText(account) : registrableDomain(host),
      bytes,
      opaqueUploads,
    );
    return charged ? undefined : deny('content.opaque', rule, `${bytes} bytes`);
  }

  /** Charges what is new in the head of a request that is about to be sent: the denial when it is too much. */
  chargeTexts(rule: RuntimeRule | undefined, host: string, texts: RequestTexts): Denial | undefined {
    const fixed = rule && this.#fixed.get(rule.id);
    if (rule?.limits.newTextSize === undefined || !fixed) return undefined;
    const account = this.accountOf(host);
    const cost = this.budgets.texts.cost(account, fixed, texts);
    if (!this.budgets.charge(rule, 'newTextSize', cost)) return deny('limit.new-text-size', rule, `${cost} bytes`);
    this.budgets.texts.keep(account, texts);
    return undefined;
  }

  /** A denial by this policy's mode: refused, or in Audit mode let pass and reported where the reason permits. */
  judge(denial: Denial): Verdict {
    if (this.policy.mode === 'Audit' && REASONS[denial.reason].audit === 'pass') {
      return { allow: true, audit: denial, ...(denial.rule && { rule: denial.rule }) };
    }
    return { allow: false, ...denial };
  }

  deny(reason: Reason, rule?: RuntimeRule, detail?: string): Denial {
    return deny(reason, rule, detail);
  }

  refusal(denial: Denial, id: string, help?: string): Refusal {
    return refusal(denial, id, help);
  }

  #decide(facts: RequestFacts, view: RequestView, hits: readonly Entry[]): RequestVerdict {
    const entries = inOrder(hits);
    if (!view.segments) return this.judge(deny('http.malformed', entries[0]?.rule, 'path'));
    let nearest: Candidate | undefined;
    for (const entry of entries) {
      const rank = this.#rank(entry, facts, view);
      if (rank === MATCHED) return { allow: true, rule: entry.rule, match: entry.requests.match(view) };
      if (!nearest || rank > nearest.rank) nearest = { entry, rank };
    }
    if (!nearest) return this.judge(deny(this.#nothing('host.not-allowed')));
    const reason = STAGES[nearest.rank] ?? 'host.not-allowed';
    return this.judge(deny(reason, nearest.entry.rule, detailOf(reason, facts)));
  }

  #rank({ fixed, rule, requests }: Entry, facts: RequestFacts, view: RequestView): number {
    if (!rule.ports.includes(facts.port)) return RANK['port.not-allowed'];
    if (rule.protocol !== facts.protocol) return RANK['protocol.not-allowed'];
    const rank = requests.rank(view);
    if (rank !== MATCHED) return rank;
    if (facts.hasBody && (facts.contentLength ?? 1) > this.budgets.remaining(rule, 'uploadSize'))
      return RANK['limit.upload-size'];
    const { newTextSize } = rule.limits;
    if (newTextSize !== undefined) {
      const left = this.budgets.remaining(rule, 'newTextSize');
      const { path, query } = facts;
      const texts = { path, ...(query !== undefined && { query }), headers: [] };
      if (this.budgets.texts.cost(this.accountOf(facts.host), fixed, texts) > left) return RANK['limit.new-text-size'];
    }
    return this.budgets.remaining(rule, 'requests') < 1 ? RANK['limit.requests'] : MATCHED;
  }

  #at(host: string, port: number): { entries: readonly Entry[]; denial?: Denial } {
    const byHost = inOrder(this.#trie.find(host).values);
    const [first] = byHost;
    if (!first) return { entries: [], denial: deny(this.#nothing('host.not-allowed')) };
    const entries = byHost.filter(({ rule }) => rule.ports.includes(port));
    return entries.length > 0 ? { entries } : { entries, denial: deny('port.not-allowed', first.rule, String(port)) };
  }

  /** Charges one connection to the first rule with budget left; `undefined` when there is no rule. */
  #charge(entries: readonly Entry[]): { rule: RuntimeRule; audit?: Denial } | { denial: Denial } | undefined {
    const [first] = entries;
    if (!first) return undefined;
    for (const { rule } of entries) {
      if (this.budgets.remaining(rule, 'uploadSize') > 0 && this.budgets.charge(rule, 'requests', 1)) return { rule };
    }
    const reason = this.budgets.remaining(first.rule, 'uploadSize') > 0 ? 'limit.requests' : 'limit.upload-size';
    const denial = deny(reason, first.rule);
    return this.policy.mode === 'Audit' ? { rule: first.rule, audit: denial } : { denial };
  }

  #nothing(otherwise: Reason): Reason {
    return this.policy.policies.length === 0 ? 'policy.none' : otherwise;
  }
}

/** In the order of the policy, each once: a rule may name a host twice, exactly and by a wildcard. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length < 2) return entries;
  return [...new Set(entries)].sort((a, b) => a.order - b.order);
}
