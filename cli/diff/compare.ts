/** What becomes allowed and denied from one compiled policy to another. Pure. */
import { canonicalJson } from '../../crds/canonical.ts';
import { matchGlob, parseGlob } from '../../crds/globs.ts';
import { canonicalPath } from '../../crds/paths.ts';
import type { RequestFacts, RuntimePolicy, RuntimeRule } from '../../crds/runtime.ts';
import { formatSize } from '../../crds/sizes.ts';
import { Budgets, PolicyEngine } from '../../sidecar/policy/index.ts';
import { requestsTo, type Target, targetsOf } from './requests.ts';
import { type Setting, settings } from './settings.ts';
import type { Steps } from './steps.ts';

/** Examples that are told of one change. */
export const MAX_EXAMPLES = 3;

/** Requests or connections that change in the same way. */
export interface Change {
  kind: 'allowed' | 'denied' | 'changed';
  /** As a policy writes it. */
  host: string;
  port: number;
  protocol: 'HTTPS' | 'HTTP' | 'TLS' | 'TCP';
  /** Rules that allow it on either side. */
  before?: string;
  after?: string;
  /** Why the side that denies it does; or, of `changed`, what is otherwise. */
  why: string;
  methods: string[];
  /** Globs of the rule that allows them. */
  paths: string[];
  examples: string[];
}

export interface Comparison {
  changes: Change[];
  settings: Setting[];
  /** `false`: there was too much to try everything. */
  complete: boolean;
}

const UNSEEN = 'relayed unseen';
const UNDECRYPTED = 'relayed undecrypted';

type Outcome = { rule: RuntimeRule; how: string; headers?: readonly string[] } | { reason: string };

export function compare(before: RuntimePolicy, after: RuntimePolicy, steps: Steps): Comparison {
  const sides = [new Side(before), new Side(after)] as const;
  const changes = new Map<string, Change>();
  let complete = true;
  for (const target of targetsOf(before, after)) {
    if (meaning(target.before) === meaning(target.after)) continue;
    for (const protocol of ['TCP', 'TLS'] as const) {
      const outcomes = sides.map((side) => side.connection(target, protocol)) as [Outcome, Outcome];
      note(changes, target, protocol, undefined, outcomes);
    }
    for (const protocol of ['HTTPS', 'HTTP'] as const) {
      const found = requestsTo(target, protocol, steps);
      complete &&= found.complete;
      for (const request of found.requests) {
        note(changes, target, protocol, request, [sides[0].request(request), sides[1].request(request)]);
      }
    }
  }
  return { changes: [...changes.values()], settings: settings(before, after), complete };
}

/** What rules allow, without what they are called. */
function meaning(rules: readonly RuntimeRule[]): string {
  return canonicalJson(
    rules
      .map(({ protocol, addressScope, http, limits }) => canonicalJson({ protocol, addressScope, http, limits }))
      .sort(),
  );
}

/** One of the two policies: in Enforce mode and without budgets, which are compared apart. */
class Side {
  readonly #engine: PolicyEngine;
  readonly #rules: Map<string, RuntimeRule>;

  constructor(policy: RuntimePolicy) {
    this.#rules = new Map(policy.rules.map((rule) => [rule.id, rule]));
    const rules = policy.rules.map((rule) => ({ ...rule, limits: {} }));
    this.#engine = new PolicyEngine({ ...policy, mode: 'Enforce', rules }, new Budgets());
  }

  connection({ host, port }: Target, protocol: 'TCP' | 'TLS'): Outcome {
    const connection = this.#engine.decideConnection(host, port);
    if (connection.kind === 'deny') return { reason: connection.denial.reason };
    if (connection.kind === 'opaque') return this.#allowed(connection.rule, UNSEEN);
    if (protocol === 'TCP' || !connection.tls) return { reason: 'protocol.not-allowed' };
    const hello = this.#engine.decideHello(host, port, { serverName: host, hasEch: false });
    return hello.kind === 'passthrough'
      ? this.#allowed(hello.rule, UNDECRYPTED)
      : { reason: hello.kind === 'deny' ? hello.denial.reason : 'protocol.not-allowed' };
  }

