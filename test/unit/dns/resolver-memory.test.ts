import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MAX_LOOKUPS } from '../../../sidecar/dns/resolver.ts';
import { TYPE } from '../../../sidecar/dns/wire.ts';
import { codeOf, HOST, honest, POINTER, resolver, silent } from './resolving.ts';
import { type Behaviour, fakeServer, name, record, response, soa, u16 } from './support.ts';

describe('Resolver and its memory', () => {
  it('keeps an answer for its TTL, and counts it down', async () => {
    let now = 0;
    await using server = await fakeServer(honest);
    const caching = resolver([server], { now: () => now });
    expect((await caching.query(HOST, 'A')).ttl).toBe(30);
    now = 29_000;
    expect((await caching.query(HOST, 'A')).ttl).toBe(1);
    now = 30_000;
    expect((await caching.query(HOST, 'A')).ttl).toBe(30);
    expect(server.asked).toHaveLength(2);
  });

  it('keeps "no" for as long as the SOA says, a minute at most, and not at all without SOA', async () => {
    let now = 0;
    await using server = await fakeServer((query) => {
      const [first] = query.labels.map((label) => label.toString().toLowerCase());
      const authority =
        first === 'short' ? [soa('example.com', 300, 5)] : first === 'long' ? [soa('example.com', 900, 900)] : [];
      return [response(query, { flags: 0x8183, authority })];
    });
    const caching = resolver([server], { now: () => now });
    const askedAt = async (at: number, host: string) => {
      now = at;
      const before = server.asked.length;
      expect(await codeOf(caching.query(host, 'A'))).toBe('NXDOMAIN');
      return server.asked.length - before;
    };
    expect([
      await askedAt(0, 'short.example.com'),
      await askedAt(4999, 'short.example.com'),
      await askedAt(5000, 'short.example.com'),
    ]).toEqual([1, 0, 1]);
    expect([
      await askedAt(0, 'long.example.com'),
      await askedAt(59_999, 'long.example.com'),
      await askedAt(60_000, 'long.example.com'),
    ]).toEqual([1, 0, 1]);
    expect([await askedAt(0, 'none.example.com'), await askedAt(0, 'none.example.com')]).toEqual([1, 1]);
  });

  it('keeps a failure for a second', async () => {
    let now = 0;
    await using server = await fakeServer((query) => [response(query, { flags: 0x8182 })]);
    const caching = resolver([server], { now: () => now });
    await codeOf(caching.query(HOST, 'A'));
    await codeOf(caching.query(HOST, 'A'));
    expect(server.asked).toHaveLength(1);
    now = 1000;
    await codeOf(caching.query(HOST, 'A'));
    expect(server.asked).toHaveLength(2);
  });

  it('asks once for many who want the same, and one who gives up costs the others nothing', async () => {
    await using server = await fakeServer(async (query) => {
      await sleep(50);
      return honest(query, 'udp');
    });
    const coalescing = resolver([server], { retryMs: 500 });
    const impatient = AbortSignal.timeout(10);
    const results = await Promise.allSettled([
      coalescing.query(HOST, 'A', impatient),
      ...Array.from({ length: 20 }, () => coalescing.query(HOST, 'A')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', ...Array<string>(20).fill('fulfilled')]);
    expect(server.asked).toHaveLength(1);
    await expect(coalescing.query('new.example.com', 'A', AbortSignal.abort(new Error('gone')))).rejects.toThrow(
      'gone',
    );
  });

  it(`has ${MAX_LOOKUPS} lookups under way and fails the next at once`, async () => {
    await using server = await fakeServer(silent);
    const busy = resolver([server], { timeoutMs: 400, retryMs: 1000 });
    const lookups = Array.from({ length: MAX_LOOKUPS }, (_, i) => codeOf(busy.query(`n${i}.example.com`, 'A')));
    const started = performance.now();
    expect(await codeOf(busy.query('more.example.com', 'A'))).toBe('SERVFAIL');
    expect(performance.now() - started).toBeLessThan(200);
    expect(new Set(await Promise.all(lookups))).toEqual(new Set(['TIMEOUT']));
  });
});

describe('Resolver and the two families', () => {
  const byType =
    (types: Partial<Record<number, Behaviour>>): Behaviour =>
    (query, transport) =>
      (types[query.type] ?? silent)(query, transport);
  const servfail: Behaviour = (query) => [response(query, { flags: 0x8182 })];
  const nxdomain: Behaviour = (query) => [response(query, { flags: 0x8183 })];
  const nodata: Behaviour = (query) => [response(query)];
  const v6: Behaviour = (query) => [
    response(query, { answers: [record(POINTER, TYPE.AAAA, 20, Buffer.alloc(16, 1))] }),
  ];

  it('does not wait long for an AAAA that never comes', async () => {
    await using server = await fakeServer(byType({ [TYPE.A]: honest }));
    const started = performance.now();
    expect((await resolver([server], { timeoutMs: 3000 }).resolve(HOST)).addresses).toEqual(['192.0.2.1']);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it.each<[string, Behaviour, Behaviour, string]>([
    ['A fails, AAAA answers', servfail, v6, '101:101:101:101:101:101:101:101'],
    ['neither has addresses', nodata, nodata, 'NODATA'],
    ['one knows the name does not exist', nxdomain, servfail, 'NXDOMAIN'],
    ['one fails, one has none', nodata, servfail, 'SERVFAIL'],
    ['one is silent, one has none', silent, nodata, 'TIMEOUT'],
  ])('%s', async (_what, forA, forAaaa, expected) => {
    await using server = await fakeServer(byType({ [TYPE.A]: forA, [TYPE.AAAA]: forAaaa }));
    const result = resolver([server], { timeoutMs: 300 }).resolve(HOST);
    const outcome = await result.then(
      ({ addresses }) => addresses.join(),
      () => codeOf(result),
    );
    expect(outcome).toBe(expected);
  });

  it('takes static hosts before any nameserver', async () => {
    const hosts = new Map([
      ['db.internal', ['10.0.0.1', 'fd00::1']],
      ['none.internal', []],
    ]);
    const fixed = resolver([], { hosts });
    expect((await fixed.resolve('db.internal')).addresses).toEqual(['10.0.0.1', 'fd00::1']);
    expect(await codeOf(fixed.resolve('none.internal'))).toBe('NODATA');
  });

  it('rejects with the reason of the caller who leaves', async () => {
    await using server = await fakeServer(silent);
    await expect(resolver([server]).resolve(HOST, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('answers other types in their own wire form', async () => {
    await using server = await fakeServer((query) => [
      response(query, { answers: [record(POINTER, TYPE.MX, 30, Buffer.concat([u16(10), POINTER]))] }),
    ]);
    const { records } = await resolver([server]).query(HOST, 'MX');
    const [mx] = records;
    expect(mx?.subarray(0, 2)).toEqual(u16(10));
    expect(mx?.subarray(2).toString('latin1').toLowerCase()).toBe(name(HOST).toString('latin1'));
  });
});
