/** Names of Secrets that a pod refers to, which the sidecar mounts by: `/run/weir/secrets/<name>`, and a list with commas. */
import { describe, expect, it } from 'vitest';
import { NO_POD_FIELDS } from '../../../../crds/injected.ts';
import { oursRefusals } from '../../../../webhook/admission/guard/ours.ts';
import { inject } from '../../../../webhook/admission/mutate.ts';
import type { PodSpec } from '../../../../webhook/admission/pod.ts';
import { SETTINGS } from './settings.ts';

const PLACES: Record<string, (name: string) => Partial<PodSpec>> = {
  'a volume': (name) => ({ volumes: [{ name: 'v', secret: { secretName: name, optional: true } }] }),
  'a projected volume': (name) => ({ volumes: [{ name: 'v', projected: { sources: [{ secret: { name } }] } }] }),
  'a pull secret': (name) => ({ imagePullSecrets: [{ name }] }),
  'a variable': (name) => ({
    containers: [{ name: 'app', image: 'a', env: [{ name: 'X', valueFrom: { secretKeyRef: { name, key: 'k' } } }] }],
  }),
  'all variables': (name) => ({ containers: [{ name: 'app', image: 'a', envFrom: [{ secretRef: { name } }] }] }),
};

function pod(more: Partial<PodSpec>) {
  return { metadata: { name: 'p' }, spec: { containers: [{ name: 'app', image: 'a' }], ...more } };
}

describe.each(Object.entries(PLACES))('in %s', (_, place) => {
  it.each(['../control', 'z/../db', '.', '..', '../../../weir', 'a,b', 'a b', 'A', 'a\n', '-a', 'a'.repeat(254)])(
    '%j is no name of a Secret, and refused',
    (name) => {
      const { pod: same, reasons } = inject(pod(place(name)), SETTINGS, NO_POD_FIELDS);
      expect(reasons).toMatchObject([{ path: 'spec', message: expect.stringMatching(/^no Secret can be called "/) }]);
      expect(same.spec?.initContainers).toBeUndefined();
      // Nor does the guard take it from whoever came after.
      expect(oursRefusals(same.spec as PodSpec, SETTINGS)).toMatchObject([{ path: 'spec' }]);
    },
  );

  it.each(['db', 'db.prod', 'a-1', '0', 'a'.repeat(253)])('%s is one', (name) => {
    expect(inject(pod(place(name)), SETTINGS, NO_POD_FIELDS).reasons).toEqual([]);
  });
});
