/** Properties of the API: validation takes anything, compiling does not depend on order, policies only add up, suggestions hold. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalHash } from '../../crds/canonical.ts';
import { compile, compileAll } from '../../crds/compile.ts';
import { parseDocuments } from '../../crds/document.ts';
import { hostMatches } from '../../crds/host-patterns.ts';
import { normaliseHost } from '../../crds/hosts.ts';
import { canonicalPath } from '../../crds/paths.ts';
import { suggestRule } from '../../crds/suggest.ts';
import type { ClusterEgressPolicy, EgressPolicy } from '../../crds/types.generated.ts';
import { validatePolicy } from '../../crds/validate.ts';
import { Budgets, PolicyEngine } from '../../sidecar/policy/index.ts';
import {
  clusterPoliciesWith,
  constraints,
  DETECTORS,
  decide,
  HEAD,
  limited,
  mutatedPolicy,
  policiesWith,
  request,
  unlimited,
  yamlish,
} from './policies.ts';

export const properties: { name: string; property: fc.IRawProperty<unknown> }[] = [
  {
    name: 'reading a file never throws, and every problem has a place in it',
    property: fc.property(yamlish, (text) => {
      const { policies, clusterPolicies, places, problems } = parseDocuments(text, 'f.yaml', DETECTORS);
      assert.equal(places.size, policies.length + clusterPolicies.length);
      const lines = text.split(/\r\n|\n|\r/).length;
      for (const { line, column, message } of problems) {
        assert.ok(
          line >= 1 && line <= lines && column >= 1 && message !== '',
          JSON.stringify({ line, column, message, lines }),
        );
      }
      for (const policy of policies) compile([policy], undefined);
    }),
  },
  {
    name: 'validation takes any object, and what it passes compiles whole',
    property: fc.property(fc.oneof(fc.anything(), mutatedPolicy), (value) => {
      const issues = validatePolicy(value, DETECTORS);
      if (issues.some(({ severity }) => severity === 'error')) return;
      const policy = value as EgressPolicy;
      const { rules } = compile([policy], undefined);
      assert.equal(rules.length, policy.spec.egress?.length ?? 0);
      new PolicyEngine(compile([policy], undefined), new Budgets());
    }),
  },
  {
    name: 'the order of policies of both kinds, rules and lists does not change what is compiled',
    property: fc.property(
      policiesWith(limited),
      clusterPoliciesWith(limited),
      fc.infiniteStream(fc.nat()),
      (policies, clusterPolicies, numbers) => {
        const shuffled = (value: unknown): unknown => {
          if (Array.isArray(value)) {
            return value
              .map((item) => ({ item: shuffled(item), at: numbers.next().value as number }))
              .sort((a, b) => a.at - b.at)
              .map(({ item }) => item);
          }
          if (typeof value !== 'object' || value === null) return value;
          return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shuffled(field)]));
        };
        const first = compile(policies, undefined, { clusterPolicies });
        const mixed = { clusterPolicies: shuffled(clusterPolicies) as ClusterEgressPolicy[] };
        assert.deepEqual(compile(shuffled(policies) as EgressPolicy[], undefined, mixed), first);
        const { hash, ...rest } = first;
        assert.equal(hash, canonicalHash(rest));
      },
    ),
  },
  {
    name: 'a further constraint never allows what was denied, and says what it took away',
    property: fc.property(
      policiesWith(limited),
      clusterPoliciesWith(limited),
      constraints,
      fc.array(request, { minLength: 1, maxLength: 8 }),
      (policies, clusterPolicies, constraint, requests) => {
        const further: ClusterEgressPolicy = {
          apiVersion: 'weir.dev/v1alpha1',
          kind: 'ClusterEgressPolicy',
          metadata: { name: 'further' },
          spec: { constraints: constraint },
        };
        const more = [...clusterPolicies, further];
        for (const facts of requests) {
          if (!decide(policies, facts, clusterPolicies).allow) assert.ok(!decide(policies, facts, more).allow);
        }
        const before = compileAll(policies, undefined, { clusterPolicies });
        const after = compileAll(policies, undefined, { clusterPolicies: more });
        const isRule = ({ origin }: { origin: { rule?: string } }) => origin.rule !== undefined;
        assert.equal(
          before.policy.rules.length + before.dropped.filter(isRule).length,
          after.policy.rules.length + after.dropped.filter(isRule).length,
        );
        for (const { id, limits } of after.policy.rules) {
          const was = before.policy.rules.find((rule) => rule.id === id);
          assert.ok(was);
          for (const kind of ['requests', 'uploadSize'] as const)
            assert.ok((limits[kind] ?? Number.POSITIVE_INFINITY) <= (was.limits[kind] ?? Number.POSITIVE_INFINITY));
        }
      },
    ),
  },
  {
    name: 'a further policy never denies what was allowed',
    property: fc.property(
      policiesWith(unlimited),
      fc.array(request, { minLength: 1, maxLength: 8 }),
      (policies, requests) => {
        const enforced = policies.map((policy) => ({ ...policy, spec: { ...policy.spec, mode: 'Enforce' as const } }));
        for (let i = 0; i < enforced.length; i++) {
          const without = enforced.toSpliced(i, 1);
          for (const facts of requests) {
            if (decide(without, facts).allow) assert.ok(decide(enforced, facts).allow);
          }
        }
      },
    ),
  },
  {
    name: 'a decision is the first verdict that the explanation gives, and its rule matches the host',
    property: fc.property(policiesWith(limited), request, (policies, facts) => {
      const engine = new PolicyEngine(compile(policies, undefined), new Budgets());
      const { verdict, perRule } = engine.explainRequest(facts);
      const decided = engine.decideRequest(facts);
      assert.deepEqual(decided, verdict);
      const nearest = perRule[0];
      if (decided.allow && !decided.audit) {
        assert.equal(nearest?.rule, decided.rule?.id);
        assert.ok(decided.rule?.hosts.some((pattern) => hostMatches(pattern, facts.host)));
        assert.ok(decided.rule?.ports.includes(facts.port) && decided.rule.protocol === facts.protocol);
      } else {
        const denial = decided.allow ? decided.audit : decided;
        if (denial?.rule) assert.deepEqual(nearest, { rule: denial.rule.id, reason: denial.reason });
      }
    }),
  },
  {
    name: 'a suggestion parses, validates and allows its request, and no other method, host or path',
    property: fc.property(
      request,
      fc.array(fc.constantFrom('a-dev', 'github-com', 'rule'), { maxLength: 2 }),
      (facts, names) => {
        const yaml = suggestRule(facts, names);
        if (yaml === '') {
          const isSayable =
            /^[A-Z]+$/.test(facts.method) &&
            facts.method !== 'CONNECT' &&
            canonicalPath(facts.path) &&
            'name' in normaliseHost(facts.host);
          assert.ok(!isSayable, 'nothing was suggested for a request that a rule can allow');
          return;
        }
        const { policies, problems } = parseDocuments(`${HEAD}spec:\n  egress:\n${yaml}`, 's.yaml', DETECTORS);
        assert.deepEqual(
          problems.filter(({ severity }) => severity === 'error'),
          [],
        );
        assert.ok(!names.some((name) => name === policies[0]?.spec.egress?.[0]?.name));
        const own = { ...facts, host: hostOf(facts.host) };
        assert.ok(decide(policies, own).allow, yaml);
        assert.ok(!decide(policies, { ...own, method: own.method === 'GET' ? 'PUT' : 'GET' }).allow);
        assert.ok(!decide(policies, { ...own, host: `x.${own.host}` }).allow);
        assert.ok(!decide(policies, { ...own, path: `/zz${own.path}` }).allow);
        if (!own.hasBody) assert.ok(!decide(policies, { ...own, hasBody: true }).allow);
      },
    ),
  },
];

function hostOf(text: string): string {
  const host = normaliseHost(text);
  return 'name' in host ? host.name : text;
}
