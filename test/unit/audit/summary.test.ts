import { describe, expect, it } from 'vitest';
import type { Event } from '../../../crds/runtime.ts';
import { Counters } from '../../../sidecar/audit/counters.ts';
import { elapsedMs, newId, timestamp } from '../../../sidecar/audit/event.ts';
import { DEFAULT_WIDTH, MAX_GROUPS, MAX_ROWS, MIN_WIDTH, Summary } from '../../../sidecar/audit/summary.ts';

function event(more: Partial<Event> = {}): Event {
  return { time: '2026-11-25T00:00:00.000Z', id: 'x', action: 'deny', layer: 'http', reason: 'http.method', ...more };
}

function tableOf(events: readonly Event[], width?: number): string {
  const summary = new Summary();
  for (const one of events) summary.add(one);
  return summary.table(width);
}

describe('Summary', () => {
  it('says nothing when nothing was denied', () => {
    expect(tableOf([])).toBe('');
    expect(tableOf([event({ action: 'allow' })])).toBe('');
  });

  it('names the type of a query that was read, and no other', () => {
    const query = event({ layer: 'dns', reason: 'dns.malformed' });
    expect(
      tableOf([query, { ...query, queryType: 'TXT' }])
        .split('\n')
        .slice(2, 4),
    ).toEqual([expect.stringMatching(/^1 {2}DNS {6}/), expect.stringMatching(/^1 {2}DNS TXT {2}/)]);
  });

  it('groups, counts and sorts', () => {
    const put = event({ method: 'PUT', host: 'registry.example.com', port: 443, rule: 'web/npm' });
    const name = event({ layer: 'dns', queryType: 'A', host: 'evil.example', reason: 'dns.name' });
    const secret = event({
      method: 'POST',
      host: 'metrics.example.com',
      port: 8443,
      rule: 'web/metrics',
      reason: 'content.secret',
      findings: [{ detector: 'jwt', channel: 'http.body', place: '', decoding: [], offset: 0, homeHosts: [] }],
    });
    expect(
      tableOf([name, { ...name, queryType: 'AAAA' }, put, put, put, secret, event({ ...name, action: 'would-deny' })]),
    ).toBe(
      [
        'weir: denied 6, would have denied 1',
        '   WHAT  WHERE                     REASON                    RULE',
        '3  PUT   registry.example.com      http.method               web/npm',
        '2  DNS   evil.example              dns.name                  -',
        '1  DNS   evil.example              dns.name (passed: Audit)  -',
        '1  POST  metrics.example.com:8443  content.secret [jwt]      web/metrics',
      ].join('\n'),
    );
  });

  it('keeps to the width, down to the narrowest', () => {
    const wide = event({
      method: 'PROPFIND',
      host: `${'a'.repeat(60)}.example.com`,
      rule: `${'p'.repeat(60)}/${'r'.repeat(60)}`,
    });
    for (const width of [200, DEFAULT_WIDTH, 60, MIN_WIDTH, 10]) {
      const lines = tableOf([wide], width).split('\n');
      expect(lines).toHaveLength(3);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(Math.max(width, MIN_WIDTH));
    }
    expect(tableOf([wide], 60)).toContain('…');
  });

  it('shows a bounded number of rows and counts the rest', () => {
    const events = Array.from({ length: MAX_ROWS + 1 }, (_, i) => event({ host: `h${i}.example` }));
    expect(tableOf(events.slice(0, MAX_ROWS)).split('\n')).toHaveLength(MAX_ROWS + 2);
    expect(tableOf(events).split('\n').at(-1)).toBe('and 1 more, in the audit log');
  });

  it('tells a bounded number of groups apart', () => {
    const events = Array.from({ length: MAX_GROUPS + 5 }, (_, i) => event({ host: `h${i}.example` }));
    const lines = tableOf([...events, ...events]).split('\n');
    expect(lines[0]).toBe(`weir: denied ${2 * (MAX_GROUPS + 5)}`);
    expect(lines.at(-1)).toBe(`and ${2 * (MAX_GROUPS + 5) - 2 * MAX_ROWS} more, in the audit log`);
  });

  it('lets no denied name drive the terminal', () => {
    expect(tableOf([event({ host: 'a\x1b[2Jb\n.example', method: 'GET' })])).toContain('a?[2Jb?.example');
  });
});

describe('Counters', () => {
  it('count by action, layer and reason', () => {
    const counters = new Counters();
    counters.add(event());
    counters.add(event());
    counters.add({ time: '', id: '', action: 'allow', layer: 'dns' });
    expect(counters.snapshot()).toEqual([
      { action: 'allow', layer: 'dns', reason: 'none', count: 1 },
      { action: 'deny', layer: 'http', reason: 'http.method', count: 2 },
    ]);
    expect(counters.total()).toBe(3);
    expect(counters.total({ action: 'deny' })).toBe(2);
    expect(counters.total({ action: 'deny', reason: 'content.secret' })).toBe(0);
  });

  it('gives out copies', () => {
    const counters = new Counters();
    counters.add(event());
    for (const counted of counters.snapshot()) counted.count = 99;
    expect(counters.total()).toBe(1);
  });
});

describe('event fields', () => {
  it('are an id of 16 hex digits, a UTC time and a duration in milliseconds', () => {
    expect(newId()).toMatch(/^[0-9a-f]{16}$/);
    expect(newId()).not.toBe(newId());
    expect(timestamp(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(timestamp()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(elapsedMs(1, 2.23456)).toBe(1.235);
    expect(elapsedMs(performance.now())).toBeGreaterThanOrEqual(0);
  });
});
