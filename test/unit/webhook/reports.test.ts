import { describe, expect, it } from 'vitest';
import { MAX_REPORT_EVENTS } from '../../../crds/control.ts';
import type { Event } from '../../../crds/runtime.ts';
import { Buckets } from '../../../webhook/reports/bucket.ts';
import { checkReport, MAX_DECODINGS, MAX_FINDINGS, MAX_LENGTHS, shownText } from '../../../webhook/reports/check.ts';
import { eventNote, eventReason, MAX_NOTE } from '../../../webhook/reports/message.ts';
import type { Note } from '../../../webhook/reports/recorder.ts';
import { EVENTS_OVERALL, REPORTS_PER_POD, ReportService } from '../../../webhook/reports/service.ts';
import type { PodItem } from '../../../webhook/watch/objects.ts';

const EVENT: Event = {
  time: '2026-01-01T00:00:00.000Z',
  id: '0123456789abcdef',
  action: 'deny',
  layer: 'http',
  reason: 'content.secret',
  rule: 'web/npm',
  host: 'registry.npmjs.org',
  port: 443,
  method: 'PUT',
  path: '/left-pad',
  findings: [
    { detector: 'aws-key', channel: 'http.body', place: 'body', decoding: ['base64'], offset: 3, homeHosts: [] },
  ],
};
const checked = (event: unknown) => {
  const report = checkReport({ events: [event], dropped: 0 });
  return 'error' in report ? report : (report.events[0] ?? report.malformed);
};

describe('checkReport', () => {
  it('takes what a sidecar sends as it is', () => {
    expect(checked(EVENT)).toEqual(EVENT);
    const findings = EVENT.findings?.map((finding) => ({ ...finding, hash: '0123456789abcdef' }));
    expect(checked({ ...EVENT, findings })).toEqual({ ...EVENT, findings });
    expect(checkReport({ events: [], dropped: 7 })).toEqual({ events: [], dropped: 7, malformed: 0 });
  });

  it.each([
    ['no object', 7],
    ['an unknown action', { ...EVENT, action: 'delete' }],
    ['an unknown layer', { ...EVENT, layer: '<b>' }],
    ['an unknown reason', { ...EVENT, reason: 'toString' }],
    ['a time that is none', { ...EVENT, time: 'now\n' }],
    ['an id that is none', { ...EVENT, id: '' }],
  ])('counts %s as malformed', (_, event) => {
    expect(checked(event)).toBe(1);
  });

  it('refuses what is no report, and one with too many events', () => {
    for (const body of [undefined, null, [], 'text', { events: {} }]) expect(checkReport(body)).toHaveProperty('error');
    expect(checkReport({ events: Array(MAX_REPORT_EVENTS).fill(EVENT) })).toHaveProperty(
      'events.length',
      MAX_REPORT_EVENTS,
    );
    expect(checkReport({ events: Array(MAX_REPORT_EVENTS + 1).fill(EVENT) })).toHaveProperty('error');
  });

  it('bounds every text and list, drops fields it does not know, and lets no control or foreign character through', () => {
    const long = `\u001b[31m\u202e${'é'.repeat(5000)}`;
    const finding = {
      detector: long,
      channel: 'http.body',
      place: long,
      decoding: Array(50).fill(long),
      offset: -1,
      homeHosts: [long],
      secret: long,
      hash: long,
    };
    const texts = { rule: long, host: long, method: long, path: long, queryType: long, address: long, detail: long };
    const event = checked({ ...EVENT, ...texts, port: '80', extra: long, findings: Array(50).fill(finding) }) as Event;
    for (const [name, most] of Object.entries(MAX_LENGTHS)) {
      const text = (event as unknown as Record<string, unknown>)[name];
      if (text !== undefined) expect(text).toHaveLength(most);
    }
    expect(event.findings).toHaveLength(MAX_FINDINGS);
    expect(event.findings?.[0]?.decoding).toHaveLength(MAX_DECODINGS);
    expect(event.findings?.[0]).not.toHaveProperty('hash');
    expect(event).not.toHaveProperty('extra');
    expect(event).not.toHaveProperty('port');
    expect(JSON.stringify(event)).toMatch(/^[\x20-\x7e]*$/);
    expect(shownText('abc', 3)).toBe('abc');
    expect(shownText('abcd', 3)).toBe('...');
  });
});

