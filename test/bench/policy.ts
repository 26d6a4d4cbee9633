/**
 * What the policy costs at the size it is made for: compiling 500 policies of 64 rules for one pod, and one decision, beside
 * a scan of the same rules one after the other. Medians are compared; compiling is measured by the processor's time too, and
 * judged by it: it does not count what else the machine does.
 */
import { compile } from '../../crds/compile.ts';
import { hostMatches } from '../../crds/host-patterns.ts';
import type { RequestFacts, RuntimePolicy, RuntimeRule } from '../../crds/runtime.ts';
import type { ClusterEgressPolicy, EgressPolicy, EgressRule } from '../../crds/types.generated.ts';
import { Budgets, PolicyEngine } from '../../sidecar/policy/index.ts';
import { MATCHED, RequestRule, RequestView } from '../../sidecar/policy/requests.ts';

const POLICIES = 500;
const RULES = 64;
const ROUNDS = 7;
const CONSTRAINED_HOSTS = 256;
const DECISIONS = 20_000;
const SCANNED = 200;
const MOST_COMPILE_MS = 300;
const MOST_DECISION_US = 3;

export interface Result {
  line: string;
  holds: boolean;
}

/** One line for each thing that is measured. */
export function benchPolicy(): Result[] {
  const policies = manyPolicies();
  const clusterPolicies = [floor()];
  const compiling = [
    compileResult(`compile of ${POLICIES} policies × ${RULES} rules`, () => compile(policies, { stage: 'build' })),
    compileResult(`the same under a constraint of ${2 * CONSTRAINED_HOSTS} hosts`, () =>
      compile(policies, { stage: 'build' }, { clusterPolicies }),
    ),
  ];
  const compiled = compile(policies, { stage: 'build' });
  const engine = new PolicyEngine(compiled, new Budgets());
  const scan = scanOf(compiled);
  const requests = manyRequests();
  for (const facts of requests.slice(0, SCANNED)) {
    const verdict = engine.decideRequest(facts);
    const id = verdict.allow ? verdict.rule?.id : undefined;
    if (id !== scan(facts)?.id) throw new Error(`the scan says ${scan(facts)?.id}, the engine ${id}`);
  }
  const decisions: number[] = [];
  const scans: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const facts of requests) decisions.push(timed(() => engine.decideRequest(facts)) * 1000);
    for (const facts of requests.slice(0, SCANNED)) scans.push(timed(() => scan(facts)) * 1000);
  }
  const us = median(decisions);
  return [
    ...compiling,
    {
      line: `decision among ${compiled.rules.length} rules: ${us.toFixed(2)} µs; a linear scan of them: ${median(scans).toFixed(0)} µs`,
      holds: us < MOST_DECISION_US,
    },
  ];
}

function compileResult(what: string, work: () => unknown): Result {
  const clock: number[] = [];
  const processor: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.threadCpuUsage();
    clock.push(timed(work));
    const { user, system } = process.threadCpuUsage(before);
    processor.push((user + system) / 1000);
  }
  return {
    line: `${what}: ${median(processor).toFixed(0)} ms of processor time, ${median(clock).toFixed(0)} ms by the clock`,
    holds: median(processor) < MOST_COMPILE_MS,
  };
}

/** Rules as they are met: exact hosts and wildcards, presets, methods with globs, limits, and a few opaque ones. */
function manyPolicies(): EgressPolicy[] {
  return Array.from({ length: POLICIES }, (_, p) => ({
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'EgressPolicy',
    metadata: { name: `team-${p}`, namespace: 'ci' },
    spec: {
      podSelector: { matchLabels: { stage: 'build' } },
      egress: Array.from({ length: RULES }, (_, r) => rule(p, r)),
    },
  }));
}

function rule(p: number, r: number): EgressRule {
  const name = `rule-${r}`;
  const host = `s${r}.t${p}.acme.dev`;
  switch (r % 8) {
    case 0:
      return { name, preset: { name: 'npm-install' }, to: { hosts: [host] } };
    case 1:
      return { name, to: { hosts: [`*.${host}`] }, http: [{ methods: ['GET', 'HEAD'] }] };
    case 2:
      return { name, protocol: 'TCP', to: { hosts: [host], ports: [5432] }, limits: { uploadSize: '1Mi' } };
    default:
      return {
        name,
        to: { hosts: [host, `eu.${host}`] },
        http: [{ methods: ['GET'] }, { methods: ['POST'], paths: ['/v1/*/events', '/v1/**'], maxBodySize: '16Ki' }],
        limits: { requests: 5000 },
      };
  }
}

/** A constraint as long as the definition lets it be, which takes nothing away. */
function floor(): ClusterEgressPolicy {
  const hosts = (domain: string) => Array.from({ length: CONSTRAINED_HOSTS - 1 }, (_, i) => `*.d${i}.${domain}`);
  return {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'ClusterEgressPolicy',
    metadata: { name: 'floor' },
    spec: {
      constraints: {
        allowedHosts: [...hosts('allowed.dev'), '*.acme.dev'],
        deniedHosts: [...hosts('denied.dev'), 'evil.dev'],
        maxLimits: { uploadSize: '1Gi', requests: 100_000 },
      },
    },
  };
}

/** Half of them allowed; of the others, half for a host that is known. */
function manyRequests(): RequestFacts[] {
  return Array.from({ length: DECISIONS }, (_, i) => {
    const p = (i * 7919) % POLICIES;
    const r = (i * 31) % RULES;
    const host = i % 4 === 3 ? `s${r}.t${p}.evil.dev` : `${r % 8 === 1 ? 'a.' : ''}s${r}.t${p}.acme.dev`;
    return {
      protocol: 'HTTPS',
      host,
      port: 443,
      method: i % 4 === 1 ? 'PUT' : 'GET',
      path: '/left-pad',
      hasBody: false,
    };
  });
}

/** What a policy engine does without an index: every rule is asked, in order. */
function scanOf({ rules }: RuntimePolicy): (facts: RequestFacts) => RuntimeRule | undefined {
  const prepared = rules.map((each) => ({ rule: each, requests: new RequestRule(each) }));
  return (facts) => {
    const view = new RequestView(facts);
    return prepared.find(
      ({ rule: { hosts, ports, protocol }, requests }) =>
        hosts.some((pattern) => hostMatches(pattern, facts.host)) &&
        ports.includes(facts.port) &&
        protocol === facts.protocol &&
        requests.rank(view) === MATCHED,
    )?.rule;
  };
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (import.meta.main) {
  for (const { line, holds } of benchPolicy()) {
    console.log(`${line} (${holds ? 'holds' : 'DOES NOT HOLD'})`);
    if (!holds) process.exitCode = 1;
  }
}
