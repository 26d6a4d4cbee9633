/** Init containers, native sidecars of others and the first instruction of every container are behind the rules already. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  describeOwn,
  HOSTS,
  Internet,
  installWeir,
  type Manifest,
  mustBeUp,
  Namespace,
  pod,
  TOOLS_IMAGE,
  waitFor,
} from '../harness/index.ts';
import { type Leaker, leaker } from './leaks.ts';
import { QUICK } from './release.ts';
import { Watch } from './watch.ts';

// Long: a short one is in what is encrypted, by chance.
const TOKEN = 'leakatfirst';
const CONTAINERS = ['own-init', 'own-sidecar', 'app'] as const;
const LEAK_SECONDS = 2;
/** Of the containers that end by themselves. */
const LEAST_ROUNDS = 5;

describeOwn('what leaks from its first instruction on', () => {
  let internet: Internet;
  let watch: Watch;
  let guarded: Namespace;
  let plain: Namespace;

  beforeAll(async () => {
    await mustBeUp();
    internet = await Internet.start({ token: TOKEN });
    await installWeir(...QUICK);
    watch = await Watch.start(internet, TOKEN);
    guarded = await Namespace.create('first', { inject: true });
    plain = await Namespace.create('first-plain', { inject: false });
    await guarded.policy('web', {
      egress: [{ name: 'web', to: { hosts: [HOSTS.analytics.name] }, http: [{ methods: ['GET'], paths: ['/ok/**'] }] }],
    });
  });
  afterAll(async () => {
    await watch?.stop();
    await guarded?.delete();
    await plain?.delete();
    await internet?.stop();
  });

  test('nothing of it is seen outside or on the pod’s link; without Weir, all of it', async () => {
    const [inside, control] = [leakersOf('guarded', 0), leakersOf('plain', 10)];
    await watch.attribute([...Object.values(inside), ...Object.values(control)].map(({ attribution }) => attribution));
    const rounds = await Promise.all([play(guarded, inside), play(plain, control)]);
    const arrived = await watch.arrived();
    expect(Math.min(...rounds.flat())).toBeGreaterThanOrEqual(LEAST_ROUNDS);
    for (const { attribution } of Object.values(control)) {
      const seen = arrived.get(attribution.name) ?? [];
      const kinds = new Set(seen.map((text) => text.split(' ').slice(0, 2).join(' ')));
      expect([...kinds], attribution.name).toEqual(
        expect.arrayContaining(['outside udp', 'outside tcp', 'link udp', 'link tcp']),
      );
      expect(seen.join(), attribution.name).toMatch(/ udp \S+ 53\b/);
    }
    const leaked = [...arrived.keys()].filter((name) => name.startsWith('guarded'));
    console.log(
      `first instructions: ${rounds[0]?.join(', ')} rounds of leaks in ${CONTAINERS.join(', ')}; seen: ${leaked.length}`,
    );
    expect(leaked).toEqual([]);
    const { questions } = await internet.arrivals();
    const texts = questions.map((question) => question.toString('latin1'));
    for (const { attribution } of Object.values(inside)) expect(texts.join()).not.toContain(attribution.canary);
  });

  /** Runs a pod in which every container leaks to its end; how often each tried. */
  async function play(namespace: Namespace, leakers: Record<string, Leaker>): Promise<number[]> {
    await namespace.apply(leaking(leakers));
    await waitFor('pod/leaking', 'jsonpath={.status.phase}=Succeeded', namespace.name, 90);
    const last = async (name: string) => Number((await namespace.logs('leaking', name)).trim().split('\n').at(-1));
    return Promise.all(CONTAINERS.map(last));
  }
});

function leakersOf(pod: string, from: number): Record<string, Leaker> {
  return Object.fromEntries(CONTAINERS.map((name, i) => [name, leaker(TOKEN, `${pod} ${name}`, from + i)]));
}

function leaking(leakers: Record<string, Leaker>): Manifest {
  const container = (name: string, seconds: number): Manifest => ({
    name,
    image: TOOLS_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: leakers[name]?.command(seconds),
  });
  return pod('leaking', {
    command: leakers.app?.command(LEAK_SECONDS) ?? [],
    spec: {
      initContainers: [
        container('own-init', LEAK_SECONDS),
        { ...container('own-sidecar', 0), restartPolicy: 'Always' },
      ],
    },
  });
}
