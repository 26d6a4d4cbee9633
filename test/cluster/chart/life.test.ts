/** Installed, tested, upgraded, rolled back and uninstalled on a real cluster, with the image that `make image` made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  definitionKnows,
  meanwhile,
  NEXT_FIELD,
  NEXT_TIMEOUT,
  packageNext,
  RELEASE,
  remove,
  tryPod,
  until,
  webhooks,
} from './release.ts';
import { CHART, helm, kubectl, NAMESPACE, tryKubectl } from './tools.ts';

const BUILDS = 'chart-life';
const INJECTED = 'weir-init,weir';
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:weir`;
/** Shorter than the default, so that the suite does not wait for replicas that end. */
const VALUES = ['--set', 'drainSeconds=3'];
const PUBLISHED_WITHIN_MS = 10_000;

const can = async (...args: string[]): Promise<boolean> =>
  (await tryKubectl(['auth', 'can-i', ...args, `--as=${ACCOUNT}`])).stdout.trim() === 'yes';

beforeAll(async () => {
  await remove(helm);
  await kubectl('create', 'namespace', BUILDS);
});
afterAll(async () => {
  await remove(helm);
  await kubectl('delete', 'namespace', BUILDS, '--wait=false');
  await kubectl('delete', 'clusterrole', BUILDS, '--ignore-not-found');
  await kubectl('delete', 'clusterrolebinding', BUILDS, `${BUILDS}-out`, '--ignore-not-found');
});

