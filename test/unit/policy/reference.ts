/**
 * What the policies of both kinds mean for a request, said a second time: straight from the YAML objects, with none of the
 * code that compiles and decides. It is slow and says everything in the plainest way; properties compare the two.
 */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { Reason, RequestFacts } from '../../../crds/runtime.ts';
import type {
  ClusterEgressPolicy,
  EgressPolicy,
  EgressRule,
  HttpRule,
  PodSelector,
} from '../../../crds/types.generated.ts';

export interface World {
  policies: EgressPolicy[];
  clusterPolicies: ClusterEgressPolicy[];
  podLabels: Record<string, string>;
  namespaceLabels: Record<string, string>;
}

export interface Judgement {
  /** `audit`: let pass, though nothing allows it. */
  decision: 'allow' | 'deny' | 'audit';
  /** The rule that allows, or the nearest one. */
  rule?: string;
  reason?: Reason;
  /** Every rule and why it does not match, nearest first. */
  perRule: { rule: string; reason: Reason | 'matches' }[];
}

type Preset = Required<Pick<EgressRule, 'protocol' | 'http'>> & {
  hosts: string[];
  ports: number[];
  forwardHeaders: string[];
};

/** Why a rule can fail, from far to near. */
const ORDER: Reason[] = [
  'host.not-allowed',
  'port.not-allowed',
  'protocol.not-allowed',
  'http.method',
  'http.path',
  'http.query',
  'http.content-type',
  'http.body-size',
  'limit.upload-size',
];

const presets = new Map<string, Preset>();

function preset(name: string): Preset {
  const known = presets.get(name);
  if (known) return known;
  const file = new URL(`../../../crds/presets/${name}.yaml`, import.meta.url);
  const read = load(readFileSync(file, 'utf8')) as Preset;
  presets.set(name, read);
  return read;
}

export function judge(world: World, request: RequestFacts): Judgement {
  const own = world.policies.filter(({ spec }) => selected(spec.podSelector, world.podLabels));
  const cluster = world.clusterPolicies.filter(
    ({ spec }) =>
      selected(spec.podSelector, world.podLabels) && selected(spec.namespaceSelector, world.namespaceLabels),
  );
  const constraints = cluster.flatMap(({ spec }) => spec.constraints ?? []);
  const rules = [
    ...sorted(cluster).flatMap((policy) => rulesOf(policy, `cluster:${policy.metadata.name}`)),
    ...sorted(own).flatMap((policy) => rulesOf(policy, policy.metadata.name)),
  ].filter(({ rule }) => constraints.every((constraint) => isWithin(rule, constraint)));
  const mayAudit = constraints.every(({ allowedModes }) => !allowedModes || allowedModes.includes('Audit'));
  const audits = own.length > 0 && own.every(({ spec }) => spec.mode === 'Audit') && mayAudit;
  const segments = segmentsOf(request.path);

  const judged = rules.map(({ id, rule }, order) => ({
    id,
    order,
    reason: failure(rule, request, segments, constraints),
  }));
  const perRule = judged
    .toSorted((a, b) => nearness(b.reason) - nearness(a.reason) || a.order - b.order)
    .map(({ id, reason }) => ({ rule: id, reason }));
  const forHost = judged.filter(({ reason }) => reason !== 'host.not-allowed');
  if (!segments) {
    const [first] = forHost;
    return { decision: 'deny', reason: 'http.malformed', ...(first && { rule: first.id }), perRule };
  }
  const matching = judged.find(({ reason }) => reason === 'matches');
  if (matching) return { decision: 'allow', rule: matching.id, perRule };
  const decision = audits ? 'audit' : 'deny';
  const [nearest] = perRule;
  if (nearest && forHost.length > 0) return { decision, rule: nearest.rule, reason: nearest.reason as Reason, perRule };
  const isGoverned = own.length > 0 || cluster.some(({ spec }) => (spec.egress ?? []).length > 0);
  return { decision, reason: isGoverned ? 'host.not-allowed' : 'policy.none', perRule };
}

