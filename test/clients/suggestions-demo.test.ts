/** What `weir explain` prints of the demo's denials, added to its policy, allows exactly what was denied. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../crds/runtime.ts';
import { root } from '../setup/processes.ts';
import { ask, eventsOf, type Policy, questionOf, scratch, withPart } from './suggesting.ts';

describe("the demo's denials", () => {
  interface World {
    events: Event[];
    learned: { dns: number; https: number };
    body: string;
    /** What the hook looks up, in its order. */
    names: string[];
    home: string;
  }

  /** The second half of the demo, under a policy; with the secrets of an earlier one, if its home is given. */
  function demo(name: string, policy: Policy, home?: string): World {
    const work = join(scratch, name);
    mkdirSync(work);
    if (home !== undefined) cpSync(home, join(work, 'home'), { recursive: true });
    const file = join(work, 'policy.yaml');
    writeFileSync(file, dump(policy));
    const world = join(root, 'test/demo/world.ts');
    const output = execFileSync('unshare', ['-rnm', process.execPath, world, work, root, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { guarded } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    expect(guarded.status, guarded.output).toBe(0);
    const read = (path: string) => readFileSync(join(work, 'home', path));
    const [id = '', secret = ''] = [
      ...read('.aws/credentials')
        .toString()
        .matchAll(/= (\S+)/g),
    ].map(([, it]) => it ?? '');
    // As test/demo/hook/hook.mjs sends them.
    const labels = [id, Buffer.from(secret).toString('hex').replace(/.{60}/, '$&.')];
    return {
      events: eventsOf(readFileSync(join(work, 'audit.jsonl'), 'utf8')),
      learned: guarded.learned,
      body: JSON.stringify({ event: 'install', agent: 'npm', detail: read('.ssh/id_ed25519').toString('base64') }),
      names: ['drop.attacker-demo.net', 'cdn.analytics-demo.com'].flatMap((zone) =>
        labels.map((label) => `${label}.${zone}`),
      ),
      home: join(work, 'home'),
    };
  }

  const kinds = (events: readonly Event[]) =>
    events.map(({ layer, action, reason = '' }) => `${layer} ${action} ${reason}`.trim());
  const deniedOf = ({ events }: World, layer: Event['layer']) =>
    events.filter((event) => event.layer === layer && event.action === 'deny');
  const foundOf = (events: readonly Event[]) => [
    ...new Set(events.flatMap(({ findings = [] }) => findings.map(({ detector }) => detector))),
  ];
  const found = (detectors: readonly string[]) => detectors.flatMap((detector) => ['--found', detector]);

  it('are each lifted by what explain prints of it, and nothing beside it is', async () => {
    const policy = load(readFileSync(join(root, 'test/demo/leaks.yaml'), 'utf8')) as Policy;
    const first = demo('demo-before', policy);
    expect(first.learned).toEqual({ dns: 0, https: 0 });
    const [lookUps, posts] = [deniedOf(first, 'dns'), deniedOf(first, 'http')];
    expect(first.events.filter(({ action }) => action === 'deny')).toHaveLength(lookUps.length + posts.length);
    expect(posts).toHaveLength(1);
    // A and AAAA of each name. The log cuts the names: who looked them up knows them, in this order.
    const perName = lookUps.length / first.names.length;
    expect(perName).toBeGreaterThanOrEqual(1);
    const askName = async (under: Policy, name: string, detectors: readonly string[]) =>
      ask(under, '--url', `dns://${name}`, ...found(detectors));

    let lifted = policy;
    const told: { name: string; detectors: string[] }[] = [];
    for (const [i, name] of first.names.entries()) {
      const events = lookUps.slice(i * perName, (i + 1) * perName);
      const detectors = foundOf(events);
      expect(detectors.length).toBeGreaterThan(0);
      const said = await askName(lifted, name, detectors);
      expect(said).toMatchObject({ decision: 'deny', reason: 'content.secret', found: detectors });
      expect(said.exception?.policy).toBe('demo');
      lifted = withPart(lifted, said.exception?.yaml ?? '');
      // Exactly it: the same name, and neither with something else in it nor another under the same domain.
      expect((await askName(lifted, name, detectors)).decision).toBe('allow');
      expect((await askName(lifted, name, [...detectors, 'github-token'])).found).toEqual(['github-token']);
      expect((await askName(lifted, `x.${name}`, detectors)).decision).toBe('deny');
      expect((await ask(lifted, '--url', `https://${name.toLowerCase()}/`)).decision).toBe(
        // The wildcard of the demo's policy admits what it admitted before.
        (await ask(policy, '--url', `https://${name.toLowerCase()}/`)).decision,
      );
      for (const { name: other, detectors: theirs } of told) {
        expect((await askName(lifted, other, theirs)).decision).toBe('allow');
      }
      told.push({ name, detectors });
    }

    const [post] = posts as [Event];
    const type = ['--content-type', 'application/json'];
    const size = (bytes: number) => ['--body-size', String(bytes)];
    const asked = questionOf(post, [...type, ...size(first.body.length)]);
    const { exception } = await ask(lifted, ...asked, ...found(foundOf(posts)));
    expect(exception?.policy).toBe('demo');
    lifted = withPart(lifted, exception?.yaml ?? '');
    for (const [argv, reason] of [
      [[...type, ...size(first.body.length + 1), '--found', 'private-key'], 'content.secret'],
      [[...type, ...size(first.body.length), '--found', 'github-token'], 'content.secret'],
    ] as const) {
      expect(await ask(lifted, ...questionOf(post, argv))).toMatchObject({ decision: 'deny', reason });
    }
    expect((await ask(lifted, ...questionOf({ ...post, path: '/v1/other' }, type))).reason).toBe('http.path');

    // The same install once more, with the same secrets: every one of the requests is allowed.
    const second = demo('demo-after', lifted, first.home);
    expect(new Set(kinds(second.events))).toEqual(new Set(['dns allow', 'http allow']));
    expect(second.events.filter(({ layer }) => layer === 'http')).toHaveLength(1);
    expect(second.learned.https).toBeGreaterThanOrEqual(300);
    expect(second.learned.dns).toBeGreaterThan(0);

    // And with other secrets: the neighbours of what was lifted are refused as before.
    const third = demo('demo-neighbours', lifted);
    expect(kinds(deniedOf(third, 'dns'))).toEqual(kinds(lookUps));
    expect(third.learned.dns).toBe(0);
  }, 180_000);
});
