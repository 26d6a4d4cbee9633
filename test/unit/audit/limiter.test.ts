import { describe, expect, it } from 'vitest';
import type { Event } from '../../../crds/runtime.ts';
import {
  BURST_LINES,
  COUNTED_EVERY_MS,
  EventLimiter,
  LINE_EVERY_MS,
  MAX_DOMAINS,
} from '../../../sidecar/audit/limiter.ts';

let number = 0;
function event(more: Partial<Event> = {}): Event {
  return {
    time: 't',
    id: String(number++),
    action: 'deny',
    layer: 'dns',
    reason: 'dns.name',
    host: 'a.evil.com',
    ...more,
  };
}

function lines(limiter: EventLimiter, events: readonly Event[], now = 0): Event[] {
  return events.flatMap((one) => limiter.take(one, now));
}

const many = (count: number, more?: (index: number) => Partial<Event>): Event[] =>
  Array.from({ length: count }, (_, index) => event(more?.(index)));

describe('EventLimiter', () => {
  it('writes a burst as it is, then counts, over all names of a domain', () => {
    const limiter = new EventLimiter();
    const events = many(BURST_LINES + 5, (index) => ({ host: `h${index}.evil.com`, path: '/x' }));
    expect(lines(limiter, events)).toEqual(events.slice(0, BURST_LINES));
    const first = events[BURST_LINES] as Event;
    expect(limiter.counted(1)).toEqual([
      { time: 't', id: first.id, action: 'deny', layer: 'dns', reason: 'dns.name', host: 'evil.com', repeated: 5 },
    ]);
    expect(limiter.counted(2)).toEqual([]);
  });

  it('keeps layers, reasons and domains apart', () => {
    const limiter = new EventLimiter();
    lines(limiter, many(BURST_LINES + 1));
    for (const other of [{ host: 'a.other.com' }, { reason: 'dns.budget' as const }, { layer: 'http' as const }]) {
      expect(limiter.take(event(other), 0)).toHaveLength(1);
    }
    expect(limiter.take(event(), 0)).toEqual([]);
  });

  it('never counts what passed', () => {
    const { reason: _, ...passing } = event({ action: 'allow' });
    const passed = Array.from({ length: 10 * BURST_LINES }, () => passing);
    expect(lines(new EventLimiter(), passed)).toEqual(passed);
  });

  it('gives a line again after a while, behind the counted one', () => {
    const limiter = new EventLimiter();
    lines(limiter, many(BURST_LINES + 1));
    expect(limiter.take(event(), LINE_EVERY_MS)).toEqual([]);
    expect(limiter.counted(LINE_EVERY_MS)).toMatchObject([{ repeated: 2 }]);
    expect(lines(limiter, many(2), LINE_EVERY_MS)).toHaveLength(1);
    // Forgotten once it is full again.
    expect(limiter.counted(LINE_EVERY_MS * (BURST_LINES + 2))).toMatchObject([{ repeated: 1 }]);
    expect(lines(limiter, many(BURST_LINES + 1), LINE_EVERY_MS * (BURST_LINES + 2))).toHaveLength(BURST_LINES);
  });

  it('tells a bounded number of domains apart; the others share one bucket', () => {
    const limiter = new EventLimiter();
    const events = many(100 * MAX_DOMAINS, (index) => ({ host: `a.d${index}.com` }));
    expect(lines(limiter, events)).toHaveLength(MAX_DOMAINS + BURST_LINES);
    const [counted, ...rest] = limiter.counted(1);
    expect(rest).toEqual([]);
    expect(counted).not.toHaveProperty('host');
    expect(counted?.repeated).toBe(99 * MAX_DOMAINS - BURST_LINES);
  });

  it('loses no event, whatever comes when', () => {
    const limiter = new EventLimiter();
    let written = 0;
    const count = (some: readonly Event[]): void => {
      for (const { repeated } of some) written += repeated ?? 1;
    };
    for (let index = 0; index < 5000; index++) {
      count(limiter.take(event({ host: `x.d${(index * 7) % 90}.com` }), index * 40));
      if ((index * 40) % COUNTED_EVERY_MS === 0) count(limiter.counted(index * 40));
    }
    count(limiter.counted(1e9));
    expect(written).toBe(5000);
  });
});