function sorted<P extends EgressPolicy | ClusterEgressPolicy>(policies: P[]): P[] {
  return policies.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function rulesOf(policy: EgressPolicy | ClusterEgressPolicy, name: string): { id: string; rule: EgressRule }[] {
  const rules = policy.spec.egress ?? [];
  return rules.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((rule) => ({ id: `${name}/${rule.name}`, rule }));
}

function selected(selector: PodSelector | undefined, labels: Record<string, string>): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const fit = (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const has = key in labels;
    const isListed = has && values.includes(String(labels[key]));
    return { In: isListed, NotIn: !isListed, Exists: has, DoesNotExist: !has }[operator];
  });
  return equal && fit;
}

function hostsOf(rule: EgressRule): string[] {
  const hosts = rule.to?.hosts ?? (rule.preset ? preset(rule.preset.name).hosts : []);
  return hosts.map(plainHost);
}

/** As a browser writes it. */
function plainHost(host: string): string {
  const wildcard = host.startsWith('*.') ? '*.' : '';
  return wildcard + new URL(`http://${host.slice(wildcard.length)}/`).hostname.replace(/\.$/, '');
}

function protocolOf(rule: EgressRule): string {
  return rule.protocol ?? (rule.preset ? preset(rule.preset.name).protocol : 'HTTPS');
}

function portsOf(rule: EgressRule): number[] {
  if (rule.to?.ports) return rule.to.ports;
  if (rule.preset && preset(rule.preset.name).protocol === protocolOf(rule)) return preset(rule.preset.name).ports;
  return protocolOf(rule) === 'HTTP' ? [80] : [443];
}

type Constraints = NonNullable<ClusterEgressPolicy['spec']['constraints']>;

function isWithin(rule: EgressRule, constraint: Constraints): boolean {
  const { allowedHosts, deniedHosts = [], allowedProtocols, allowedAddressScopes } = constraint;
  const hosts = hostsOf(rule);
  if (allowedProtocols && !allowedProtocols.some((one) => one === protocolOf(rule))) return false;
  if (allowedAddressScopes && !allowedAddressScopes.includes(rule.to?.addressScope ?? 'Public')) return false;
  if (allowedHosts && !hosts.every((host) => allowedHosts.map(plainHost).some((outer) => contains(outer, host))))
    return false;
  return !hosts.some((host) =>
    deniedHosts.map(plainHost).some((denied) => contains(denied, host) || contains(host, denied)),
  );
}

/** Whether the pattern `outer` stands for every name that `inner` stands for. */
function contains(outer: string, inner: string): boolean {
  if (outer === inner) return true;
  return outer.startsWith('*.') && inner.replace('*.', '').endsWith(outer.slice(1));
}

function failure(
  rule: EgressRule,
  request: RequestFacts,
  segments: string[] | undefined,
  constraints: Constraints[],
): Reason | 'matches' {
  if (!hostsOf(rule).some((host) => contains(host, request.host))) return 'host.not-allowed';
  if (!segments) return 'http.malformed';
  if (!portsOf(rule).includes(request.port)) return 'port.not-allowed';
  if (protocolOf(rule) !== request.protocol) return 'protocol.not-allowed';
  const groups = [rule.preset ? preset(rule.preset.name).http : undefined, rule.http];
  const failures = groups.flatMap((group) => {
    if (!group) return [];
    return [
      farthest(
        group.map((http) => httpFailure(http, request, segments)),
        'nearest',
      ),
    ];
  });
  const http = farthest(failures, 'farthest');
  if (http !== 'matches') return http;
  const limits = [rule.limits?.uploadSize, ...constraints.map(({ maxLimits }) => maxLimits?.uploadSize)];
  const bound = Math.min(...limits.map((limit) => (limit === undefined ? Number.POSITIVE_INFINITY : bytes(limit))));
  return request.hasBody && (request.contentLength ?? 1) > bound ? 'limit.upload-size' : 'matches';
}

function farthest(reasons: (Reason | 'matches')[], which: 'nearest' | 'farthest'): Reason | 'matches' {
  const inOrder = reasons.toSorted((a, b) => nearness(a) - nearness(b));
  return inOrder.at(which === 'nearest' ? -1 : 0) ?? 'matches';
}

