import { describe, expect, it } from 'vitest';
import { Lines, MAX_LINE_BYTES } from '../../../webhook/watch/lines.ts';
import { trimNamespace, trimPod, trimPolicy } from '../../../webhook/watch/objects.ts';
import { type Item, Store } from '../../../webhook/watch/store.ts';

describe('Lines', () => {
  it('joins what was cut anywhere', () => {
    const text = Buffer.from('{"a":"é"}\n\n{"b":2}\nrest');
    for (let cut = 0; cut <= text.length; cut++) {
      const lines = new Lines();
      const found = [...lines.push(text.subarray(0, cut)), ...lines.push(text.subarray(cut))];
      expect(found).toEqual(['{"a":"é"}', '{"b":2}']);
    }
  });

  it('refuses a line of more than MAX_LINE_BYTES', () => {
    const lines = new Lines();
    const half = Buffer.alloc(MAX_LINE_BYTES / 2, 97);
    expect(lines.push(half)).toEqual([]);
    expect(lines.push(half)).toEqual([]);
    expect(() => lines.push(Buffer.from('a'))).toThrow(RangeError);
  });
});

describe('Store', () => {
  const item = (name: string, version = '1', uid = name, namespace = 'ci'): Item => ({ namespace, name, uid, version });
  function store() {
    const told: [string | undefined, string | undefined][] = [];
    const room = new Store<Item>();
    room.listen((after, before) => told.push([after?.version, before?.version]));
    return { room, told };
  }

  it('tells of changes, and of nothing that is the same', () => {
    const { room, told } = store();
    room.put(item('a'));
    room.put(item('a'));
    room.put(item('a', '2'));
    room.put(item('a', '2', 'other-uid'));
    room.remove('ci', 'a', 'a');
    room.remove('ci', 'a', 'other-uid');
    room.remove('ci', 'a');
    expect(told).toEqual([
      ['1', undefined],
      ['2', '1'],
      ['2', '2'],
      [undefined, '2'],
    ]);
    expect(room.size).toBe(0);
  });

  it('takes a list for all that there is, also an empty one', () => {
    const { room, told } = store();
    let lists = 0;
    room.onList(() => lists++);
    room.put(item('a'));
    room.put(item('b', '1', 'b', 'other'));
    room.replace([item('a', '2'), item('c')]);
    expect([...room.all()].map(({ name, version }) => name + version)).toEqual(['a2', 'c1']);
    expect(told.slice(2)).toEqual([
      [undefined, '1'],
      ['2', '1'],
      ['1', undefined],
    ]);
    room.replace([]);
    expect([room.size, room.synced, lists]).toEqual([0, true, 2]);
  });
});

describe('what is kept of an object', () => {
  const metadata = { name: 'web', namespace: 'ci', uid: 'u', resourceVersion: '7', labels: { a: 'b' } };

  it('a namespace is guarded while it has the label and is not going away', () => {
    const labels = { 'weir.dev/inject': 'enabled' };
    expect(trimNamespace({ metadata: { ...metadata, labels } })?.isGuarded).toBe(true);
    expect(trimNamespace({ metadata })?.isGuarded).toBe(false);
    expect(trimNamespace({ metadata: { ...metadata, labels, deletionTimestamp: new Date(0) } })?.isGuarded).toBe(false);
  });

  it('a policy is the same while its generation and status are', () => {
    const policy = { apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', spec: { egress: [] } };
    const trim = (more: object, status?: object) =>
      trimPolicy({ ...policy, metadata: { ...metadata, generation: 2, ...more }, ...(status && { status }) } as never);
    expect(trim({ resourceVersion: '8', annotations: { x: 'y' } })?.version).toBe(trim({})?.version);
    expect(trim({ generation: 3 })?.version).not.toBe(trim({})?.version);
    expect(trim({}, { conditions: [] })?.version).not.toBe(trim({})?.version);
    expect(trim({})?.policy).not.toHaveProperty('status');
  });

  const weir = [{ name: 'weir-init' }, { name: 'weir', env: [{ name: 'WEIR_HELD_SECRETS', value: 'a,b' }] }];
  const pod = (spec: object, status: object = {}, more: object = {}) =>
    trimPod({ metadata: { ...metadata, ...more }, spec, status } as never, () => true);

  it('a pod that is being deleted has not ended', () => {
    const gone = { deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(pod({}, { phase: 'Running' }, gone)).toMatchObject({ isEnding: true, isDone: false });
    expect(pod({}, { phase: 'Failed' })).toMatchObject({ isEnding: true, isDone: true });
  });

  it('its Secrets are those of our volumes and of our variable', () => {
    const volumes = [
      { name: 'weir-secret-0', secret: { secretName: 'a' } },
      { name: 'weir-secret-1', secret: { secretName: 'pull' } },
      { name: 'own', secret: { secretName: 'b' } },
    ];
    expect(pod({ initContainers: weir, volumes })?.secrets).toEqual({ all: ['a', 'pull'], held: ['a', 'b'] });
  });

  const waiting = { restartCount: 0, state: { waiting: { reason: 'PodInitializing' } }, lastState: {} };
  const running = { ...waiting, state: { running: {} } };
  const ended = { restartCount: 0, state: { terminated: { exitCode: 1 } }, lastState: {} };
  const crashed = { restartCount: 3, started: false, state: { waiting: {} }, lastState: ended.state };
  it.each([
    ['First', 'no status', {}],
    ['First', 'a sidecar whose hook has not ended', { init: { weir: { ...waiting, started: false } }, app: waiting }],
    ['First', 'one that has ended before it was ready', { init: { weir: crashed }, app: waiting }],
    ['First', 'an ended weir-init', { init: { 'weir-init': { ...ended, restartCount: 1 }, weir: waiting } }],
    ['Later', 'a sidecar that was ready', { init: { weir: { ...running, started: true } }, app: waiting }],
    ['Later', 'a container that runs', { init: { weir: crashed }, app: running }],
    ['Later', 'a container that has ended', { init: { weir: crashed }, app: ended }],
    ['Later', 'a container that ran before', { init: { weir: waiting }, app: { ...waiting, lastState: ended.state } }],
    ['Later', 'a container that was restarted', { init: { weir: waiting }, app: { ...waiting, restartCount: 1 } }],
    ['Later', 'an init container that has ended', { init: { weir: crashed, fetch: ended }, app: waiting }],
    ['Later', 'an ephemeral container', { init: { weir: crashed }, app: waiting, debug: running }],
  ])(
    'its life is %s with %s',
    (life, _what, { init = {}, app, debug }: { init?: object; app?: object; debug?: object }) => {
      const status = {
        initContainerStatuses: Object.entries(init).map(([name, each]) => ({ name, ...each })),
        ...(app && { containerStatuses: [{ name: 'app', ...app }] }),
        ...(debug && { ephemeralContainerStatuses: [{ name: 'debug', ...debug }] }),
      };
      expect(pod({ initContainers: weir }, status)?.life).toBe(life);
    },
  );

  it('it is ending when it has ended or is being deleted', () => {
    expect(pod({}, { phase: 'Running' })?.isEnding).toBe(false);
    expect(pod({}, { phase: 'Failed' })?.isEnding).toBe(true);
    expect(pod({}, {}, { deletionTimestamp: new Date(0) })?.isEnding).toBe(true);
  });
});
