import { describe, expect, test } from 'vitest';
import type { Event, RuntimeRule } from '../../../crds/runtime.ts';
import { Counters } from '../../../sidecar/audit/counters.ts';
import { DENY_ALL } from '../../../sidecar/control/answer.ts';
import { MAX_RULE_SERIES, metricsOf, OTHER_RULES, RuleCounters } from '../../../sidecar/metrics/collect.ts';
import { render } from '../../../sidecar/metrics/render.ts';
import { rounded, SNAPSHOT_MS, Snapshot } from '../../../sidecar/metrics/snapshot.ts';
import { Budgets } from '../../../sidecar/policy/index.ts';

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
          relays: { open: busy, halfClosed: busy },
          memory: { used: busy, max: 9, waiting: busy, refused: busy },
          names: { addresses: busy, seen: busy },
          expansions: busy,
          sent: { hosts: busy, domains: busy, texts: busy },
          patterns: { taken: 1, refused: [] },
          thread: {
            isRunning: busy > 3,
            bodies: busy,
            rings: busy,
            decoderBytes: busy,
            heapBytes: busy,
            failures: busy,
          },
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
        heap: { used: busy, full: 9 },
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
      heap: { used: 1, full: 2 },
    });
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    expect(render(metrics)).not.toContain('secret-');
    expect(render(metrics)).toContain('weir_budgets_lost 1');
  });
});
