import { describe, expect, it } from 'vitest';
import type { Dropped } from '../../../crds/compile.ts';
import { error } from '../../../crds/issues.ts';
import { MAX_MESSAGE, MAX_NAMED, type PolicyFacts, statusOf } from '../../../webhook/status/conditions.ts';

const FACTS: PolicyFacts = {
  generation: 3,
  errors: [],
  dropped: [],
  matched: 2,
  stale: [],
  now: '2026-01-02T00:00:00Z',
};
const DROPPED: Dropped = {
  origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'web', rule: 'db' },
  constraint: { policy: 'cluster:floor', field: 'allowedProtocols' },
  reason: 'the cluster allows HTTPS, not TCP',
};
const reasons = (facts: Partial<PolicyFacts>) =>
  statusOf(undefined, { ...FACTS, ...facts }).conditions?.map(
    ({ type, status, reason }) => `${type}=${status} ${reason}`,
  );

describe('statusOf', () => {
  it.each([
    [{}, ['Accepted=True Valid', 'ResolvedRefs=True ResolvedRefs', 'PodsCurrent=True Current']],
    [{ matched: 0 }, ['Accepted=True Valid', 'ResolvedRefs=True ResolvedRefs', 'PodsCurrent=True NoPods']],
    [
      { dropped: [DROPPED] },
      ['Accepted=False ConstraintViolated', 'ResolvedRefs=True ResolvedRefs', 'PodsCurrent=True Current'],
    ],
    [
      { stale: ['ci/a'] },
      ['Accepted=True Valid', 'ResolvedRefs=True ResolvedRefs', 'PodsCurrent=False RecreateRequired'],
    ],
    [
      { errors: [error(['spec', 'egress', 0, 'preset', 'name'], 'there is no preset "nmp"', 'npm-install')] },
      ['Accepted=False Invalid', 'ResolvedRefs=False NotFound', 'PodsCurrent=True Current'],
    ],
  ] as [Partial<PolicyFacts>, string[]][])('%j', (facts, expected) => {
    expect(reasons(facts)).toEqual(expected);
  });

  it('says which rule, which constraint, which pods, and counts the rest', () => {
    const stale = ['ci/a', 'ci/b', 'ci/c', 'ci/d'];
    const { conditions, pods } = statusOf(undefined, { ...FACTS, dropped: [DROPPED], matched: 5, stale });
    expect(conditions?.[0]?.message).toBe(
      'rule db: the cluster allows HTTPS, not TCP (cluster:floor, allowedProtocols)',
    );
    expect(conditions?.[2]?.message).toMatch(/recreate ci\/a, ci\/b, ci\/c, and 1 more pod$/);
    expect(pods).toEqual({ matched: 5, current: 1 });
    const long = Array.from({ length: MAX_NAMED }, (_, i) => error(['spec'], `${i}${'x'.repeat(MAX_MESSAGE)}`));
    expect(statusOf(undefined, { ...FACTS, errors: long }).conditions?.[0]?.message.length).toBe(MAX_MESSAGE);
  });

  it('keeps the time of what stays as it was', () => {
    const before = statusOf(undefined, FACTS);
    const after = statusOf(before, { ...FACTS, generation: 4, stale: ['ci/a'], now: '2026-01-03T00:00:00Z' });
    expect(after.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      FACTS.now,
      FACTS.now,
      '2026-01-03T00:00:00Z',
    ]);
    expect(after.conditions?.map(({ observedGeneration }) => observedGeneration)).toEqual([4, 4, 4]);
  });
});
