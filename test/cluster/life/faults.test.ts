/** Builds that run while parts of Weir, of the node and of the cluster end: none leaks, no budget comes back, each goes on or ends. */
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pemBlocks } from '../../../sidecar/tls/pem.ts';
import { meanwhile, packageNext } from '../chart/release.ts';
import {
  controlPlanePods,
  describeOwn,
  get,
  helm,
  Internet,
  installWeir,
  kubectl,
  mustBeUp,
  NAMESPACE,
  Namespace,
  nodeProcesses,
  pod,
  RELEASE,
  tryCreate,
  tryKubectl,
  uninstallWeir,
  until,
  waitFor,
} from '../harness/index.ts';
import { read } from './api.ts';
import { Build, LIMITS, type Line, policySpec, type Seen, STEADY_LIMITS, seen, shared, spentAt } from './builds.ts';
import { emptyVolume, isAlive, processOf, sandboxOf, starve, statusOf } from './containers.ts';
import { noReplicas, QUICK } from './release.ts';
import { Watch } from './watch.ts';

// Long: a short one is in what is encrypted, by chance.
const TOKEN = 'leakofbuild';
/** Of a build that runs through every fault of the control plane and of the node. */
const PLANE = [
  'replica-deleted',
  'replica-killed',
  'replicas-deleted',
  'apiserver',
  'node',
  'upgrade',
  'uninstall',
] as const;
/** Each has a build of its own, all at the same time. */
const POD = ['sidecar-killed', 'sidecar-starved', 'containers-killed', 'sandbox-killed', 'rebooted'] as const;
const RESTARTED: ReadonlySet<string> = new Set(['containers-killed', 'sandbox-killed', 'rebooted']);
const SPENT_BEFORE = 4;
const LEAST_LEAKS = 3;
const AWAY_MS = 3000;
/** As short as kubelets can follow: an authority every 48 s, a leaf every ten in each replica. */
const CERTIFICATES =
  'certificates.caLifetime=72s,certificates.publishFor=12s,certificates.leafLifetime=20s,certificates.clockSkew=10s';

type Fault = (typeof PLANE)[number] | (typeof POD)[number];
interface Row extends Seen {
  fault: Fault;
  build: string;
  spent: string;
  restarts: string;
}

