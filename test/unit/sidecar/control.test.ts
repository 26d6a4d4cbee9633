import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonicalHash } from '../../../crds/canonical.ts';
import { MAX_REPORT_BYTES, MAX_REPORT_EVENTS, type ReportBatch } from '../../../crds/control.ts';
import type { Event, RuntimePolicy } from '../../../crds/runtime.ts';
import { BURST_LINES } from '../../../sidecar/audit/limiter.ts';
import { DENY_ALL, readAnswer } from '../../../sidecar/control/answer.ts';
import { Backoff, FIRST_WAIT_MS, LONGEST_WAIT_MS } from '../../../sidecar/control/backoff.ts';
import { type ControlAnswer, ControlError, type ControlRequest } from '../../../sidecar/control/connection.ts';
import { ControlPolicies, type ControlStatus } from '../../../sidecar/control/policies.ts';
import { MAX_WAITING_EVENTS, Reports } from '../../../sidecar/control/reports.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-control-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function policy(name: string): RuntimePolicy {
  const { hash: _, ...rest } = DENY_ALL;
  const named = { ...rest, policies: [name] };
  return { ...named, hash: canonicalHash(named) };
}

const answerText = (of: RuntimePolicy, more: object = {}): string =>
  JSON.stringify({ schema: 1, policy: of, life: 'First', ...more });

type Step = ControlAnswer | Error;
const answer = (status: number, text = '', retryAfter?: number): ControlAnswer => ({
  status,
  retryAfter,
  body: Buffer.from(text),
});

/** The other side of the wire as a transcript: answers in order, then silence. */
function transcript(steps: Step[]) {
  const asked: ControlRequest[] = [];
  let reconnects = 0;
  let over: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    over = resolve;
  });
  return {
    asked,
    done,
    reconnects: () => reconnects,
    control: {
      address: 'https://10.96.0.1:443 (weir.test)',
      reconnect: () => {
        reconnects++;
      },
      request: async (request: ControlRequest): Promise<ControlAnswer> => {
        asked.push(request);
        const step = steps.shift();
        if (step === undefined) {
          over();
          return new Promise<ControlAnswer>(() => {});
        }
        if (step instanceof Error) throw step;
        return step;
      },
    },
  };
}

describe('an answer', () => {
  test('is taken when the policy is the one of its hash', () => {
    expect(readAnswer(answerText(policy('a')))).toMatchObject({ ok: true, answer: { life: 'First' } });
  });

  test.each([
    ['no JSON', 'nonsense', 'not JSON'],
    ['no object', '7', 'no object'],
    ['another schema of the API', answerText(policy('a'), { schema: 2 }), 'speaks schema 2, this sidecar 1'],
    ['no policy', answerText(policy('a'), { policy: null }), 'no policy'],
    ['no hash', answerText({ ...policy('a'), hash: '../x' }), 'no hash'],
    ['a policy that was changed', answerText({ ...policy('a'), mode: 'Audit' }), 'not the one that its hash is of'],
    ['no life', answerText(policy('a'), { life: 'Next' }), 'which life'],
  ])('is refused with %s', (_, text, problem) => {
    expect(readAnswer(text)).toEqual({ ok: false, denies: false, problem: expect.stringContaining(problem) });
  });

  test('of a policy schema that nobody knows denies', () => {
    const strange = answerText({ ...policy('a'), schema: 2 as 1 });
    expect(readAnswer(strange)).toMatchObject({ ok: false, denies: true, hash: policy('a').hash });
  });

  test('whose rules cannot be prepared is refused', () => {
    const { hash: _, ...rest } = { ...policy('a'), rules: [{ id: 'x' }] as unknown as RuntimePolicy['rules'] };
    const bad = { ...rest, hash: canonicalHash(rest) };
    expect(readAnswer(answerText(bad))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('cannot be used'),
    });
  });
});

