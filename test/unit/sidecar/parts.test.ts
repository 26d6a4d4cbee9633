/** The small parts of the sidecar: readiness, heartbeat, metrics, Secrets, and the authority over restarts. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KNOWN_SECRET_DEFAULTS } from '../../../crds/known-secrets.ts';
import type { Event, RuntimePolicy, RuntimeRule } from '../../../crds/runtime.ts';
import { Counters } from '../../../sidecar/audit/counters.ts';
import { DENY_ALL } from '../../../sidecar/control/answer.ts';
import { Heartbeat } from '../../../sidecar/heartbeat.ts';
import type { KnownSecretsReport } from '../../../sidecar/inspect/index.ts';
import { MAX_RULE_SERIES, metricsOf, OTHER_RULES, RuleCounters } from '../../../sidecar/metrics/collect.ts';
import { render } from '../../../sidecar/metrics/render.ts';
import { rounded, SNAPSHOT_MS, Snapshot } from '../../../sidecar/metrics/snapshot.ts';
import { Budgets, fixedPolicy } from '../../../sidecar/policy/index.ts';
import { Readiness } from '../../../sidecar/readiness.ts';
import { MAX_VALUE_BYTES, readSecrets, SERVICE_ACCOUNT, secretsVersion } from '../../../sidecar/secrets/files.ts';
import { knownSecrets } from '../../../sidecar/secrets/known.ts';
import { watchSecrets } from '../../../sidecar/secrets/watch.ts';
import { authorityIn, writeTrust } from '../../../sidecar/trust-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-parts-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, value: string | Buffer): void => {
  mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
  writeFileSync(path.join(directory, name), value);
};

describe('Readiness', () => {
  test('says why not, then that it is; whoever asks later hears at once', async () => {
    const file = path.join(directory, 'ready.sock');
    writeFileSync(file, 'left by an earlier life');
    const readiness = await Readiness.listen(file);
    const probe = net.connect(file);
    let heard = '';
    probe.on('data', (chunk) => {
      heard += chunk;
    });
    await once(probe, 'data');
    readiness.waitFor('no policy');
    readiness.ready();
    await once(probe, 'close');
    const states = heard
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(states).toEqual([
      { ready: false, reason: 'the sidecar is starting' },
      { ready: false, reason: 'no policy' },
      { ready: true },
    ]);
    const later = net.connect(file);
    expect(String((await once(later, 'data'))[0])).toBe('{"ready":true}\n');
    readiness.close();
  });
});

describe('Heartbeat', () => {
  test('ends with the first test that fails', async () => {
    let beats = 0;
    const heartbeat = new Heartbeat(async () => {
      if (++beats === 3) throw new Error('it does not hold');
    }, 0.01);
    const keepAlive = setInterval(() => {}, 1000);
    await expect(heartbeat.run()).rejects.toThrow('it does not hold');
    clearInterval(keepAlive);
    expect(beats).toBe(3);
    expect(heartbeat.last).toBeGreaterThan(1.7e9);
  });
});

describe('metrics', () => {
  const event = (rule: string): Event => ({
    time: '',
    id: '',
    action: 'deny',
    layer: 'http',
    reason: 'http.path',
    rule,
  });

  test('rules beyond the bound are one series', () => {
    const rules = new RuleCounters();
    for (let index = 0; index < MAX_RULE_SERIES + 9; index++) rules.add(event(`p/r${index}`));
    const samples = rules.samples();
    expect(samples).toHaveLength(MAX_RULE_SERIES + 1);
    expect(samples.at(-1)).toEqual({ labels: { rule: OTHER_RULES, action: 'deny' }, value: 9 });
  });

  test('are text that Prometheus reads', () => {
    const labels = { rule: 'a"b\\c\nd' };
    const text = render([
      {
        name: 'x_total',
        type: 'counter',
        help: 'What.',
        samples: [{ labels, value: 2 }, { value: Number.POSITIVE_INFINITY }],
      },
    ]);
    expect(text).toBe('# HELP x_total What.\n# TYPE x_total counter\nx_total{rule="a\\"b\\\\c\\nd"} 2\nx_total +Inf\n');
  });

  test('what the workload moves is shown every 15 s at most, with two digits; the rest as it is', () => {
    let now = 0;
    const snapshot = new Snapshot(() => now);
    const counted = (value: number) => {
      const metrics = [
        { name: 'driven', type: 'counter' as const, help: '', samples: [{ value }], moved: true as const },
        { name: 'own', type: 'gauge' as const, help: '', samples: [{ value }] },
      ];
      return snapshot.of(metrics).map(({ samples }) => samples[0]?.value);
    };
    expect(counted(1239)).toEqual([1200, 1239]);
    for (now = 1; now < SNAPSHOT_MS; now += 499) expect(counted(1239 + now)).toEqual([1200, 1239 + now]);
    now = SNAPSHOT_MS;
    expect(counted(98_765)).toEqual([98_000, 98_765]);
    expect(SNAPSHOT_MS).toBeGreaterThanOrEqual(15_000);
  });

  test('rounded values have few digits, and a counter never falls', () => {
    const shown = Array.from({ length: 30_000 }, (_, value) => rounded(value));
    expect(new Set(shown.slice(10_000)).size).toBe(20);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect([0, 7, 99, 100, 101, 999, 1e15 + 1, Number.POSITIVE_INFINITY].map(rounded)).toEqual([
      0,
      7,
      99,
      100,
      100,
      990,
      1e15,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test('every value that grows with events, connections, names or bytes of the workload is one of those', () => {
    const of = (busy: number) => {
      const counters = new Counters();
      const rules = new RuleCounters();
      for (let index = 0; index < busy; index++) {
        counters.add(event('p/r'));
        rules.add(event('p/r'));
      }
      const budgets = new Budgets();
      const limited = { id: 'p/r', limits: { requests: 1000, uploadSize: 1000 } } as unknown as RuntimeRule;
      budgets.charge(limited, 'requests', busy);
      return metricsOf({
        counters,
        rules,
        policy: { ...DENY_ALL, rules: [limited] },
        control: { connected: true, failures: busy, confirmed: 0, changed: 0 },
        reports: { sent: busy, dropped: busy, waiting: busy },
        plane: {
          connections: { active: busy, refused: busy },
          memory: { used: busy, max: 9, waiting: busy, refused: busy },
          names: { addresses: busy, seen: busy },
          expansions: busy,
          sent: { hosts: busy, domains: busy, texts: busy },
          patterns: { taken: 1, refused: [] },
          cutOff: false,
          budgets,
        },
        nameservers: 1,
        state: { lost: false, accounts: busy, nameBytes: busy },
        secrets: { taken: 1, refused: 0 },
        logDropped: busy,
        heartbeat: 1,
        started: 1,
        rssBytes: busy,
      });
    };
    const quiet = new Map(of(3).map((metric) => [metric.name, metric]));
    const changed = of(4).filter(
      ({ name, samples }) => JSON.stringify(quiet.get(name)?.samples) !== JSON.stringify(samples),
    );
    expect(changed.length).toBeGreaterThan(12);
    expect(changed.filter(({ moved }) => !moved).map(({ name }) => name)).toEqual([]);
  });

  test('every name once, and none of hosts, paths or detectors', () => {
    const counters = new Counters();
    counters.add({ ...event('p/r'), host: 'secret-host.example', path: '/secret-path', findings: [] });
    const metrics = metricsOf({
      counters,
      rules: new RuleCounters(),
      policy: DENY_ALL,
      control: { connected: false, failures: 0, confirmed: 0, changed: 0 },
      reports: { sent: 1, dropped: 2, waiting: 3 },
      plane: undefined,
      nameservers: 0,
      state: { lost: true, accounts: 1, nameBytes: 0 },
      secrets: { taken: 1, refused: 0 },
      logDropped: 0,
      heartbeat: 1,
      started: 1,
      rssBytes: 1,
    });
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    expect(render(metrics)).not.toContain('secret-');
    expect(render(metrics)).toContain('weir_budgets_lost 1');
  });
});

describe('Secrets', () => {
  const rules = {
    ...KNOWN_SECRET_DEFAULTS,
    exclude: [{ secretName: 'npm', keys: ['username'] }, { secretName: 'public' }],
  };

  test('are the files of the volumes, and the token, less what the policy leaves out', () => {
    write('secrets/npm/username', 'ci');
    write('secrets/npm/token', 'npm-token-value');
    write('secrets/public/x', 'x');
    write('secrets/github/token', 'github-token-value');
    write('account/token', 'eyJ');
    const { files, problems } = readSecrets(path.join(directory, 'secrets'), path.join(directory, 'account'));
    expect(problems).toEqual([]);
    const known = knownSecrets(files, rules, (secret) => secret !== 'github');
    expect(known.map(({ name, value, held }) => [name, String(value), held])).toEqual([
      ['github/token', 'github-token-value', false],
      ['npm/token', 'npm-token-value', true],
      [`${SERVICE_ACCOUNT}/token`, 'eyJ', true],
    ]);
    expect(knownSecrets(files, { ...rules, source: 'None' }, () => true)).toEqual([]);
  });

  test('none where there are no directories; one that is too large is told by name alone', () => {
    expect(readSecrets(path.join(directory, 'a'), path.join(directory, 'b'))).toEqual({ files: [], problems: [] });
    write('s/big/key', Buffer.alloc(MAX_VALUE_BYTES));
    expect(readSecrets(path.join(directory, 's'), directory).problems).toEqual([]);
    write('s/big/key', Buffer.alloc(MAX_VALUE_BYTES + 1));
    expect(readSecrets(path.join(directory, 's'), directory).problems).toEqual(['big/key: is too large']);
  });

  test('the version is the link that the kubelet swaps', () => {
    mkdirSync(path.join(directory, 's', 'one'), { recursive: true });
    const version = (): string => secretsVersion(path.join(directory, 's'), path.join(directory, 'none'));
    const swap = (target: string): void => {
      rmSync(path.join(directory, 's', 'one', '..data'), { force: true });
      symlinkSync(target, path.join(directory, 's', 'one', '..data'));
    };
    swap('..2026_1');
    const before = version();
    expect(version()).toBe(before);
    swap('..2026_2');
    expect(version()).not.toBe(before);
  });

  test('are not kept by whoever reads them, and what has no room is said', () => {
    write('secrets/npm/token', 'npm-token-value');
    let given: Buffer | undefined;
    const said: object[] = [];
    const watch = watchSecrets({
      directory: path.join(directory, 'secrets'),
      serviceAccountDirectory: path.join(directory, 'none'),
      held: new Set(),
      policySource: fixedPolicy(DENY_ALL),
      use: ([secret], minLength) => {
        expect([String(secret?.value), minLength]).toEqual(['npm-token-value', 12]);
        given = secret?.value;
        return { taken: 0, refused: [{ name: 'npm/token', bound: 'count' }], plain: [] };
      },
      replace: () => Promise.reject(new Error('nothing changed')),
      say: (_, more) => said.push(more),
    });
    watch.stop();
    expect(given?.every((byte) => byte === 0)).toBe(true);
    expect(watch.counts()).toEqual({ taken: 0, refused: 1 });
    expect(said).toEqual([{ refused: [{ name: 'npm/token', bound: 'count' }] }]);
  });

  describe('are read anew', () => {
    const report: KnownSecretsReport = { taken: 0, refused: [], plain: [] };
    const policyOf = (content: Partial<RuntimePolicy['content']>): RuntimePolicy => ({
      ...DENY_ALL,
      content: { ...DENY_ALL.content, ...content },
    });
    const watching = (replace: (minLength: number, values: string[]) => Promise<KnownSecretsReport>) => {
      let now: (policy: RuntimePolicy) => void = () => {};
      const watch = watchSecrets({
        directory: path.join(directory, 'secrets'),
        serviceAccountDirectory: path.join(directory, 'none'),
        held: new Set(),
        policySource: {
          current: DENY_ALL,
          subscribe(listener) {
            now = listener;
            return () => {};
          },
        },
        use: () => report,
        replace: async (secrets, minLength) => {
          await replace(
            minLength,
            secrets.map(({ value }) => String(value)),
          );
          return report;
        },
        say: () => {},
      });
      return { watch, change: (content: Partial<RuntimePolicy['content']>) => now(policyOf(content)) };
    };

    test('when the policy says something else of them, and not when it says something else', async () => {
      const lengths: number[] = [];
      const { watch, change } = watching(async (minLength) => {
        lengths.push(minLength);
        return report;
      });
      change({ disabledDetectors: ['jwt'] });
      change({ knownSecrets: { ...KNOWN_SECRET_DEFAULTS } });
      await setImmediate();
      expect(lengths).toEqual([]);
      for (const minLength of [20, 20, 12, 12]) {
        change({ knownSecrets: { ...KNOWN_SECRET_DEFAULTS, minLength } });
        await setImmediate();
      }
      watch.stop();
      expect(lengths).toEqual([20, 12]);
    });

    test('one time after the other, and the last change is not missed', async () => {
      write('secrets/npm/token', 'first-token-value');
      const seen: [number, string[]][] = [];
      const first = Promise.withResolvers<void>();
      const { watch, change } = watching(async (minLength, values) => {
        seen.push([minLength, values]);
        if (seen.length === 1) await first.promise;
        return report;
      });
      for (const minLength of [13, 14, 15]) {
        change({ knownSecrets: { ...KNOWN_SECRET_DEFAULTS, minLength } });
        await setImmediate();
      }
      expect(seen).toEqual([[13, ['first-token-value']]]);
      write('secrets/npm/token', 'second-token-value');
      first.resolve();
      await setImmediate();
      watch.stop();
      expect(seen.slice(1)).toEqual([[15, ['second-token-value']]]);
    });
  });
});

describe('trust', () => {
  test('the authority is the same in the next life; its key is for nobody else, its certificate for all', async () => {
    const first = await authorityIn(path.join(directory, 'private'));
    const second = await authorityIn(path.join(directory, 'private'));
    expect(second.certificatePem).toBe(first.certificatePem);
    expect(statSync(path.join(directory, 'private', 'authority.pem')).mode & 0o777).toBe(0o600);
    expect(writeTrust(path.join(directory, 'trust'), first, [])).toEqual([]);
    for (const name of ['ca.crt', 'bundle.pem', 'trust.p12']) {
      expect(statSync(path.join(directory, 'trust', name)).mode & 0o777).toBe(0o644);
    }
    expect(readFileSync(path.join(directory, 'trust', 'ca.crt'), 'utf8')).toBe(first.certificatePem);
  });
});
