/** Each bound of injection, at the bound and one beyond. */
import { describe, expect, it } from 'vitest';
import { MAX_MASKED_PATHS, MAX_SECRETS, NO_POD_FIELDS } from '../../../../crds/injected.ts';
import {
  boundRefusals,
  MAX_ENTRIES,
  MAX_NAME,
  MAX_PARTS,
  MAX_REVIEW_SIZE,
  sizeRefusals,
} from '../../../../webhook/admission/bounds.ts';
import { generic } from '../../../../webhook/admission/guard/fields.ts';
import { judge } from '../../../../webhook/admission/guard/judge.ts';
import { mutateReview, validateReview } from '../../../../webhook/admission/index.ts';
import { inject } from '../../../../webhook/admission/mutate.ts';
import { jsonPatch, MAX_MOVES, type Operation } from '../../../../webhook/admission/patch.ts';
import type { Pod } from '../../../../webhook/admission/pod.ts';
import { MAX_REFUSAL_LENGTH, MAX_REFUSALS, sentence, toldPaths } from '../../../../webhook/admission/refusal.ts';
import { applyPatch } from './apply.ts';
import { SETTINGS } from './settings.ts';

const many = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
const podWith = (secrets: number): Pod => ({
  spec: {
    containers: [{ name: 'app', image: 'a', envFrom: many(secrets, (i) => ({ secretRef: { name: `s${i}` } })) }],
  },
});

describe('bounds of injection', () => {
  it('Secrets', () => {
    expect(inject(podWith(MAX_SECRETS), SETTINGS, NO_POD_FIELDS).reasons).toEqual([]);
    expect(inject(podWith(MAX_SECRETS + 1), SETTINGS, NO_POD_FIELDS).reasons).toMatchObject([{ path: 'spec' }]);
  });

  it('masked paths', () => {
    const fields = (length: number) => ({ ...NO_POD_FIELDS, maskedPaths: many(length, (i) => `/m${i}`) });
    expect(inject(podWith(0), SETTINGS, fields(MAX_MASKED_PATHS)).reasons).toEqual([]);
    const { reasons } = inject(podWith(0), SETTINGS, fields(MAX_MASKED_PATHS + 1));
    expect(reasons).toMatchObject([{ path: 'pod.maskedPaths' }]);
  });

  it('refusals that are told', () => {
    const refusals = (length: number) => many(length, (i) => ({ path: `p${i}`, message: 'm' }));
    expect(sentence(refusals(MAX_REFUSALS))).not.toContain('more');
    expect(sentence(refusals(MAX_REFUSALS + 1))).toMatch(/; p31: m; and 1 more$/);
  });

  it('characters of a refusal that are told', () => {
    const told = (length: number) => sentence([{ path: 'p'.repeat(length), message: '' }]);
    expect(told(MAX_REFUSAL_LENGTH - 2)).toHaveLength(MAX_REFUSAL_LENGTH);
    expect(told(MAX_REFUSAL_LENGTH + 1000)).toHaveLength(MAX_REFUSAL_LENGTH + ' ...'.length);
    const paths = many(100, () => ({ path: 'p'.repeat(5000), message: '' }));
    expect(toldPaths(paths).length).toBeLessThan(MAX_REFUSALS * (MAX_REFUSAL_LENGTH + 8));
  });
});

/** Fails at any work: what reads further than to count. */
function untouched(pod: Pod): never {
  throw new Error(`looked further into ${pod.metadata?.name}`);
}
const review = (object: unknown) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    resource: { group: '', version: 'v1', resource: 'pods' },
    operation: 'CREATE' as const,
    namespace: 'ci',
    userInfo: {},
    object,
  },
});
const deps = {
  settings: SETTINGS,
  podFields: untouched as never,
  podSelectors: untouched as never,
  subjectAccessReview: untouched as never,
};