describeOwn('a build during', () => {
  let internet: Internet;
  let watch: Watch;
  let builds: Namespace;
  let plane: Build;
  let own: Map<Fault, Build>;
  const rows: Row[] = [];
  const windows: { fault: Fault; from: number; to: number }[] = [];
  const authorities = new Set<string>();
  let following: NodeJS.Timeout;

  beforeAll(async () => {
    await mustBeUp();
    internet = await Internet.start({ token: TOKEN, registry: true });
    // Or its authority is one that lasts.
    await withoutWeir();
    await installWeir(...QUICK, '--set', CERTIFICATES);
    watch = await Watch.start(internet, TOKEN);
    builds = await Namespace.create('faults', { inject: true });
    await builds.apply(...shared(TOKEN));
    await builds.policy('web', policySpec([...PLANE, ...POD]));
    plane = new Build(builds, TOKEN, 'plane', 0);
    own = new Map(
      POD.map((fault, i) => {
        const options = { restarts: RESTARTED.has(fault), holdsSecret: fault !== 'rebooted' };
        return [fault, new Build(builds, TOKEN, fault, i + 1, options)];
      }),
    );
    await watch.attribute([plane, ...own.values()].map(({ attribution }) => attribution));
    following = setInterval(() => void follow(), 2000);
    await Promise.all([plane, ...own.values()].map((build) => build.start()));
  });
  afterAll(async () => {
    clearInterval(following);
    if (rows.length > 0) console.log(table(rows));
    await watch?.stop();
    await builds?.delete();
    await withoutWeir();
    await internet?.stop();
  });

  /** Nor the authority that the control plane made. */
  async function withoutWeir(): Promise<void> {
    await uninstallWeir();
    // A replica that still drains would make it anew.
    await noReplicas();
    await kubectl(['delete', 'secret', 'weir-ca', '--namespace', NAMESPACE, '--ignore-not-found']);
  }

  async function follow(): Promise<void> {
    const path = `/api/v1/namespaces/${builds.name}/configmaps/weir-ca`;
    const { data } = ((await read(path).catch(() => undefined)) ?? {}) as { data?: Record<string, string> };
    for (const { pem } of pemBlocks(data?.['ca.crt'] ?? '')) authorities.add(new X509Certificate(pem).fingerprint256);
  }

  const available = () => waitFor(`deployment/${RELEASE}`, 'jsonpath={.status.readyReplicas}=2', NAMESPACE);

  /** Spends part of a budget, lets the fault happen, and spends what is left and more. */
  async function around(
    fault: Fault,
    build: Build,
    happen: () => Promise<void>,
  ): Promise<{ from: number; to: number }> {
    const first = await build.spend(fault, SPENT_BEFORE);
    expect(first).toEqual(Array(SPENT_BEFORE).fill('ok'));
    const from = Date.now();
    await happen();
    await build.works(Date.now());
    const to = Date.now();
    const rest = await build.spend(fault, LIMITS.requests + 2);
    expect(rest.filter((got) => got === 'ok').length, `${fault}: ${rest.join()}`).toBeLessThanOrEqual(
      LIMITS.requests - SPENT_BEFORE,
    );
    expect(rest.at(-1)).toMatch(/^\d+ limit\./);
    return { from, to };
  }

  async function arrivedFor(fault: Fault, build: Build): Promise<string> {
    const { streams } = await internet.arrivals();
    const [limited, steady] = [spentAt(streams, `/${fault}/${build.name}`), spentAt(streams, `/steady/${build.name}`)];
    expect(limited.requests).toBeLessThanOrEqual(LIMITS.requests);
    expect(limited.bytes).toBeLessThanOrEqual(LIMITS.uploadSize);
    expect(limited.requests).toBeGreaterThanOrEqual(SPENT_BEFORE);
    expect(steady.requests).toBeLessThanOrEqual(STEADY_LIMITS.requests);
    expect(steady.bytes).toBeLessThanOrEqual(STEADY_LIMITS.uploadSize);
    return `${limited.requests}/${LIMITS.requests} + ${steady.requests}/${STEADY_LIMITS.requests}`;
  }

  test('the end of the sidecar, by SIGKILL or for want of memory, of all containers, of the pod’s sandbox', async () => {
    const killed = async (build: Build, container: string): Promise<void> => {
      process.kill(await processOf(await build.get(), container), 'SIGKILL');
    };
    const happen: Record<(typeof POD)[number], (build: Build) => Promise<void>> = {
      'sidecar-killed': (build) => killed(build, 'weir'),
      'sidecar-starved': async (build) => {
        const pid = await processOf(await build.get(), 'weir');
        await starve(pid, () => !isAlive(pid));
      },
      'containers-killed': async (build) => {
        await Promise.all([killed(build, 'app'), killed(build, 'weir')]);
      },
      'sandbox-killed': async (build) => {
        process.kill(await sandboxOf(await build.get()), 'SIGKILL');
      },
      // What a pod finds after its node's: no process, and nothing in its memory volumes.
      rebooted: async (build) => {
        const running = await build.get();
        const pids = await Promise.all([
          ...['app', 'weir'].map((container) => processOf(running, container)),
          sandboxOf(running),
        ]);
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        for (const volume of ['weir-state', 'weir-trust']) emptyVolume(running, volume);
      },
    };
    const outcomes = await Promise.all(
      POD.map(async (fault) => {
        const build = own.get(fault) as Build;
        const before: Line[] = [];
        const { from, to } = await around(fault, build, async () => {
          before.push(...(await build.lines()));
          // Not by its restarts: in a new sandbox the kubelet counts them from zero.
          const first = statusOf(await build.get(), 'weir')?.containerID;
          await happen[fault](build);
          await until(`${fault}: the sidecar is there again`, async () => {
            const weir = statusOf(await build.get(), 'weir');
            return weir?.containerID !== first && weir?.state.running !== undefined ? true : undefined;
          });
        });
        const running = await build.get();
        const ended = await build.end();
        return { fault, build, from, to, before, running, ended };
      }),
    );
    for (const { fault, build, from, to, before, running, ended } of outcomes) {
      const [weir, app] = [statusOf(running, 'weir'), statusOf(running, 'app')];
      // Before the app's own restart, what it had said by then.
      const lines = (app?.restartCount ?? 0) > 0 ? [...before, ...(await build.lines())] : await build.lines();
      const row = {
        fault,
        build: ended,
        ...seen(lines, from, to, build),
        spent: await arrivedFor(fault, build),
        restarts: `${restartsOf('weir', weir)}, ${restartsOf('app', app)}`,
      };
      rows.push(row);
      expect(row, fault).toMatchObject({ build: 'Complete', authorities: fault === 'rebooted' ? 2 : 1 });
    }
    // The journal is gone, so that everything counts as spent.
    const { streams } = await internet.arrivals();
    expect(spentAt(streams, '/rebooted/rebooted').requests).toBe(SPENT_BEFORE);
    const starved = outcomes.find(({ fault }) => fault === 'sidecar-starved');
    expect(starved && statusOf(starved.running, 'weir')?.lastState.terminated?.reason).toBe('OOMKilled');
  });

  const happens = async (fault: (typeof PLANE)[number], happen: () => Promise<void>): Promise<void> => {
    windows.push({ fault, ...(await around(fault, plane, happen)) });
  };
  const deletePods = (...names: string[]) =>
    kubectl(['delete', '--namespace', NAMESPACE, '--grace-period=0', '--force', ...names]);

  test('the end of a replica of the control plane, by deletion or SIGKILL, and of both at once', async () => {
    await happens('replica-deleted', async () => {
      for (const name of await controlPlanePods()) {
        await deletePods(name);
        await available();
      }
    });
    await happens('replica-killed', async () => {
      for (const replicaName of await controlPlanePods()) {
        const replica = await get(replicaName, NAMESPACE);
        const { containers } = replica.spec as { containers: { name: string }[] };
        const name = containers[0]?.name ?? '';
        process.kill(await processOf(replica, name), 'SIGKILL');
        await until('its restart is seen', async () =>
          statusOf(await get(replicaName, NAMESPACE), name)?.restartCount === 1 ? true : undefined,
        );
        await available();
      }
    });
    await happens('replicas-deleted', async () => {
      await deletePods(...(await controlPlanePods()));
      await available();
    });
  });

  test('the end of the API server, and of the node’s kubelet and containerd', async () => {
    await happens('apiserver', async () => {
      await nodeProcesses('kill', 'apiserver');
      await sleep(AWAY_MS);
      await nodeProcesses('start', 'apiserver');
    });
    await happens('node', async () => {
      await nodeProcesses('kill', 'kubelet', 'containerd');
      await sleep(AWAY_MS);
      await nodeProcesses('start', 'containerd', 'kubelet');
      // A kubelet that begins anew takes its pods for not ready until it has asked them.
      await available();
    });
  });

  test('an upgrade of the chart that changes what is injected, and the way back', async () => {
    await happens('upgrade', async () => {
      const where = ['--namespace', NAMESPACE, '--wait'];
      const values = ['--reset-then-reuse-values', '--set', 'sidecar.resources.limits.memory=400Mi'];
      const next = await packageNext();
      const made = await meanwhile(builds.name, () => helm(['upgrade', RELEASE, next, ...where, ...values]));
      await newOnesHave('400Mi');
      // What Weir wrote into this pod is of another version now; who else updates the pod may go on.
      await builds.kubectl('annotate', 'pod', plane.pod, 'acme.dev/seen=yes');
      made.push(...(await meanwhile(builds.name, () => helm(['rollback', RELEASE, ...where]))));
      await newOnesHave('384Mi');
      const refused = made.filter((outcome) => outcome !== 'weir-init,weir');
      console.log(`pods tried during upgrade and rollback: ${made.length}, refused ${refused.length}`);
      // Closed, or injected: none was made without Weir. After what went before, the node's proxy may hear late of new
      // replicas; where nothing went before, none is refused (chart/life.test.ts).
      for (const outcome of refused) expect(outcome).toContain('failed calling webhook');
    });
  });

  /** A replica that ends answers as before for a moment. */
  const newOnesHave = (memory: string) =>
    until(`new pods have ${memory}`, async () => ((await memoryOfNew()) === memory ? true : undefined));

  async function memoryOfNew(): Promise<string | undefined> {
    const { status, stdout, stderr } = await tryCreate(ownPod('tried'), { dryRun: true });
    if (status !== 0) throw new Error(stderr);
    const { spec } = JSON.parse(stdout) as {
      spec: { initContainers: { resources: { limits?: { memory: string } } }[] };
    };
    return spec.initContainers[1]?.resources.limits?.memory;
  }
  const ownPod = (name: string) => {
    const manifest = pod(name);
    return { ...manifest, metadata: { ...(manifest.metadata as object), namespace: builds.name } };
  };

  test('authorities that follow each other: the sidecar is in touch after all of it', async () => {
    await until('the third authority', async () => (authorities.size >= 3 ? true : undefined), { seconds: 60 });
    console.log(`authorities of the control plane meanwhile: ${authorities.size}`);
    const { metadata } = await builds.get('egresspolicy/web');
    await builds.policy('web', policySpec([...PLANE, ...POD, 'last']));
    expect(metadata.name).toBe('web');
    await until('an edit is heard', async () => ((await plane.spend('last', 1))[0] === 'ok' ? true : undefined));
    const log = await plane.sidecarLog();
    expect(log).not.toMatch(/budgets lost|certificate|expired/);
  });

  test('the uninstall: pods of labelled namespaces are made without Weir, and the build ends', async () => {
    await happens('uninstall', async () => {
      await uninstallWeir();
      await until('a pod without Weir', async () => {
        const { status, stdout } = await tryCreate(ownPod('after'), { dryRun: true });
        return status === 0 && !stdout.includes('weir-init') ? true : undefined;
      });
    });
    const kinds = 'mutatingwebhookconfigurations,validatingwebhookconfigurations,validatingadmissionpolicies';
    expect(await kubectl(['get', kinds, '-l', `app.kubernetes.io/instance=${RELEASE}`, '-o', 'name'])).toBe('');
    const running = await plane.get();
    const ended = await plane.end();
    const lines = await plane.lines();
    const [weir, app] = [statusOf(running, 'weir'), statusOf(running, 'app')];
    for (const { fault, from, to } of windows) {
      const restarts = `${restartsOf('weir', weir)}, ${restartsOf('app', app)}`;
      rows.push({
        fault,
        build: ended,
        ...seen(lines, from, to, plane),
        spent: await arrivedFor(fault, plane),
        restarts,
      });
    }
    expect(ended).toBe('Complete');
    expect(rows.filter(({ fault, authorities }) => authorities !== 1 && fault !== 'rebooted')).toEqual([]);
    expect((await tryKubectl(['get', 'pod', plane.pod, '-n', builds.name])).status).toBe(0);
    // Nothing that is the sidecar's affair was cut by what happened elsewhere.
    expect(weir?.restartCount).toBe(0);
  });

  test('any of it: what tried to leave at every moment is nowhere', async () => {
    expect(rows).toHaveLength(PLANE.length + POD.length);
    for (const { fault, leaks } of rows) expect(leaks, fault).toBeGreaterThanOrEqual(LEAST_LEAKS);
    expect(Object.fromEntries(await watch.arrived())).toEqual({});
  });
});

function restartsOf(name: string, status: ReturnType<typeof statusOf>): string {
  const reason = status?.lastState.terminated?.reason;
  return `${name} ${status?.restartCount}${reason === undefined ? '' : ` (${reason})`}`;
}

function table(rows: readonly Row[]): string {
  const head = [
    'fault',
    'build',
    'GETs before',
    'after',
    'longest gap ms',
    'meanwhile, of GETs and POSTs',
    'spent',
    'restarts',
    'CAs',
    'leaks tried',
  ];
  const lines = rows.map((row) => [
    ...[row.fault, row.build, row.before, row.after, row.gapMs],
    Object.entries(row.refused)
      .map(([got, count]) => `${got} ×${count}`)
      .join(', ') || '-',
    ...[row.spent, row.restarts, row.authorities, `4 × ${row.leaks}`],
  ]);
  return `\n${[head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
