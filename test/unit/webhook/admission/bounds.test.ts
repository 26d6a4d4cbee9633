/** Each bound of injection, at the bound and one beyond. */
import { describe, expect, it } from 'vitest';
import { MAX_MASKED_PATHS, MAX_SECRETS, NO_POD_FIELDS } from '../../../../crds/injected.ts';
import { inject } from '../../../../webhook/admission/mutate.ts';
import type { Pod } from '../../../../webhook/admission/pod.ts';
import { MAX_REFUSALS, sentence } from '../../../../webhook/admission/refusal.ts';
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
});
