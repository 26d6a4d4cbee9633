import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MAX_ALIASES } from '../../../sidecar/dns/chain.ts';
import { MAX_STRAY_REPLIES } from '../../../sidecar/dns/exchange.ts';
import { MIN_ATTEMPTS } from '../../../sidecar/dns/resolver.ts';
import { encodeName, TYPE } from '../../../sidecar/dns/wire.ts';
import { codeOf, HOST, honest, POINTER, resolver, silent } from './resolving.ts';
import { a, type Behaviour, closedPort, cname, fakeServer, hex, labels, record, response, u16 } from './support.ts';

describe('Resolver over UDP', () => {
  it('resolves both families', async () => {
    await using server = await fakeServer((query) => [
      response(query, {
        answers:
          query.type === TYPE.A
            ? [a(POINTER, '192.0.2.1', 30), a(POINTER, '192.0.2.2', 40)]
            : [record(POINTER, TYPE.AAAA, 20, hex('20010db8000000000000000000000001'))],
      }),
    ]);
    expect(await resolver([server]).resolve(HOST)).toEqual({
      addresses: ['192.0.2.1', '192.0.2.2', '2001:db8::1'],
      ttl: 20,
    });
  });

  it('asks for the name alone, in letters, ids and ports of its own', async () => {
    await using server = await fakeServer(honest);
    const ids = new Set<number>();
    const spellings = new Set<string>();
    for (let i = 0; i < 6; i++) await resolver([server]).resolve(HOST);
    for (const { host, raw, type } of server.asked) {
      expect(host.toLowerCase()).toBe(HOST);
      // Header, name and question: no EDNS, nothing that a client could have chosen.
      expect(raw.subarray(2)).toEqual(Buffer.concat([u16(0x0100, 1, 0, 0, 0), encodeName(labels(host)), u16(type, 1)]));
      ids.add(raw.readUInt16BE(0));
      spellings.add(host);
    }
    expect(server.asked).toHaveLength(12);
    expect(ids.size).toBeGreaterThan(9);
    expect(spellings.size).toBeGreaterThan(9);
  });

  it('waits for its own answer among wrong ids, names and types', async () => {
    await using server = await fakeServer((query) => {
      const forged = { answers: [a(POINTER, '6.6.6.6')] };
      return [
        response({ ...query, id: query.id ^ 1 }, forged),
        response({ ...query, labels: labels('www.example.org') }, forged),
        response({ ...query, type: TYPE.MX }, forged),
        Buffer.from('noise'),
        ...(honest(query, 'udp') as Buffer[]),
      ];
    });
    expect((await resolver([server]).resolve(HOST)).addresses).toEqual(['192.0.2.1']);
    expect(server.asked.every(({ transport }) => transport === 'udp')).toBe(true);
  });

  it.each([
    [MAX_STRAY_REPLIES, 'udp'],
    [MAX_STRAY_REPLIES + 1, 'tcp'],
  ])('takes %i guesses for noise or forgery and answers over %s', async (guesses, expected) => {
    await using server = await fakeServer((query, transport) => [
      ...(transport === 'udp' ? Array<Buffer>(guesses).fill(response({ ...query, id: query.id ^ 1 })) : []),
      response(query, { answers: [a(POINTER, transport === 'udp' ? '192.0.2.17' : '192.0.2.6')] }),
    ]);
    const { records } = await resolver([server]).query(HOST, 'A');
    expect(records[0]?.[3]).toBe(expected === 'udp' ? 17 : 6);
  });

  it('does not believe an answer in other letters over UDP, and gets it over TCP', async () => {
    await using server = await fakeServer((query, transport) => {
      const folded = { ...query, labels: labels(HOST) };
      return [response(folded, { answers: [a(POINTER, transport === 'udp' ? '6.6.6.6' : '192.0.2.1')] })];
    });
    const { records } = await resolver([server]).query(HOST, 'A');
    expect(records.map((rdata) => rdata.join('.'))).toEqual(['192.0.2.1']);
    expect(server.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
  });

  it('repeats a truncated answer over TCP, all of it', async () => {
    const many = Array.from({ length: 100 }, (_, i) => a(POINTER, `192.0.2.${i}`));
    await using server = await fakeServer((query, transport) => [
      transport === 'udp'
        ? response(query, { flags: 0x8380, answers: many.slice(0, 1) })
        : response(query, { answers: many }),
    ]);
    expect((await resolver([server]).query(HOST, 'A')).records).toHaveLength(100);
  });

  it.each<[string, (query: Parameters<Behaviour>[0]) => Buffer]>([
    ['closes the framing', () => Buffer.alloc(0)],
    ['answers another question', (query) => response({ ...query, id: query.id ^ 1 })],
    ['is truncated once more', (query) => response(query, { flags: 0x8380 })],
  ])('gives up on a server that over TCP %s', async (_what, bytes) => {
    await using server = await fakeServer((query, transport) => [
      transport === 'udp' ? response(query, { flags: 0x8380 }) : bytes(query),
    ]);
    expect(await codeOf(resolver([server]).query(HOST, 'A'))).toBe('SERVFAIL');
  });
});

describe('Resolver over several nameservers', () => {
  it('asks the next when one is silent, and stays with the one that answered', async () => {
    await using dead = await fakeServer(silent);
    await using alive = await fakeServer(honest);
    const both = resolver([dead, alive]);
    await both.query(HOST, 'A');
    await both.query('other.example.com', 'A');
    expect([dead.asked.length, alive.asked.length]).toEqual([1, 2]);
  });

  it('asks the next at once when a port is closed or the server fails', async () => {
    await using broken = await fakeServer((query) => [response(query, { flags: 0x8182 })]);
    await using garbled = await fakeServer((query) => [
      Buffer.concat([u16(query.id, 0x8180, 1, 1, 0, 0), encodeName(query.labels), u16(query.type, 1), hex('ff')]),
    ]);
    await using alive = await fakeServer(honest);
    const closed = { address: '127.0.0.1', port: await closedPort() };
    const nameservers = [closed, broken.endpoint, garbled.endpoint, alive.endpoint];
    const started = performance.now();
    await resolver([], { nameservers, retryMs: 5000, timeoutMs: 10_000 }).query(HOST, 'A');
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('still takes a slow answer after others were asked', async () => {
    await using slow = await fakeServer(async (query) => {
      await sleep(250);
      return [response(query, { answers: [a(POINTER, '192.0.2.9')] })];
    });
    await using dead = await fakeServer(silent);
    const { records } = await resolver([slow, dead]).query(HOST, 'A');
    expect(records[0]?.[3]).toBe(9);
  });

  it(`sends ${MIN_ATTEMPTS} queries to a silent server, then says TIMEOUT`, async () => {
    await using dead = await fakeServer(silent);
    const started = performance.now();
    expect(await codeOf(resolver([dead], { retryMs: 20, timeoutMs: 300 }).query(HOST, 'A'))).toBe('TIMEOUT');
    expect(performance.now() - started).toBeLessThan(1000);
    expect(dead.asked).toHaveLength(MIN_ATTEMPTS);
  });

  it('does not ask a server again that said no', async () => {
    await using refusing = await fakeServer((query) => [response(query, { flags: 0x8185 })]);
    expect(await codeOf(resolver([refusing]).query(HOST, 'A'))).toBe('SERVFAIL');
    expect(refusing.asked).toHaveLength(1);
  });

  it('fails without nameservers, and for what is no host', async () => {
    expect(await codeOf(resolver([]).query(HOST, 'A'))).toBe('SERVFAIL');
    expect(await codeOf(resolver([]).query('a b', 'A'))).toBe('NXDOMAIN');
    expect(await codeOf(resolver([], { nameservers: [{ address: '127.0.0.1', port: 0 }] }).query(HOST, 'A'))).toBe(
      'SERVFAIL',
    );
  });
});

describe('Resolver and aliases', () => {
  it('asks for the target of an alias whose answer is missing', async () => {
    await using server = await fakeServer((query) =>
      query.labels.join('.').toLowerCase() === HOST
        ? [response(query, { answers: [cname(POINTER, 'cdn.example.net', 7)] })]
        : [response(query, { answers: [a(POINTER, '192.0.2.1', 30)] })],
    );
    expect(await resolver([server]).query(HOST, 'A')).toMatchObject({ ttl: 7 });
    expect(server.asked.map(({ host }) => host.toLowerCase())).toEqual([HOST, 'cdn.example.net']);
  });

  it('gives up on a loop over several replies, after a bounded number of queries', async () => {
    await using server = await fakeServer((query) => {
      const next = query.labels[0]?.toString().toLowerCase() === 'a' ? 'b.example.com' : 'a.example.com';
      return [response(query, { answers: [cname(POINTER, next)] })];
    });
    expect(await codeOf(resolver([server]).query('a.example.com', 'A'))).toBe('SERVFAIL');
    expect(server.asked).toHaveLength(MAX_ALIASES + 1);
  });

  it('asks for no target that is not a host name', async () => {
    await using server = await fakeServer((query) => [response(query, { answers: [cname(POINTER, 'a b')] })]);
    expect(await codeOf(resolver([server]).query(HOST, 'A'))).toBe('SERVFAIL');
    expect(server.asked).toHaveLength(1);
  });
});