  /** A request that is relayed without being judged is a matter of its connection. */
  request(facts: RequestFacts): Outcome {
    const connection = this.#engine.decideConnection(facts.host, facts.port);
    if (connection.kind === 'opaque') return this.#allowed(connection.rule, UNSEEN);
    if (facts.protocol === 'HTTPS') {
      const hello = this.#engine.decideHello(facts.host, facts.port, { serverName: facts.host, hasEch: false });
      if (hello.kind === 'passthrough') return this.#allowed(hello.rule, UNDECRYPTED);
    }
    const verdict = this.#engine.decideRequest(facts);
    if (!verdict.allow) return { reason: verdict.reason };
    const headers = verdict.match?.forwardHeaders;
    const outcome = this.#allowed(verdict.rule as RuntimeRule, 'judged');
    return headers && 'rule' in outcome ? { ...outcome, headers: [...headers].sort() } : outcome;
  }

  #allowed(rule: RuntimeRule, how: string): Outcome {
    return { rule: this.#rules.get(rule.id) ?? rule, how };
  }
}

function note(
  changes: Map<string, Change>,
  target: Target,
  protocol: Change['protocol'],
  request: RequestFacts | undefined,
  [before, after]: [Outcome, Outcome],
): void {
  const why = difference(before, after);
  if (why === undefined || isToldElsewhere(protocol, before, after)) return;
  const old = 'rule' in before ? before.rule : undefined;
  const young = 'rule' in after ? after.rule : undefined;
  const kind = !old ? 'allowed' : !young ? 'denied' : 'changed';
  const key = JSON.stringify([kind, target.shown, target.port, protocol, old?.id, young?.id, why]);
  const change = changes.get(key) ?? {
    kind,
    host: target.shown,
    port: target.port,
    protocol,
    ...(old && { before: old.id }),
    ...(young && { after: young.id }),
    why,
    methods: [],
    paths: [],
    examples: [],
  };
  changes.set(key, change);
  if (!request) return;
  add(change.methods, request.method);
  const allowing = young ?? old;
  if (allowing) add(change.paths, globsOf(allowing, request.path));
  if (change.examples.length < MAX_EXAMPLES) change.examples.push(exampleOf(request));
}

/** What a side relays is told once, as the connection that it is, unless the other side judges it. */
function isToldElsewhere(protocol: Change['protocol'], before: Outcome, after: Outcome): boolean {
  const relayed = (how: string) => [before, after].every((side) => 'reason' in side || side.how === how);
  return (relayed(UNSEEN) && protocol !== 'TCP') || (relayed(UNDECRYPTED) && protocol !== 'TLS');
}

function add(list: string[], value: string): void {
  if (value !== '' && !list.includes(value)) list.push(value);
}

/** `undefined`: none. */
function difference(before: Outcome, after: Outcome): string | undefined {
  if ('reason' in before) return 'reason' in after ? undefined : before.reason;
  if ('reason' in after) return after.reason;
  const parts = [
    changed('how', before.how, after.how),
    changed('addresses', before.rule.addressScope, after.rule.addressScope),
    changed('limits.uploadSize', sizeText(before.rule.limits.uploadSize), sizeText(after.rule.limits.uploadSize)),
    changed('limits.newTextSize', sizeText(before.rule.limits.newTextSize), sizeText(after.rule.limits.newTextSize)),
    changed(
      'limits.requests',
      String(before.rule.limits.requests ?? 'none'),
      String(after.rule.limits.requests ?? 'none'),
    ),
    changed('headers', before.headers?.join(' ') ?? 'all', after.headers?.join(' ') ?? 'all'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join('; ');
}

function changed(what: string, before: string, after: string): string {
  return before === after ? '' : `${what}: ${before} → ${after}`;
}

function sizeText(size: number | undefined): string {
  return size === undefined ? 'none' : formatSize(size);
}

/** The globs of a rule that a path matches, one of each of its groups. */
function globsOf(rule: RuntimeRule, path: string): string {
  const segments = canonicalPath(path) ?? [];
  const globs = rule.http.flatMap((group) => {
    const matching = group
      .flatMap(({ paths = [] }) => paths)
      .find((text) => {
        const parsed = parseGlob(text);
        return parsed.ok && matchGlob(parsed.glob, segments);
      });
    return matching ?? [];
  });
  return globs.join(' and ');
}

function exampleOf({
  protocol,
  host,
  port,
  method,
  path,
  query,
  hasBody,
  contentType,
  contentLength,
}: RequestFacts): string {
  const scheme = protocol.toLowerCase();
  const authority = port === (protocol === 'HTTPS' ? 443 : 80) ? host : `${host}:${port}`;
  const size = contentLength === undefined ? 'of unknown length' : `of ${formatSize(contentLength)}`;
  const body = hasBody ? ` with a body ${size} (${contentType ?? 'no type'})` : '';
  return `${method} ${scheme}://${authority}${path}${query === undefined ? '' : `?${query}`}${body}`;
}