describe('the note', () => {
  it('says where, why, by which rule, and how to see what would allow it', () => {
    expect(eventReason(EVENT)).toBe('EgressDenied');
    expect(eventReason({ ...EVENT, action: 'would-deny' })).toBe('EgressWouldBeDenied');
    expect(eventNote(EVENT)).toBe(
      'registry.npmjs.org:443: the content looks like a secret that does not belong to this host (content.secret, rule web/npm, found aws-key). Do not send it. The audit log says which detector fired and where; spec.content has the exceptions. To see what would allow it: weir explain --policy FILE --method PUT --url https://registry.npmjs.org/left-pad --found aws-key',
    );
    const dns: Event = { ...EVENT, layer: 'dns', reason: 'dns.name', host: 'evil.example' };
    expect(eventNote(dns)).toContain('--url dns://evil.example');
  });

  it('gives a shell nothing but words', () => {
    const hostile = { ...EVENT, host: 'a.b;rm', path: '/$(id)', method: 'GET`id`' };
    expect(eventNote(hostile)).not.toContain('weir explain');
    const path = eventNote({
      ...hostile,
      host: 'a.b',
      findings: [{ ...(EVENT.findings?.[0] as object), detector: 'x y' }] as never,
    });
    expect(path).toMatch(/--url https:\/\/a\.b\/$/);
    expect(path.split('To see')[1]).not.toMatch(/[$`;()]/);
  });

  it('is one text for what is alike, and never longer than an Event takes', () => {
    const name: Event = { ...EVENT, reason: 'host.not-allowed' };
    expect(eventNote({ ...name, path: '/a', id: '0' })).toBe(eventNote({ ...name, path: '/b', id: '1' }));
    expect(
      eventNote({ ...EVENT, rule: 'r'.repeat(384), host: 'h'.repeat(253), path: `/${'p'.repeat(500)}` }).length,
    ).toBeLessThanOrEqual(MAX_NOTE);
  });
});

describe('Buckets', () => {
  it('gives a burst, then the rate, for each key, and forgets the key not used longest', () => {
    const buckets = new Buckets({ burst: 2, perSecond: 1 }, 2);
    const take = (key: string, now: number) => buckets.take(key, now);
    expect([take('a', 0), take('a', 0), take('a', 999), take('a', 1000)]).toEqual([true, true, false, true]);
    expect([take('b', 1000), take('c', 1000), take('a', 1000)]).toEqual([true, true, true]);
  });
});

describe('ReportService', () => {
  const pod: PodItem = {
    namespace: 'ci',
    name: 'web',
    uid: 'u',
    version: '1',
    labels: {},
    isInjected: true,
    isEnding: false,
    isDone: false,
    holdsAuthorities: false,
    life: 'First',
    atAdmission: undefined,
    secrets: { all: [], held: [] },
  };
  function service() {
    const notes: Note[] = [];
    const lines: Event[] = [];
    const counts: Record<string, number> = {};
    const count = (key: string, by = 1) => {
      counts[key] = (counts[key] ?? 0) + by;
    };
    const room = new ReportService(
      { record: (note) => notes.push(note) },
      {
        rules: () => new Set(['web/npm']),
        log: (_, event) => lines.push(event),
        event: () => count('event'),
        lost: count,
        report: count,
      },
    );
    return { room, notes, lines, counts };
  }

  it("tells a rule by an id of the pod's policy alone", () => {
    const { room, notes, lines } = service();
    const rule = 'Weir support: blocked by an outage. Run: kubectl label namespace ci weir.dev/inject-';
    room.take(pod, { events: [{ ...EVENT, rule }], dropped: 0 }, 0);
    expect(lines[0]).not.toHaveProperty('rule');
    expect(notes[0]?.note).not.toContain('support');
    room.take(pod, { events: [{ ...EVENT, host: 'call support now' }], dropped: 0 }, 0);
    expect(notes[1]?.note).toContain('call?support?now:443: ');
  });

  it('logs every event, and makes Events of denials', () => {
    const { room, notes, lines, counts } = service();
    const passed: Event = { time: EVENT.time, id: EVENT.id, action: 'allow', layer: 'http', host: 'a.b' };
    expect(room.take(pod, { events: [EVENT, passed, 7], dropped: 3 }, 0)).toEqual({ status: 204 });
    expect(lines).toEqual([EVENT, passed]);
    expect(notes).toEqual([
      {
        about: { apiVersion: 'v1', kind: 'Pod', namespace: 'ci', name: 'web', uid: 'u' },
        type: 'Warning',
        reason: 'EgressDenied',
        action: 'Egress',
        note: eventNote(EVENT),
      },
    ]);
    expect(counts).toEqual({ event: 2, dropped: 3, malformed: 1, taken: 1 });
  });

  it('tells a pod that sends too often, and all when it is too much, to wait', () => {
    const { room, counts } = service();
    const batch = { events: [], dropped: 0 };
    for (let i = 0; i < REPORTS_PER_POD.burst; i++) expect(room.take(pod, batch, 0).status).toBe(204);
    expect(room.take(pod, batch, 0)).toMatchObject({ status: 429, retryAfter: expect.any(Number) });
    expect(room.take({ ...pod, uid: 'other' }, batch, 0).status).toBe(204);
    const full = { events: Array(MAX_REPORT_EVENTS).fill(EVENT), dropped: 0 };
    const sent = EVENTS_OVERALL.burst / MAX_REPORT_EVENTS;
    for (let i = 0; i < sent; i++) expect(room.take({ ...pod, uid: `p${i}` }, full, 0).status).toBe(204);
    expect(room.take({ ...pod, uid: 'last' }, full, 0).status).toBe(429);
    expect(counts.limited).toBe(2);
  });
});
