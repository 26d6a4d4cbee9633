import { expect, test } from 'vitest';
import { main } from '../../../sidecar/netfilter/main.ts';
import { inNamespace } from './namespace.ts';

/** 11 packets over IPv4 and 10 over IPv6: see probes.ts. */
const ATTEMPTS = 21;

test('a pod: what left before the init container leaves no more; what is marked does; the rest arrives at us', () => {
  const result = inNamespace('pod.ts') as Record<string, Record<string, never>>;
  expect(result.reachable).toEqual(['sink', 'sink']);
  // The control: without rules the same attempts arrive.
  expect(result.before).toMatchObject({ inbound: { app: 'pod', metrics: 'pod' } });
  const { attempts, arrived } = result.before as unknown as Record<string, Record<string, number>>;
  expect(attempts).toEqual({ sent: ATTEMPTS });
  expect(arrived?.v4).toBeGreaterThanOrEqual(11);
  expect(arrived?.v6).toBeGreaterThanOrEqual(10);

  expect(result.init).toEqual({
    status: 0,
    lines: [
      {
        time: expect.any(String),
        component: 'netfilter',
        ready: true,
        ipv6: 'required',
        dropped: ATTEMPTS,
        impossible: 0,
      },
    ],
  });
  expect(result.after).toEqual({ attempts: { dropped: ATTEMPTS }, arrived: { v4: 0, v6: 0 } });
  expect(result.marked).toEqual({ v4: 'sink', v6: 'sink' });
  expect(result.rebound).toBe('EPERM');
  expect(result.redirected).toEqual({
    v4: { address: '203.0.113.1', port: 7777 },
    v6: { address: '2001:db8:1::1', port: 7777 },
  });
  expect(result.dns).toEqual(['203.0.113.1', '127.0.0.53', '2001:db8:1::1']);
  expect(result.dnsTcp).toEqual({ address: '203.0.113.1', port: 53 });
  expect(result.redirectedArrived).toEqual({ v4: 0, v6: 0 });
  expect(result.inbound).toEqual({ app: 'no answer', metrics: 'pod' });
});

test('main says what is wrong with its settings, in one line, and fails', async () => {
  const lines: string[] = [];
  expect(await main({ WEIR_MARK: '0' }, (line) => lines.push(line))).toBe(1);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    ready: false,
    error: 'WEIR_MARK must be a whole number from 1 to 4294967295, not "0"',
  });
});
