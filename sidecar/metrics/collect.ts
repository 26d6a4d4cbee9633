/** What the sidecar tells of itself. Rules and reasons are named, hosts, paths and detectors never. Pure. */
import { DEFAULT_MAX_REFUSALS } from '../../crds/content.ts';
import type { Event, RuntimePolicy } from '../../crds/runtime.ts';
import type { Counters } from '../audit/counters.ts';
import type { ControlStatus } from '../control/policies.ts';
import type { ReportCounts } from '../control/reports.ts';
import { MAX_BUDGET_NAMES } from '../dns/budget.ts';
import { MAX_SYNTHETIC_NAMES } from '../dns/synthetic.ts';
import { MAX_SESSIONS } from '../inspect/sessions.ts';
import { MAX_RINGS, MAX_THREAD_DECODER_MEMORY, MAX_THREAD_HEAP } from '../inspect/thread/bounds.ts';
import type { PlaneStats } from '../plane.ts';
import { MAX_SEEN_TEXTS } from '../policy/texts.ts';
import type { SecretCounts } from '../secrets/watch.ts';
import { MAX_ACCOUNTS } from '../state/accounts.ts';
import { MAX_NAMES_BYTES } from '../state/names.ts';
import { MAX_CONNECTIONS } from '../tcp/connections.ts';
import { type Metric, type Sample, single } from './render.ts';

/** Rules that are told apart over all policies that the pod had; those beyond are one. */
export const MAX_RULE_SERIES = 512;
export const OTHER_RULES = 'other';
/** Characters of the policy's hash that are shown: enough to compare. */
const HASH_SHOWN = 16;

/** Counts of decisions by rule; rule ids come from policies alone. */
export class RuleCounters {
  readonly #counts = new Map<string, { rule: string; action: Event['action']; count: number }>();
  readonly #rules = new Set<string>();

