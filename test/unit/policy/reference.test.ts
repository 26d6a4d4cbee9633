/** compile and PolicyEngine against the reference, and what must hold of policies as they come and go. From a seed. */
import { describe, expect, it } from 'vitest';
import { compile, compileAll } from '../../../crds/compile.ts';
import type { RequestFacts } from '../../../crds/runtime.ts';
import { validatePolicy } from '../../../crds/validate.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';
import { type Judgement, judge, type World } from './reference.ts';
import { DETECTORS, finding } from './support.ts';
import { Dice, randomClusterPolicy, randomConstraints, randomPolicy, randomRequest, randomWorld } from './worlds.ts';

const SEED = 20261125;
const WORLDS = 1000;
const REQUESTS = 100;
const SECRETS = DETECTORS.map((detector) => finding(detector));

const engineOf = ({ policies, podLabels, clusterPolicies, namespaceLabels }: World): PolicyEngine =>
  new PolicyEngine(compile(policies, podLabels, { clusterPolicies, namespaceLabels }), new Budgets());

function decided(engine: PolicyEngine, facts: RequestFacts): Judgement {
  const { verdict, perRule } = engine.explainRequest(facts);
  const denial = verdict.allow ? verdict.audit : verdict;
  const rule = denial ? denial.rule : verdict.rule;
  return {
    decision: !verdict.allow ? 'deny' : denial ? 'audit' : 'allow',
    ...(rule && { rule: rule.id }),
    ...(denial && { reason: denial.reason }),
    perRule,
  };
}

describe('compile and the engine', () => {
  it(`agree with the reference on ${WORLDS * REQUESTS} requests`, () => {
    const dice = new Dice(SEED);
    const met: Record<string, number> = {};
    for (let i = 0; i < WORLDS; i++) {
      const world = randomWorld(dice);
      const engine = engineOf(world);
      for (let j = 0; j < REQUESTS; j++) {
        const facts = randomRequest(dice);
        const expected = judge(world, facts);
        const found = decided(engine, facts);
        if (JSON.stringify(found) !== JSON.stringify(expected))
          expect({ world, facts, ...found }).toEqual({ world, facts, ...expected });
        const key = expected.reason ?? expected.decision;
        met[key] = (met[key] ?? 0) + 1;
      }
    }
    // A comparison that meets none of the cases shows nothing.
    for (const reason of [
      'allow',
      'policy.none',
      'host.not-allowed',
      'port.not-allowed',
      'protocol.not-allowed',
      'http.malformed',
      'http.method',
      'http.path',
      'http.query',
      'http.content-type',
      'http.body-size',
      'limit.upload-size',
    ]) {
      expect(met[reason], reason).toBeGreaterThan(50);
    }
  });

  it('are given valid policies', () => {
    const dice = new Dice(SEED);
    for (let i = 0; i < 200; i++) {
      const { policies, clusterPolicies } = structuredClone(randomWorld(dice));
      for (const policy of [...policies, ...clusterPolicies]) {
        const wrong = validatePolicy(policy, DETECTORS).filter(
          ({ severity, code, message }) =>
            severity === 'error' && !(code === 'semantic' && /only one of them/.test(message)),
        );
        expect(wrong).toEqual([]);
      }
    }
  });
});

describe('a world', () => {
  it('compiles to the same, in whatever order policies, rules and lists are given', () => {
    const dice = new Dice(SEED + 1);
    for (let i = 0; i < 500; i++) {
      const world = randomWorld(dice);
      const { policies, podLabels, clusterPolicies, namespaceLabels } = world;
      const mixed = <P extends World['policies'][number] | World['clusterPolicies'][number]>(list: P[]): P[] =>
        dice.shuffled(list).map((policy) => ({
          ...policy,
          spec: shuffledWithin(dice, policy.spec) as P['spec'],
        }));
      const again = compileAll(mixed(policies), podLabels, {
        clusterPolicies: mixed(clusterPolicies),
        namespaceLabels,
      });
      const first = compileAll(policies, podLabels, { clusterPolicies, namespaceLabels });
      expect(again.policy.hash).toBe(first.policy.hash);
      expect(again.policy).toEqual(first.policy);
      expect(again.dropped.map(({ origin }) => origin)).toEqual(first.dropped.map(({ origin }) => origin));
    }
  });

  it('never denies, with a further policy, what it allowed: but for content, limits and constraints', () => {
    const dice = new Dice(SEED + 2);
    let allowed = 0;
    for (let i = 0; i < 500; i++) {
      const world = withoutLimits(randomWorld(dice));
      const { constraints: _constraints, ...spec } = randomClusterPolicy(dice, 'new').spec;
      const further = { ...randomClusterPolicy(dice, 'new'), spec };
      const more = withoutLimits({
        ...world,
        policies: [...world.policies, ...(dice.below(2) === 0 ? [randomPolicy(dice, 'new')] : [])],
        clusterPolicies: [...world.clusterPolicies, further],
      });
      const [before, after] = [engineOf(world), engineOf(more)];
      for (let j = 0; j < 50; j++) {
        const facts = randomRequest(dice);
        if (decided(before, facts).decision !== 'allow') continue;
        allowed++;
        expect(decided(after, facts).decision).toBe('allow');
        expect(after.decideName(facts.host, 'A').allow).toBe(true);
      }
    }
    expect(allowed).toBeGreaterThan(500);
  });

  it('never allows, with a further constraint, what it denied', () => {
    const dice = new Dice(SEED + 3);
    let denied = 0;
    let found = 0;
    for (let i = 0; i < 500; i++) {
      const world = randomWorld(dice);
      const constraint = { ...randomClusterPolicy(dice, 'new') };
      constraint.spec = { constraints: randomConstraints(dice) };
      const [before, after] = [
        engineOf(world),
        engineOf({ ...world, clusterPolicies: [...world.clusterPolicies, constraint] }),
      ];
      for (let j = 0; j < 50; j++) {
        const facts = randomRequest(dice);
        const [was, is] = [decided(before, facts).decision, decided(after, facts).decision];
        if (was === 'deny') expect(is).toBe('deny');
        if (is === 'allow') expect(was).toBe('allow');
        if (was !== 'deny' && is === 'deny') denied++;
        if (!before.decideName(facts.host, 'A').allow) expect(after.decideName(facts.host, 'A').allow).toBe(false);
        for (const rule of [undefined, ...after.policy.rules]) {
          const [were, are] = [before, after].map((engine) => engine.decideFindings(rule, facts.host, SECRETS));
          expect(are).toEqual(expect.arrayContaining(were ?? []));
          if ((are?.length ?? 0) > (were?.length ?? 0)) found++;
        }
      }
    }
    expect(denied).toBeGreaterThan(500);
    expect(found).toBeGreaterThan(500);
  });
});

/** Every list in it in another order. */
function shuffledWithin(dice: Dice, value: unknown): unknown {
  if (Array.isArray(value)) return dice.shuffled(value).map((item) => shuffledWithin(dice, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    dice.shuffled(Object.entries(value)).map(([name, field]) => [name, shuffledWithin(dice, field)]),
  );
}

function withoutLimits(world: World): World {
  const strip = <P extends World['policies'][number] | World['clusterPolicies'][number]>(policy: P): P => ({
    ...policy,
    spec: {
      ...policy.spec,
      egress: (policy.spec.egress ?? []).map(({ limits: _limits, ...rule }) => rule),
    },
  });
  return { ...world, policies: world.policies.map(strip), clusterPolicies: world.clusterPolicies.map(strip) };
}
