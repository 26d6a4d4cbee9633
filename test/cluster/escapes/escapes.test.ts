/** Every attempt of escapes.yaml, and those of the network tests that fit a pod, in a real pod: silent there, loud in its control. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Attribution, PacketCount } from '../../net/sink.ts';
import { kernelFeatures } from '../../net/stage.ts';
import { describeOwn, exec, Internet, installWeir, isOwn, mustBeUp } from '../harness/index.ts';
import { type Attempt, CONTROLS, readAttempts } from './attempts.ts';
import { ALLOWED, podAddresses, raise, raze, survey, watchLink } from './ground.ts';
import { APP, INSIDE, OUTSIDE, SCRIPTS } from './pods.ts';
import { type Assigned, assign, parseRun, planFor, type Said } from './tasks.ts';
import { type Seen, seenBy, type Watcher } from './watch.ts';

const RUN_MS = 280_000;
const SETTLE_MS = 500;
/** What the controls opened is closed, by their side and by the cluster's resolver. */
const CLOSING_MS = 5000;
const LEAST = 40;
const MOST_LACKING = 8;
const attempts = readAttempts();
/** Elsewhere none is run, and each is told of as not run. */
const present = isOwn ? await kernelFeatures() : undefined;
const tried = attempts.filter(({ needs }) => needs === undefined || present?.[needs] !== false);
const lacking = attempts.filter((attempt) => !tried.includes(attempt)).map(({ name }) => name);

interface Outcome {
  seen: Seen;
  said: Map<string, Said>;
  assigned: Assigned[];
}

describeOwn('escapes from a pod', () => {
  let internet: Internet;
  let control: Outcome;
  let guarded: Outcome;
  let neighbours: string[];
  const link: Watcher[] = [];

  beforeAll(async () => {
    await mustBeUp();
    internet = await Internet.start({ token: 'lkc', names: [ALLOWED.name] });
    await installWeir();
    await raise(internet);
    neighbours = (await podAddresses()).split(' ');
    control = await runControls();
    await new Promise((resolve) => setTimeout(resolve, CLOSING_MS));
    guarded = await runGuarded();
  }, 600_000);

  afterAll(async () => {
    if (guarded && control) process.stdout.write(`\n${summary()}\n`);
    await Promise.all(link.map((watcher) => watcher.stop()));
    await raze();
    await internet?.stop();
  });

  async function runControls(): Promise<Outcome> {
    const ground = await survey('lkcc');
    const all = assign(tried, ground);
    const said = new Map<string, Said>();
    const watchers = [internet.watcher];
    for (const kind of CONTROLS.filter((kind) => kind !== 'host')) {
      const watcher = await watchLink(internet, OUTSIDE, kind, { token: ground.token, allowed: [], names: [] });
      link.push(watcher);
      watchers.push(watcher);
    }
    await attribute(watchers, all);
    for (const kind of CONTROLS) {
      const mine = all.filter(({ attempt }) => attempt.control === kind);
      await dialled(kind === 'plain' ? mine : [], OUTSIDE, kind, async () => {
        for (const [name, one] of await play(OUTSIDE, kind, mine, true)) said.set(name, one);
      });
    }
    return { seen: await collected(watchers), said, assigned: all };
  }

  async function runGuarded(): Promise<Outcome> {
    const ground = await survey('lkcg');
    const all = assign(tried, ground);
    const watcher = await watchLink(internet, INSIDE, 'attacker', {
      token: ground.token,
      // What the sidecar itself says: the allowed host, the control plane, plain questions for the allowed name.
      allowed: [ALLOWED.v4, ALLOWED.v6, ground.env.CONTROL ?? ''],
      names: [ALLOWED.name],
    });
    link.push(watcher);
    const watchers = [internet.watcher, watcher];
    await attribute(watchers, all);
    let said = new Map<string, Said>();
    await dialled(all, INSIDE, 'attacker', async () => {
      said = await play(INSIDE, 'attacker', all, false);
    });
    return { seen: await collected(watchers), said, assigned: all };
  }

  /** The outside connects in meanwhile, where an attempt waits for that. */
  async function dialled(
    all: readonly Assigned[],
    namespace: string,
    name: string,
    during: () => Promise<void>,
  ): Promise<void> {
    const waiting = all.filter(({ attempt }) => attempt.inbound);
    const address =
      (await exec(namespace, name, ['hostname', '-i'], { container: APP })).stdout.trim().split(' ')[0] ?? '';
    await internet.watcher.dial(waiting.map(({ attribution }) => [address, attribution.port]));
    await during();
    await internet.watcher.dial([]);
  }

  test('there are enough attempts, and the kernel can be tried with nearly all', () => {
    expect(attempts.length).toBeGreaterThanOrEqual(LEAST);
    expect(lacking.length).toBeLessThanOrEqual(MOST_LACKING);
  });

  test('the allowed host answers before and after', () => {
    expect(guarded.said.get('(before)')?.text).toBe('200');
    expect(guarded.said.get('(after)')?.text).toBe('200');
  });

  test('the captures lost nothing', () => {
    expect(guarded.seen.dropped).toBe(0);
  });

  test.each(tried)('$name', (attempt) => {
    const { name } = attempt;
    expect(worked(attempt, control), `the control showed nothing: ${control.said.get(name)?.text}`).not.toEqual([]);
    expect(guarded.said.get(name)?.status, guarded.said.get(name)?.text).toBe(0);
    expect(worked(attempt, guarded), guarded.said.get(name)?.text).toEqual([]);
  });

  test('no packet leaves that belongs to no attempt', () => {
    const strays = guarded.seen.packets.filter(({ attack }) => attack === null || attack === '(another run)');
    expect(strays.filter((packet) => !isNeighbour(packet))).toEqual([]);
  });

  test('the allowed host was asked only what the policy allows', () => {
    const strange = guarded.seen.requests.filter(
      ({ name, line, sni }) => name !== ALLOWED.name || sni !== name || !/^GET \/ok\/[\w-]+ HTTP\/1\.1$/.test(line),
    );
    expect(strange).toEqual([]);
    expect(guarded.seen.requests.length).toBeGreaterThan(1);
  });

  /** The node redirects the sidecar to the control plane's own pod, on the same bridge; then its address is asked for there. */
  const isNeighbour = ({ protocol, destination }: PacketCount): boolean =>
    (protocol === 'arp' && neighbours.includes(destination)) || (protocol === 'nd' && destination.startsWith('fe80:'));

  /** What shows that it worked, in words. */
  function worked({ name, evidence }: Attempt, { seen, said }: Outcome): string[] {
    return [
      ...seen.packets
        .filter(({ attack }) => attack === name)
        .map(
          (one) => `${one.packets} ${one.protocol} packets to ${one.destination} port/type ${one.port} (${one.sample})`,
        ),
      ...seen.payloads
        .filter(({ attack }) => attack === name)
        .map((one) => `payload at ${one.host}:${one.port}: ${one.sample}`),
      ...(evidence === 'reached' && said.get(name)?.reached ? [`reached: ${said.get(name)?.text}`] : []),
    ];
  }

  function summary(): string {
    const loud = tried.filter((attempt) => worked(attempt, control).length > 0).length;
    const silent = tried.filter((attempt) => worked(attempt, guarded).length === 0).length;
    const packets = guarded.seen.packets.filter((one) => !isNeighbour(one)).reduce((sum, one) => sum + one.packets, 0);
    return [
      `escapes from a pod: ${tried.length} attempts, controls seen ${loud}, silent ${silent}, stray packets ${packets}`,
      `not tried, for this kernel lacks them (${lacking.length}): ${lacking.join(', ') || 'none'}`,
    ].join('\n');
  }
});

