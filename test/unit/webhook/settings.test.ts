import { describe, expect, it } from 'vitest';
import { fromKubeconfig } from '../../../webhook/kube/config.ts';
import { Drain } from '../../../webhook/server/drain.ts';
import { settingsFrom } from '../../../webhook/settings.ts';

const ENV = { POD_NAME: 'weir-0', POD_NAMESPACE: 'weir-system' };
const FILE = 'image: {repository: registry.acme.dev/weir, reference: "registry.acme.dev/weir:1"}\n';

describe('settingsFrom', () => {
  it('fills in what is not said', () => {
    const settings = settingsFrom(ENV, FILE);
    expect(settings).toMatchObject({
      namespace: 'weir-system',
      port: 8443,
      healthPort: 8080,
      drainSeconds: 30,
      uninjectedPods: 'Report',
    });
    expect(settings.certificates).toMatchObject({
      mode: 'Own',
      lifetimes: { authority: 31_536_000, leaf: 2_592_000, publish: 3600 },
    });
    expect(settings.admission).toMatchObject({
      controlName: 'weir.weir-system.svc',
      user: 'system:serviceaccount:weir-system:weir',
      image: 'registry.acme.dev/weir:1',
      upstreamCa: false,
      sidecarResources: { limits: { memory: '384Mi' } },
    });
    expect(settings.admission).not.toHaveProperty('metricsPort');
  });

  it('takes what is said', () => {
    const more = `${FILE}namespace: w\nsidecar: {metricsPort: 15020, resources: {limits: {memory: 1Gi, cpu: 1}}}\nupstream: {caBundle: PEM}\ncertificates: {caLifetime: 1h30m, leafLifetime: 90s, publishFor: 500ms}\n`;
    const settings = settingsFrom({ ...ENV, WEIR_PORT: '9443' }, more);
    expect(settings).toMatchObject({ namespace: 'w', port: 9443, upstreamCa: 'PEM' });
    expect(settings.certificates.lifetimes).toMatchObject({ authority: 5400, leaf: 90, publish: 0.5 });
    expect(settings.admission).toMatchObject({
      metricsPort: 15_020,
      upstreamCa: true,
      sidecarResources: { limits: { memory: '1Gi', cpu: '1' } },
    });
  });

  it.each([
    [{}, FILE, 'POD_NAME is not set'],
    [{ POD_NAME: 'x' }, FILE, 'POD_NAMESPACE is not set'],
    [{ ...ENV, WEIR_PORT: '0' }, FILE, 'WEIR_PORT: is not a port'],
    [ENV, '', 'image.repository: is missing'],
    [ENV, '[]', 'settings: is not a mapping'],
    [ENV, `${FILE}logLevel: loud`, 'logLevel: is not one of trace, debug, info, warn, error'],
    [ENV, `${FILE}drainSeconds: -1`, 'drainSeconds: is not a number from 0 to 3600'],
    [ENV, `${FILE}certificates: {caLifetime: 1y}`, 'certificates.caLifetime: is not a duration'],
    [ENV, `${FILE}certificates: {caLifetime: 24h}`, 'certificates.leafLifetime: is more than a third'],
    [ENV, `${FILE}guard: {allowedSysctls: x}`, 'guard.allowedSysctls: is not a list of texts'],
    [ENV, `${FILE}sidecar: {resources: {limits: {memory: []}}}`, 'sidecar.resources.limits.memory: is not a quantity'],
  ])('names what is wrong: %j %j', (env, text, message) => {
    expect(() => settingsFrom(env, text)).toThrow(message);
  });
});

describe('fromKubeconfig', () => {
  const config = (user: string, cluster = 'server: "https://[fd00::1]:6443", certificate-authority-data: Y2E=') =>
    `{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: [{name: k, cluster: {${cluster}}}], users: [{name: u, user: {${user}}}]}`;

  it('reads the current context', () => {
    const read = fromKubeconfig(config('token: t'), '/');
    expect(read).toMatchObject({ host: 'fd00::1', port: 6443, ca: Buffer.from('ca') });
    expect(read.token?.()).toBe('t');
    expect(fromKubeconfig(config('client-certificate-data: YQ==, client-key-data: Yg=='), '/')).toMatchObject({
      cert: Buffer.from('a'),
      key: Buffer.from('b'),
    });
  });

  it('says what is missing', () => {
    expect(() =>
      fromKubeconfig(config('token: t', 'server: "http://x", certificate-authority-data: Y2E='), '/'),
    ).toThrow('not an https URL');
    expect(() => fromKubeconfig(config('token: t', 'server: "https://x"'), '/')).toThrow('certificate-authority');
    expect(() => fromKubeconfig('{current-context: other}', '/')).toThrow('contexts has no "other"');
  });
});

describe('Drain', () => {
  it('answers on, and lets sidecars go when no new connection comes any more', () => {
    const drain = new Drain(5000);
    expect([drain.isDraining, drain.isReleasing(0)]).toEqual([false, false]);
    drain.begin(1000);
    drain.begin(9000);
    expect([drain.isDraining, drain.isReleasing(5999), drain.isReleasing(6000)]).toEqual([true, false, true]);
  });
});