describe('bounds of a review', () => {
  const parts = (containers: number, volumes: number): Pod => ({
    spec: {
      initContainers: many(containers, (i) => ({ name: `i${i}` })),
      containers: many(1, () => ({ name: 'app' })),
      ephemeralContainers: many(1, () => ({ name: 'dbg' })),
      volumes: many(volumes, (i) => ({ name: `v${i}` })),
    },
  });
  const env = (length: number): Pod => ({
    spec: {
      containers: [
        {
          name: 'app',
          env: many(length - 4, (i) => ({ name: `V${i}` })),
          envFrom: [{}],
          ports: [{ containerPort: 1 }],
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        },
      ],
      volumes: [{ name: 'v', projected: { sources: [{}] } }],
    },
  });
  const named = (length: number): Pod => ({ spec: { containers: [{ name: 'n'.repeat(length) }] } });

  it.each([
    ['containers and volumes', parts(398, 600), parts(398, 601)],
    ['containers and volumes', parts(998, 0), parts(999, 0)],
    ['variables, mounts, ports and sources', env(MAX_ENTRIES), env(MAX_ENTRIES + 1)],
    ['name', named(MAX_NAME), named(MAX_NAME + 1)],
  ])('%s', async (what, most, beyond) => {
    expect(boundRefusals(most)).toEqual([]);
    expect(boundRefusals(beyond)).toMatchObject([{ path: 'spec', message: expect.stringContaining(what) }]);
    const { response } = mutateReview(review(beyond), deps);
    expect(response).toMatchObject({ allowed: false, status: { code: 403, message: expect.stringContaining(what) } });
    const general = { resource: 'pods', namespace: 'ci', name: '', user: '', groups: [] };
    const context = { settings: SETTINGS, mayOptOut: async () => false };
    const made = await judge({ ...general, operation: 'CREATE', object: beyond, oldObject: null }, context);
    expect(made.refusals).toEqual(boundRefusals(beyond));
    const old = { spec: { containers: [], initContainers: [{ name: 'weir-init' }] } };
    const changed = await judge({ ...general, operation: 'UPDATE', object: beyond, oldObject: old }, context);
    expect(changed.refusals).toEqual(boundRefusals(beyond));
  });

  it('bounds of parts', () => expect(MAX_PARTS).toBe(1000));

  it('its size', async () => {
    const text = (length: number) => ({ object: 'x'.repeat(length) });
    const most = MAX_REVIEW_SIZE - 'object'.length - 2;
    expect(sizeRefusals(text(most))).toEqual([]);
    expect(sizeRefusals(text(most + 1))).toMatchObject([{ path: 'request' }]);
    const large = review({ metadata: { annotations: { a: 'x'.repeat(MAX_REVIEW_SIZE) } }, spec: { containers: [] } });
    for (const { response } of [mutateReview(large, deps), await validateReview(large, deps)]) {
      expect(response).toMatchObject({ allowed: false, status: { message: expect.stringContaining('request: ') } });
    }
  });

  it('paths without names, whatever the names are', () => {
    expect(generic('spec.initContainers{web}.securityContext.x')).toBe('spec.containers.securityContext.x');
    expect(generic('spec.containers{a}.volumeMounts{/x{y}.z')).toBe('spec.containers.volumeMounts.z');
    expect(generic('spec.volumes{open')).toBe('spec.volumes{open');
  });
});

describe('a patch', () => {
  const list = (length: number) => many(length, (i) => ({ name: `n${i}`, value: i }));
  const cost = (before: unknown, after: unknown): { steps: number; patch: Operation[] } => {
    const work = { steps: 0 };
    const patch = jsonPatch(before, after, work);
    expect(applyPatch(before, patch)).toEqual(after);
    return { steps: work.steps, patch };
  };

  it.each([
    ['with one in front', (all: unknown[]) => [{ name: 'new' }, ...all]],
    ['with the last in front', (all: unknown[]) => [all.at(-1), ...all.slice(0, -1)]],
    ['with the first behind', (all: unknown[]) => [...all.slice(1), all[0]]],
    ['without every other', (all: unknown[]) => all.filter((_, i) => i % 2 === 0)],
    ['backwards', (all: unknown[]) => all.toReversed()],
    ['of others', (all: unknown[]) => all.map((_, i) => ({ name: `o${i}` }))],
  ])('costs twice as much for a list twice as long: %s', (_, change) => {
    const [short, long] = [2000, 4000].map((length) => cost(list(length), change(list(length))));
    expect(short?.steps).toBeGreaterThan(0);
    expect(long?.steps).toBeLessThanOrEqual((short?.steps ?? 0) * 2.1);
    expect(long?.steps).toBeLessThanOrEqual(4000 * (MAX_MOVES + 4));
    expect(JSON.stringify(long?.patch).length).toBeLessThan(4 * JSON.stringify(list(4000)).length);
  });

  it('moves so many elements, and writes a list anew in which more have moved', () => {
    const before = list(100);
    const front = (count: number) => [...before.slice(-count).toReversed(), ...before.slice(0, -count)];
    expect(cost(before, front(MAX_MOVES)).patch.map(({ op }) => op)).toEqual(many(MAX_MOVES, () => 'move'));
    expect(cost(before, front(MAX_MOVES + 1)).patch).toMatchObject([{ op: 'replace', path: '' }]);
  });
});