async function attribute(watchers: readonly Watcher[], all: readonly Assigned[]): Promise<void> {
  const attributions: Attribution[] = all.map(({ attribution }) => attribution);
  await Promise.all(watchers.map((watcher) => watcher.watch(attributions)));
}

async function collected(watchers: readonly Watcher[]): Promise<Seen> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return seenBy(watchers);
}

async function play(
  namespace: string,
  name: string,
  all: readonly Assigned[],
  control: boolean,
): Promise<Map<string, Said>> {
  const ca = control ? ['--cacert', `${SCRIPTS}/outside.crt`] : [];
  const url = `https://${ALLOWED.name}/ok/positive`;
  // What took the sidecar's own source ports is remembered by the kernel for half a minute: to the build's loss alone.
  const patient = ['--retry', '12', '--retry-delay', '4', '--retry-all-errors', '--retry-max-time', '70'];
  const positive = ['curl', '-s', '-m', '10', ...patient, ...ca, '-o', '/dev/null', '-w', '%{http_code}', url];
  const plan = JSON.stringify(planFor(all, control, positive));
  const argv = ['sh', '-c', `cat >/tmp/plan.json && exec /usr/bin/python3 -B ${SCRIPTS}/runner.py /tmp/plan.json`];
  const outcome = await exec(namespace, name, argv, { container: APP, input: plan, timeoutMs: RUN_MS });
  const said = parseRun(outcome.stdout);
  const missing = all.filter(({ attempt }) => !said.has(attempt.name));
  if (missing.length > 0 || !said.has('(after)')) {
    throw new Error(
      `${namespace}/${name}: ${missing.length} attempts did not run (exit ${outcome.status}): ${outcome.stderr.slice(-2000)}`,
    );
  }
  return said;
}