function nearness(reason: Reason | 'matches'): number {
  if (reason === 'matches') return ORDER.length;
  return reason === 'http.malformed' ? 0.5 : ORDER.indexOf(reason);
}

function httpFailure(http: HttpRule, request: RequestFacts, segments: string[]): Reason | 'matches' {
  if (http.methods && !http.methods.includes(request.method)) return 'http.method';
  if (http.paths && !http.paths.some((glob) => pathRegExp(glob).test(`/${segments.join('/')}`))) return 'http.path';
  if (http.query && !hasQuery(http.query, request.query ?? '')) return 'http.query';
  if (!request.hasBody) return 'matches';
  if (http.contentTypes && !http.contentTypes.some((type) => type === request.contentType)) return 'http.content-type';
  if (http.maxBodySize !== undefined && (request.contentLength ?? 1) > bytes(http.maxBodySize)) return 'http.body-size';
  return 'matches';
}

const regExps = new Map<string, RegExp>();

function pathRegExp(glob: string): RegExp {
  const known = regExps.get(glob);
  if (known) return known;
  const source = glob
    .slice(1)
    .split('/')
    .map((segment) => {
      if (segment === '**') return '(?:/[^/]*)*';
      if (segment === '*') return '/[^/]+';
      const text = segment.replaceAll(/\\\*|\*|[^\w*]/g, (part) => (part === '*' ? '[^/]*' : `\\u{${code(part)}}`));
      return `/${text}`;
    })
    .join('');
  const made = new RegExp(`^${source}$`, 'u');
  regExps.set(glob, made);
  return made;
}

function code(part: string): string {
  return (part === '\\*' ? '*' : part).codePointAt(0)?.toString(16) ?? '';
}

/** Exactly these parameters, each once. `;` separates like `&`. */
function hasQuery(wanted: NonNullable<HttpRule['query']>, query: string): boolean {
  const given: [name: string, value: string][] = [];
  for (const part of query === '' ? [] : query.split(/[&;]/)) {
    if (/[^ -~]/.test(part)) return false;
    const [name = '', ...value] = part.replaceAll('+', ' ').split('=');
    try {
      given.push([decodeURIComponent(name), decodeURIComponent(value.join('='))]);
    } catch {
      return false;
    }
  }
  if (given.some(([name, value]) => /[\p{Cc}\u2028\u2029]/u.test(name + value))) return false;
  if (given.length !== wanted.length || new Set(given.map(([name]) => name)).size !== given.length) return false;
  return wanted.every(({ name, values }) =>
    given.some(([other, value]) => other === name && (values === undefined || values.includes(value))),
  );
}

/** `undefined`: servers could read the path in more than one way. */
function segmentsOf(path: string): string[] | undefined {
  if (!path.startsWith('/') || /[^ -~]|[?#]/.test(path)) return undefined;
  let text: string;
  try {
    text = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const segments = text.slice(1).split(/[/\\]/);
  for (let times = 1; ; times++) {
    const now = text.slice(1).split(/[/\\]/);
    if (now.length !== segments.length || now.some(isDubious)) return undefined;
    let next = '';
    try {
      next = text.replaceAll(/(%[0-9a-fA-F]{2})+/g, (run) => decodeURIComponent(run));
    } catch {
      return undefined;
    }
    if (next === text) return segments;
    if (times === 3) return undefined;
    text = next;
  }
}

function isDubious(segment: string): boolean {
  const folded = segment.normalize('NFKC');
  const [name = ''] = folded.split(';');
  return (
    /[\p{Cc}\u2028\u2029]/u.test(segment) ||
    (folded !== segment && /[/\\]/.test(folded)) ||
    ['.', '..'].includes(name.trim())
  );
}

function bytes(size: string | number): number {
  const [, digits, unit = ''] = /^(\d+)(Ki|Mi|Gi)?$/.exec(String(size)) ?? [];
  return Number(digits) * ({ Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 }[unit] ?? 1);
}