  add({ rule: id, action }: Event): void {
    if (id === undefined) return;
    if (!this.#rules.has(id) && this.#rules.size < MAX_RULE_SERIES) this.#rules.add(id);
    const rule = this.#rules.has(id) ? id : OTHER_RULES;
    const key = `${action} ${rule}`;
    const counted = this.#counts.get(key) ?? { rule, action, count: 0 };
    counted.count++;
    this.#counts.set(key, counted);
  }

  samples(): Sample[] {
    return [...this.#counts.values()].map(({ rule, action, count }) => ({ labels: { rule, action }, value: count }));
  }
}

export interface Facts {
  counters: Counters;
  rules: RuleCounters;
  policy: RuntimePolicy;
  /** Undefined: the policy is from a file. */
  control: ControlStatus | undefined;
  reports: ReportCounts | undefined;
  plane: PlaneStats | undefined;
  /** Whom names are asked of; 0: no name resolves. */
  nameservers: number;
  state: { lost: boolean; accounts: number; nameBytes: number } | undefined;
  secrets: SecretCounts | undefined;
  logDropped: number;
  /** Unix seconds of the last self-test that held; 0: none yet. */
  heartbeat: number;
  /** Unix seconds. */
  started: number;
  rssBytes: number;
  /** Bytes of objects, and how many are too many. */
  heap: { used: number; full: number };
}

export function metricsOf(facts: Facts): Metric[] {
  const { counters, rules, policy, control, reports, plane, state } = facts;
  const list: Metric[] = [
    {
      name: 'weir_events_total',
      type: 'counter',
      moved: true,
      help: 'Decisions by what was done, where, and why.',
      samples: counters.snapshot().map(({ count, ...labels }) => ({ labels, value: count })),
    },
    {
      name: 'weir_rule_events_total',
      type: 'counter',
      moved: true,
      help: 'Decisions by rule.',
      samples: rules.samples(),
    },
    ...budgets(policy, plane),
    {
      name: 'weir_policy_info',
      type: 'gauge',
      help: 'The policy in use.',
      samples: [{ labels: { hash: policy.hash.slice(0, HASH_SHOWN), mode: policy.mode }, value: 1 }],
    },
    single('weir_policy_rules', 'gauge', 'Rules of the policy in use.', policy.rules.length),
    single(
      'weir_nameservers',
      'gauge',
      'Whom names are asked of. 0: those of the first life are lost.',
      facts.nameservers,
    ),
    moved(single('weir_log_dropped_total', 'counter', 'Events that the audit log could not take.', facts.logDropped)),
    single('weir_selftest_timestamp_seconds', 'gauge', 'When the rules were last seen to hold.', facts.heartbeat),
    moved(single('process_resident_memory_bytes', 'gauge', 'Resident memory.', facts.rssBytes)),
    ...bound(
      'weir_heap_bytes',
      'Objects in memory. Beyond the bound, what is begun is judged to its end first.',
      facts.heap.used,
      facts.heap.full,
    ),
    single('process_start_time_seconds', 'gauge', 'When the sidecar started.', facts.started),
  ];
  if (control) {
    list.push(
      single('weir_control_plane_connected', 'gauge', 'Whether the last poll was answered.', control.connected ? 1 : 0),
      single('weir_policy_changed_timestamp_seconds', 'gauge', 'When the policy in use came.', control.changed),
      single('weir_policy_confirmed_timestamp_seconds', 'gauge', 'When it was last confirmed.', control.confirmed),
    );
  }
  if (facts.secrets) {
    const { taken, refused } = facts.secrets;
    list.push(
      single('weir_known_secrets', 'gauge', 'Secrets that are looked for.', taken),
      single('weir_known_secrets_refused', 'gauge', 'Secrets that are not: a bound, or not readable.', refused),
    );
  }
  if (reports) {
    list.push(
      moved(single('weir_reports_sent_total', 'counter', 'Events that the control plane took.', reports.sent)),
      moved(single('weir_reports_dropped_total', 'counter', 'Events that were not reported.', reports.dropped)),
      moved(single('weir_reports_waiting', 'gauge', 'Events that wait to be reported.', reports.waiting)),
    );
  }
  if (state) {
    list.push(
      single('weir_budgets_lost', 'gauge', 'Whether everything with a limit counts as spent.', state.lost ? 1 : 0),
      ...bound('weir_accounts', 'Accounts in the journal.', state.accounts, MAX_ACCOUNTS),
      ...bound('weir_names_bytes', 'Bytes of names that are kept.', state.nameBytes, MAX_NAMES_BYTES),
    );
  }
  if (plane) {
    const { budgets: spent, connections, cutOff, memory, names, expansions, patterns, relays, sent, thread } = plane;
    list.push(
      moved(
        single('weir_content_refusals', 'gauge', 'Refusals for content in the life of the pod.', spent.refusals.count),
      ),
      single(
        'weir_content_refusals_max',
        'gauge',
        'The bound of weir_content_refusals.',
        policy.content.maxRefusals ?? DEFAULT_MAX_REFUSALS,
      ),
      single('weir_cut_off', 'gauge', 'Whether everything is refused because of them.', cutOff ? 1 : 0),
      single('weir_patterns', 'gauge', "Patterns of the policy's own that are looked for.", patterns.taken),
      single(
        'weir_patterns_refused',
        'gauge',
        'Patterns that are not: a bound, or not searchable.',
        patterns.refused.length,
      ),
      ...bound('weir_connections', 'Connections that are served.', connections.active, MAX_CONNECTIONS),
      moved(single('weir_connections_refused_total', 'counter', 'Connections over the bound.', connections.refused)),
      moved(single('weir_relays', 'gauge', 'Connections under TCP and TLS rules.', relays.open)),
      moved(
        single(
          'weir_relays_half_closed_total',
          'counter',
          "Those that were closed because nothing came after one side's end.",
          relays.halfClosed,
        ),
      ),
      moved(
        single(
          'weir_search_expansions_total',
          'counter',
          "Denied names of clients' search lists that were not told: what they were made of was.",
          expansions,
        ),
      ),
      ...bound('weir_body_memory_bytes', 'Memory that bodies and messages have taken.', memory.used, memory.max),
      moved(single('weir_body_memory_waiting', 'gauge', 'Bodies and messages that wait for some.', memory.waiting)),
      moved(single('weir_body_memory_refused_total', 'counter', 'Those that found none in time.', memory.refused)),
      moved(
        single('weir_thread_running', 'gauge', 'Whether the thread for large bodies is.', thread.isRunning ? 1 : 0),
      ),
      moved(single('weir_thread_bodies', 'gauge', 'Bodies that it judges.', thread.bodies)),
      ...bound('weir_thread_rings', 'Pieces of memory that it shares, one for each of them.', thread.rings, MAX_RINGS),
      ...bound(
        'weir_thread_decoder_bytes',
        'Memory of its decompressors.',
        thread.decoderBytes,
        MAX_THREAD_DECODER_MEMORY,
      ),
      ...bound(
        'weir_thread_heap_bytes',
        'Its objects when it last had something to do. Beyond the bound it ends, and what it judges is refused.',
        thread.heapBytes,
        MAX_THREAD_HEAP,
      ),
      moved(
        single(
          'weir_thread_failures_total',
          'counter',
          'Times that it ended by itself. What it judged was refused.',
          thread.failures,
        ),
      ),
      ...bound('weir_synthetic_names', 'Names that have an address.', names.addresses, MAX_SYNTHETIC_NAMES),
      ...bound('weir_sent_hosts', 'Hosts whose requests are judged behind those before.', sent.hosts, MAX_SESSIONS),
      ...bound('weir_sent_domains', 'Domains whose names are.', sent.domains, MAX_SESSIONS),
      ...bound('weir_sent_texts', 'Texts of heads that are not new.', sent.texts, MAX_SEEN_TEXTS),
      ...bound('weir_budget_names', 'Names on the information budget.', names.seen, MAX_BUDGET_NAMES),
    );
  }
  return list;
}

function moved(metric: Metric): Metric {
  return { ...metric, moved: true };
}

/** Something that the workload fills, and its bound. */
function bound(name: string, help: string, value: number, max: number): Metric[] {
  return [moved(single(name, 'gauge', help, value)), single(`${name}_max`, 'gauge', `The bound of ${name}.`, max)];
}

/** What rules with limits have spent. */
function budgets(policy: RuntimePolicy, plane: PlaneStats | undefined): Metric[] {
  if (!plane) return [];
  const limited = policy.rules.slice(0, MAX_RULE_SERIES).flatMap((rule) =>
    (['uploadSize', 'newTextSize', 'requests'] as const).flatMap((kind) => {
      const limit = rule.limits[kind];
      return limit === undefined ? [] : [{ rule, kind, limit }];
    }),
  );
  const samples = (value: (each: (typeof limited)[number]) => number): Sample[] =>
    limited.map((each) => ({ labels: { rule: each.rule.id, kind: each.kind }, value: value(each) }));
  return [
    {
      name: 'weir_rule_limit',
      type: 'gauge',
      help: 'Limits of rules: bytes of upload, bytes of new text, requests.',
      samples: samples(({ limit }) => limit),
    },
    {
      name: 'weir_rule_left',
      type: 'gauge',
      moved: true,
      help: 'What is left of them.',
      samples: samples(({ rule, kind }) => plane.budgets.remaining(rule, kind)),
    },
  ];
}
