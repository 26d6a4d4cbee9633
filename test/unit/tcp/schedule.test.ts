import { describe, expect, test } from 'vitest';
import { ATTEMPT_DELAY_MS, interleave, MAX_ATTEMPTS, Schedule } from '../../../sidecar/tcp/schedule.ts';

describe('interleave', () => {
  test('takes the families in turn, IPv6 first, in the given order', () => {
    expect(interleave(['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2'])).toEqual([
      '2001:db8::1',
      '192.0.2.1',
      '2001:db8::2',
      '192.0.2.2',
      '192.0.2.3',
    ]);
  });

  test('leaves out repeats and what is no address', () => {
    expect(interleave(['2001:DB8:0::1', '2001:db8::1', 'example.org', '0177.1'])).toEqual(['2001:db8::1']);
  });

  test('takes MAX_ATTEMPTS, and not one more', () => {
    const many = Array.from({ length: MAX_ATTEMPTS + 1 }, (_, i) => `192.0.2.${i}`);
    expect(interleave(many.slice(0, MAX_ATTEMPTS))).toHaveLength(MAX_ATTEMPTS);
    expect(interleave(many)).toEqual(many.slice(0, MAX_ATTEMPTS));
  });
});

describe('Schedule', () => {
  test('starts the next attempt when the delay is over', () => {
    const schedule = new Schedule(['192.0.2.1', '2001:db8::1']);
    expect(schedule.next(1000)).toEqual({ do: 'attempt', address: '2001:db8::1' });
    expect(schedule.next(1000)).toEqual({ do: 'wait', ms: ATTEMPT_DELAY_MS });
    expect(schedule.next(1000 + ATTEMPT_DELAY_MS - 1)).toEqual({ do: 'wait', ms: 1 });
    expect(schedule.next(1000 + ATTEMPT_DELAY_MS)).toEqual({ do: 'attempt', address: '192.0.2.1' });
    expect(schedule.next(1000 + ATTEMPT_DELAY_MS)).toEqual({ do: 'idle' });
  });

  test('does not wait after a failure, and gives up when all have failed', () => {
    const schedule = new Schedule(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
    schedule.next(0);
    schedule.failed();
    expect(schedule.next(1)).toEqual({ do: 'attempt', address: '192.0.2.2' });
    expect(schedule.next(1)).toEqual({ do: 'wait', ms: ATTEMPT_DELAY_MS });
    expect(schedule.next(251)).toEqual({ do: 'attempt', address: '192.0.2.3' });
    schedule.failed();
    expect(schedule.next(252)).toEqual({ do: 'idle' });
    schedule.failed();
    expect(schedule.next(252)).toEqual({ do: 'give-up' });
  });

  test('has nothing to try without an address', () => {
    expect(new Schedule(['example.org']).next(0)).toEqual({ do: 'give-up' });
  });
});