describe('ControlPolicies', () => {
  const run = async (steps: Step[]) => {
    const wire = transcript(steps);
    const changes: string[] = [];
    const policies = new ControlPolicies({
      control: wire.control,
      file: path.join(directory, 'policy.json'),
      onChange: ({ connected, problem }: ControlStatus) => changes.push(connected ? 'connected' : `away: ${problem}`),
      onUnkept: (error) => changes.push(`not kept: ${error.message}`),
      random: () => 0,
    });
    const seen: string[] = [];
    policies.subscribe(({ policies: names }) => seen.push(names.join()));
    void policies.run();
    await wire.done;
    policies.stop();
    return { ...wire, policies, changes, seen };
  };

  test('gives each policy once, says what it has, keeps the last', async () => {
    const [a, b] = [policy('a'), policy('b')];
    const steps = [answer(200, answerText(a)), answer(304), answer(200, answerText(b)), answer(200, answerText(b))];
    const { asked, policies, seen } = await run(steps);
    expect(seen).toEqual(['a', 'b']);
    expect(asked.map(({ path: target }) => target)).toEqual([
      '/v1/policy',
      `/v1/policy?have=${a.hash}`,
      `/v1/policy?have=${a.hash}`,
      `/v1/policy?have=${b.hash}`,
      `/v1/policy?have=${b.hash}`,
    ]);
    expect(policies.current).toEqual(b);
    expect(await policies.first()).toBe('First');
    expect(readFileSync(path.join(directory, 'policy.json'), 'utf8')).toBe(answerText(b));
  });

  test('goes on with what it has, and says so once', async () => {
    const steps = [
      answer(200, answerText(policy('a'))),
      new ControlError('refused'),
      answer(503),
      new ControlError('x'),
    ];
    const { changes, policies, seen, reconnects } = await run([...steps, answer(304)]);
    expect(seen).toEqual(['a']);
    expect(policies.current.policies).toEqual(['a']);
    expect(changes).toEqual(['connected', 'away: https://10.96.0.1:443 (weir.test): refused', 'connected']);
    expect(reconnects()).toBe(2);
  });

  test('says nothing of a poll that its own end ended', async () => {
    const { policies, changes } = await run([answer(200, answerText(policy('a')))]);
    const ended = new ControlPolicies({
      control: {
        address: 'https://10.96.0.1:443 (weir.test)',
        reconnect: () => {},
        request: () => {
          ended.stop();
          return Promise.reject(new ControlError('The client is destroyed'));
        },
      },
      file: path.join(directory, 'policy.json'),
      onChange: ({ connected }: ControlStatus) => changes.push(`ended: ${connected}`),
      onUnkept: (error) => changes.push(`not kept: ${error.message}`),
    });
    await ended.run();
    expect(changes).toEqual(['connected']);
    expect(ended.current).toEqual(policies.current);
  });

  test('begins with what was kept, which says that this is a later life', async () => {
    writeFileSync(path.join(directory, 'policy.json'), answerText(policy('kept')));
    const { policies, asked } = await run([new ControlError('away')]);
    expect(policies.current.policies).toEqual(['kept']);
    expect(await policies.first()).toBe('Later');
    expect(asked[0]?.path).toBe(`/v1/policy?have=${policy('kept').hash}`);
  });

  test.each(['', 'torn {"schema":1,', answerText({ ...policy('a'), mode: 'Audit' })])(
    'does not begin with what is not whole: %s',
    async (text) => {
      writeFileSync(path.join(directory, 'policy.json'), text);
      const { policies, asked } = await run([]);
      expect(policies.hasPolicy).toBe(false);
      expect(policies.current).toBe(DENY_ALL);
      expect(asked[0]?.path).toBe('/v1/policy');
    },
  );

  test('denies everything under a policy of an unknown schema, until one comes that it knows', async () => {
    const strange = answer(200, answerText({ ...policy('b'), schema: 2 as 1 }));
    const { seen } = await run([answer(200, answerText(policy('a'))), strange, answer(200, answerText(policy('c')))]);
    expect(seen).toEqual(['a', '', 'c']);
  });

  test('is not ready with nothing but a policy of an unknown schema', async () => {
    const { policies, changes } = await run([answer(200, answerText({ ...policy('b'), schema: 2 as 1 }))]);
    expect(policies.hasPolicy).toBe(false);
    expect(changes[0]).toContain('the policy is of schema 2, this sidecar knows 1');
  });

  test('waits as long as it is asked to, on a new connection when it is told to ask at once', async () => {
    const began = performance.now();
    const { reconnects } = await run([answer(429, '{"error":"busy"}', 1), answer(503, '', 0)]);
    expect(performance.now() - began).toBeGreaterThan(1000);
    expect(reconnects()).toBe(1);
  });
});

describe('Backoff', () => {
  test('doubles to a bound, by chance down to the half, and begins anew', () => {
    const waits = (random: number) => {
      const backoff = new Backoff(() => random);
      return Array.from({ length: 20 }, () => backoff.next());
    };
    expect(waits(1).slice(0, 3)).toEqual([FIRST_WAIT_MS, 2 * FIRST_WAIT_MS, 4 * FIRST_WAIT_MS]);
    expect(Math.max(...waits(1))).toBe(LONGEST_WAIT_MS);
    expect(waits(0)[0]).toBe(FIRST_WAIT_MS / 2);
    const backoff = new Backoff(() => 1);
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(FIRST_WAIT_MS);
  });
});

