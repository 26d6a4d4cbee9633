/** What injection keeps, whatever the pod is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INIT_CONTAINER, NO_POD_FIELDS, SIDECAR_CONTAINER } from '../../../../crds/injected.ts';
import { inject } from '../../../../webhook/admission/mutate.ts';
import { jsonPatch } from '../../../../webhook/admission/patch.ts';
import { type AnyContainer, appContainers, type Pod } from '../../../../webhook/admission/pod.ts';
import { applyPatch } from './apply.ts';
import { SETTINGS } from './settings.ts';

const name = fc.stringMatching(/^[a-z]{1,8}$/);
const variable = fc.record(
  {
    name: fc.constantFrom(
      'A',
      'SSL_CERT_FILE',
      'NODE_EXTRA_CA_CERTS',
      'NPM_CONFIG_CAFILE',
      'JAVA_TOOL_OPTIONS',
      'YARN_HTTPS_CA_FILE_PATH',
    ),
    value: fc.constantFrom('', '/x', '-Xmx1g', '/etc/weir/trust/bundle.pem'),
    valueFrom: fc.record({ secretKeyRef: fc.record({ name, key: name }) }),
  },
  { requiredKeys: ['name'] },
);
const container = fc.record(
  {
    name,
    image: fc.constantFrom('a', 'b'),
    command: fc.array(fc.string(), { maxLength: 2 }),
    env: fc.uniqueArray(variable, { maxLength: 4, selector: (each) => each.name }),
    envFrom: fc.array(fc.record({ secretRef: fc.record({ name }) }), { maxLength: 2 }),
    volumeMounts: fc.uniqueArray(fc.record({ name, mountPath: fc.constantFrom('/a', '/b/c', '/etc') }), {
      maxLength: 3,
      selector: (each) => each.mountPath,
    }),
    securityContext: fc.record(
      {
        runAsUser: fc.nat(9),
        capabilities: fc.record({
          add: fc.subarray(['CHOWN', 'KILL']),
          drop: fc.subarray(['ALL', 'NET_RAW', 'MKNOD']),
        }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['name', 'image'] },
);
const containers = (minLength: number) =>
  fc.uniqueArray(container, { minLength, maxLength: 3, selector: (c) => c.name });
const pods: fc.Arbitrary<Pod> = fc
  .record({
    metadata: fc.record({ labels: fc.dictionary(name, name, { maxKeys: 2 }) }, { requiredKeys: [] }),
    spec: fc.record(
      {
        containers: containers(1),
        initContainers: containers(0),
        volumes: fc.uniqueArray(fc.record({ name, secret: fc.record({ secretName: name }) }), {
          maxLength: 3,
          selector: (v) => v.name,
        }),
        imagePullSecrets: fc.array(fc.record({ name }), { maxLength: 2 }),
      },
      { requiredKeys: ['containers'] },
    ),
  })
  .filter(({ spec }) => !JSON.stringify(spec).includes('"weir'));
const fields = fc.record({
  maskedPaths: fc.subarray(['/m', '/root/.ssh']),
  serviceAccountToken: fc.constantFrom('Keep' as const, 'Remove' as const),
});

/** Another webhook that puts a container in front of all, and one behind, once. */
function other(pod: Pod): Pod {
  const { initContainers = [], containers } = pod.spec as NonNullable<Pod['spec']>;
  const isThere = containers.some((each) => each.name === 'mesh-proxy');
  const rest = initContainers.filter((each) => each.name !== 'mesh-init');
  return {
    ...pod,
    spec: {
      ...pod.spec,
      initContainers: [{ name: 'mesh-init', image: 'mesh' }, ...rest],
      containers: isThere ? containers : [...containers, { name: 'mesh-proxy', image: 'mesh' }],
    },
  };
}

/** Without what injection may add to it. */
function own(container: AnyContainer): unknown {
  const { env, volumeMounts, securityContext, ...rest } = container;
  return rest;
}

describe('injection, for any pod', () => {
  it('is idempotent, and its patch makes it', () => {
    fc.assert(
      fc.property(pods, fields, (pod, podFields) => {
        const once = inject(pod, SETTINGS, podFields);
        expect(once.reasons).toEqual([]);
        expect(inject(once.pod, SETTINGS, podFields).pod).toEqual(once.pod);
        expect(applyPatch(pod, jsonPatch(pod, once.pod))).toEqual(once.pod);
      }),
    );
  });

  it('is first in order after another injector, which keeps its own', () => {
    fc.assert(
      fc.property(pods, (pod) => {
        const between = other(inject(pod, SETTINGS, NO_POD_FIELDS).pod);
        const { pod: last } = inject(between, SETTINGS, NO_POD_FIELDS);
        const names = last.spec?.initContainers?.map((each) => each.name);
        expect(names?.slice(0, 3)).toEqual([INIT_CONTAINER, SIDECAR_CONTAINER, 'mesh-init']);
        expect(applyPatch(between, jsonPatch(between, last))).toEqual(last);
      }),
    );
  });

  it('leaves what every container says itself', () => {
    fc.assert(
      fc.property(pods, (pod) => {
        const before = appContainers(pod.spec);
        const after = appContainers(inject(pod, SETTINGS, NO_POD_FIELDS).pod.spec);
        expect(after.map(({ path }) => path)).toEqual(before.map(({ path }) => path));
        before.forEach(({ container }, i) => {
          const now = after[i]?.container as AnyContainer;
          expect(own(now)).toEqual(own(container));
          for (const each of container.env ?? []) {
            const kept = now.env?.find(({ name }) => name === each.name);
            if (each.name === 'JAVA_TOOL_OPTIONS') expect(kept?.value ?? '').toContain(each.value ?? '');
            else expect(kept).toEqual(each);
          }
          expect(now.volumeMounts?.slice(0, container.volumeMounts?.length ?? 0)).toEqual(container.volumeMounts ?? []);
          expect(now.securityContext).toMatchObject({
            ...container.securityContext,
            capabilities: { drop: expect.arrayContaining(container.securityContext?.capabilities?.drop ?? []) },
          });
          expect(now.securityContext?.capabilities?.drop).toSatisfy(
            (drop: string[]) => drop.includes('ALL') || drop.includes('NET_RAW'),
          );
        });
      }),
    );
  });

  it('patches any value into any other', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(applyPatch(before, jsonPatch(before, after))).toEqual(after);
      }),
    );
  });

  it('patches lists of named elements with no more operations than elements', () => {
    const list = fc.uniqueArray(fc.nat(9), { maxLength: 6 }).map((names) => names.map((n) => ({ name: `n${n}` })));
    fc.assert(
      fc.property(list, list, (before, after) => {
        const patch = jsonPatch({ list: before }, { list: after });
        expect(applyPatch({ list: before }, patch)).toEqual({ list: after });
        expect(patch.length).toBeLessThanOrEqual(before.length + after.length);
      }),
    );
  });
});