describe('a release', () => {
  let bundles: (string | undefined)[] = [];
  let authority = '';
  const readAuthority = () => kubectl('get', 'secret', 'weir-ca', '-n', NAMESPACE, '-o', 'jsonpath={.data.ca\\.crt}');

  it('is installed: both replicas are ready, and every webhook has the authority', async () => {
    await helm('install', RELEASE, CHART, '-n', NAMESPACE, '--create-namespace', '--wait', ...VALUES);
    await until('caBundle everywhere', PUBLISHED_WITHIN_MS, async () =>
      (await webhooks()).every(
        ({ clientConfig: { caBundle, service } }) => caBundle !== undefined && service?.path !== undefined,
      ),
    );
    bundles = (await webhooks()).map(({ clientConfig }) => clientConfig.caBundle);
    expect(new Set(bundles).size).toBe(1);
    authority = await readAuthority();
    expect(authority).not.toBe('');
  });

  it('passes helm test, and injects from the label on', async () => {
    await helm('test', RELEASE, '-n', NAMESPACE);
    expect((await tryKubectl(['get', 'namespace', 'weir-test'])).stderr).toContain('NotFound');
    expect(await tryPod(BUILDS)).toEqual([]);
    await kubectl('label', 'namespace', BUILDS, 'weir.dev/inject=enabled');
    await until('injection', PUBLISHED_WITHIN_MS, async () => (await tryPod(BUILDS)).join() === INJECTED);
  });

  it('lets the control plane do no more than docs/rbac.md says', async () => {
    expect(await can('list', 'pods', '-A')).toBe(true);
    for (const [verb, resource] of [
      ['get', 'secrets'],
      ['list', 'secrets'],
      ['create', 'pods'],
      ['delete', 'pods'],
      ['create', 'pods/exec'],
      ['create', 'pods/eviction'],
      ['delete', 'configmaps'],
      ['update', 'egresspolicies.weir.dev'],
      ['create', 'mutatingwebhookconfigurations.admissionregistration.k8s.io'],
      ['opt-out', 'namespaces.weir.dev'],
      ['patch', 'configmaps/other'],
      ['patch', 'mutatingwebhookconfigurations.admissionregistration.k8s.io/other'],
    ] as const) {
      expect(await can(verb, resource, '-n', BUILDS), `${verb} ${resource}`).toBe(false);
    }
  });

  it('is upgraded while pods are made: definitions too, and the authority stays', async () => {
    const next = await packageNext();
    const seen = await meanwhile(BUILDS, () =>
      helm(
        'upgrade',
        RELEASE,
        next,
        '-n',
        NAMESPACE,
        '--wait',
        '--reset-then-reuse-values',
        '--set',
        'podAnnotations.rolled=once',
      ),
    );
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen)).toEqual(new Set([INJECTED]));
    const now = await webhooks();
    expect(now.map(({ clientConfig }) => clientConfig.caBundle)).toEqual(bundles);
    for (const { clientConfig } of now)
      expect(clientConfig.service?.path).toMatch(/^\/(mutate|validate)\/[0-9a-f]{64}$/);
    expect(new Set(now.map(({ timeoutSeconds }) => timeoutSeconds))).toEqual(new Set([NEXT_TIMEOUT]));
    expect(await definitionKnows(NEXT_FIELD)).toBe(true);
    expect(await readAuthority()).toBe(authority);
  });

  it('is rolled back while pods are made', async () => {
    const seen = await meanwhile(BUILDS, () => helm('rollback', RELEASE, '1', '-n', NAMESPACE, '--wait'));
    expect(new Set(seen)).toEqual(new Set([INJECTED]));
    expect((await webhooks()).map(({ clientConfig }) => clientConfig.caBundle)).toEqual(bundles);
    expect(await definitionKnows(NEXT_FIELD)).toBe(false);
    expect(await readAuthority()).toBe(authority);
  });

  it('keeps the label on a namespace, whichever way it is taken off, but by who may opt out', async () => {
    await kubectl('create', 'clusterrole', BUILDS, '--verb=get,patch', '--resource=namespaces,namespaces/status');
    await kubectl('create', 'clusterrolebinding', BUILDS, `--clusterrole=${BUILDS}`, '--group=weir:testers');
    const takeOff = (...how: string[]) => {
      const patch = ['--type=merge', '-p', '{"metadata":{"labels":{"weir.dev/inject":null}}}'];
      return tryKubectl(['patch', 'namespace', BUILDS, ...how, ...patch, '--as=somebody', '--as-group=weir:testers']);
    };
    expect((await takeOff()).stderr).toContain('somebody may not take a namespace from under the guard');
    expect((await takeOff('--subresource=status')).stderr).toContain('somebody may not take a namespace');
    expect(await kubectl('get', 'namespace', BUILDS, '-o', 'jsonpath={.metadata.labels}')).toContain('weir.dev/inject');
    await kubectl(
      'create',
      'clusterrolebinding',
      `${BUILDS}-out`,
      '--clusterrole=weir-opt-out',
      '--group=weir:testers',
    );
    expect(await takeOff('--dry-run=server')).toMatchObject({ status: 0 });
  });

  it('is uninstalled: no webhook is asked in vain, pods start, policies stay', async () => {
    const policy =
      '{"apiVersion":"weir.dev/v1alpha1","kind":"EgressPolicy","metadata":{"name":"kept"},"spec":{"egress":[]}}';
    expect((await tryKubectl(['apply', '-n', BUILDS, '-f', '-'], policy)).status).toBe(0);
    const seen = await meanwhile(BUILDS, () => helm('uninstall', RELEASE, '-n', NAMESPACE, '--wait'));
    // The API server drops a policy within a second of its binding.
    await until('pods without Weir', 3000, async () => (await tryPod(BUILDS).catch(() => ['refused'])).length === 0);
    const refused = seen.filter((outcome) => outcome !== INJECTED && outcome !== 'plain');
    for (const outcome of refused) expect(outcome).not.toContain('failed calling webhook');
    expect(await webhooks()).toEqual([]);
    expect(await kubectl('get', 'egresspolicy', 'kept', '-n', BUILDS, '-o', 'name')).toContain('kept');
    const left = await kubectl(
      'get',
      'clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings',
      '-l',
      `app.kubernetes.io/instance=${RELEASE}`,
      '-o',
      'name',
    );
    expect(left.trim()).toBe('');
  });
});