describe('Reports', () => {
  /** Denials of ever new domains: the limiter has its own tests. */
  const event = (index: number, more: Partial<Event> = {}): Event => ({
    time: '2026-01-01T00:00:00.000Z',
    id: String(index).padStart(16, '0'),
    action: 'deny',
    layer: 'http',
    reason: 'host.not-allowed',
    host: `h${index}.d${index % 60}.example`,
    ...more,
  });
  const batches = (asked: readonly ControlRequest[]): ReportBatch[] => asked.map(({ body }) => JSON.parse(body ?? ''));

  test('sends what was denied, in batches within both bounds, and nothing of what passed', async () => {
    const wire = transcript(Array.from({ length: 8 }, () => answer(204)));
    const reports = new Reports({ control: wire.control, gatherMs: 0 });
    const { reason: _, ...passed } = event(0);
    reports.add({ ...passed, action: 'allow' });
    const count = 60 * 20;
    for (let index = 0; index < count; index++) reports.add(event(index, { detail: 'd'.repeat(200) }));
    expect(reports.counts().waiting).toBe(count);
    await reports.flush(5000);
    const sent = batches(wire.asked);
    expect(sent.flatMap(({ events }) => events)).toHaveLength(count);
    for (const { events } of sent) expect(events.length).toBeLessThanOrEqual(MAX_REPORT_EVENTS);
    for (const { body } of wire.asked) expect(Buffer.byteLength(body ?? '')).toBeLessThanOrEqual(MAX_REPORT_BYTES);
    expect(reports.counts()).toEqual({ sent: count, dropped: 0, waiting: 0 });
  });

  test('drops beyond the bound of the queue, counts, and tells how many', async () => {
    const wire = transcript(Array.from({ length: 9 }, () => answer(204)));
    const reports = new Reports({ control: wire.control, gatherMs: 0 });
    const count = MAX_WAITING_EVENTS + 300;
    // As many domains of as many layers as make the queue the bound, and not the limiter.
    for (let index = 0; index < count; index++) {
      reports.add(
        event(index, { layer: (['http', 'dns', 'tls', 'tcp'] as const)[Math.floor(index / 60) % 4] as Event['layer'] }),
      );
    }
    expect(reports.counts()).toMatchObject({ waiting: MAX_WAITING_EVENTS, dropped: 300 });
    await reports.flush(5000);
    expect(batches(wire.asked).map(({ dropped }) => dropped)).toEqual([300, 0, 0, 0]);
  });

  test('a flood of one kind is a few lines and a count', async () => {
    const wire = transcript(Array.from({ length: 9 }, () => answer(204)));
    const reports = new Reports({ control: wire.control });
    for (let index = 0; index < 5000; index++) reports.add(event(index, { host: 'evil.example' }));
    await reports.flush(5000);
    const events = batches(wire.asked).flatMap((batch) => batch.events);
    expect(events.length).toBeLessThanOrEqual(BURST_LINES + 1);
    expect(events.reduce((sum, { repeated = 1 }) => sum + repeated, 0)).toBe(5000);
  });

  test('sends the same batch again after 429, in its time; gives up what is refused', async () => {
    const wire = transcript([answer(429, '', 1), answer(204), answer(413), answer(204)]);
    const reports = new Reports({ control: wire.control, gatherMs: 0, random: () => 0 });
    void reports.run();
    const began = performance.now();
    reports.add(event(1));
    await expect.poll(() => reports.counts().sent, { timeout: 5000 }).toBe(1);
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(wire.asked[0]?.body).toBe(wire.asked[1]?.body);
    reports.add(event(2));
    await expect.poll(() => reports.counts().dropped, { timeout: 5000 }).toBe(1);
    reports.add(event(3));
    await expect.poll(() => reports.counts().sent, { timeout: 5000 }).toBe(2);
    expect(batches(wire.asked).map(({ dropped }) => dropped)).toEqual([0, 0, 0, 1]);
    await reports.flush(100);
  });

  test('the last words take no longer than they may', async () => {
    const wire = transcript([]);
    const reports = new Reports({ control: wire.control });
    reports.add(event(1));
    const began = performance.now();
    await reports.flush(200);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
