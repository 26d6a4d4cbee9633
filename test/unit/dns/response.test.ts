import { describe, expect, it } from 'vitest';
import { decodeResponse, encodeQuery, MAX_RECORDS, type Question, type Reply } from '../../../sidecar/dns/codec.ts';
import { MAX_POINTERS, readName, TYPE } from '../../../sidecar/dns/wire.ts';
import { a, cname, hex, labels, name, record, response, soa, u16, u32 } from './support.ts';

const question: Question = { id: 0xbeef, labels: labels('wWw.eXample'), type: TYPE.A };
const POINTER = hex('c00c');

const decode = (message: Buffer, exact = true) => decodeResponse(message, question, exact);

function reply(message: Buffer): Reply {
  const decoded = decode(message);
  if (decoded.kind !== 'reply') throw new Error(decoded.kind);
  return decoded;
}

describe('encodeQuery', () => {
  it('says the name, the type and nothing else', () => {
    expect(encodeQuery(question)).toEqual(
      hex('beef 0100 0001 0000 0000 0000 03 775777 07 6558616d706c65 00 0001 0001'),
    );
  });
});

describe('decodeResponse', () => {
  it('reads addresses through compression', () => {
    const message = response(question, { answers: [a(POINTER, '192.0.2.1', 60), a(POINTER, '192.0.2.2', 61)] });
    expect(reply(message).answers.map(({ owner, ttl, rdata }) => [owner.join('.'), ttl, rdata.join('.')])).toEqual([
      ['wWw.eXample', 60, '192.0.2.1'],
      ['wWw.eXample', 61, '192.0.2.2'],
    ]);
  });

  it.each([
    ['another id', response({ ...question, id: 1 })],
    ['a query', response(question, { flags: 0x0100 })],
    ['another opcode', response(question, { flags: 0xa980 })],
    ['another name', response({ ...question, labels: labels('www.examplf') })],
    ['a longer name', response({ ...question, labels: labels('a.www.example') })],
    ['another type', response({ ...question, type: TYPE.AAAA })],
    ['another class', response(question, { question: Buffer.concat([name('wWw.eXample'), u16(1, 3)]) })],
    ['no question', hex('beef 8180 0000 0000 0000 0000')],
    ['a compressed question', response(question, { question: Buffer.concat([POINTER, u16(1, 1)]) })],
    ['a header cut short', response(question).subarray(0, 11)],
    ['a question cut short', response(question).subarray(0, 26)],
  ])('takes %s for a stray', (_what, message) => {
    expect(decode(message)).toEqual({ kind: 'stray' });
  });

  it('tells a difference of case from any other, unless case does not matter', () => {
    const lower = response({ ...question, labels: labels('www.example') });
    expect(decode(lower)).toEqual({ kind: 'case' });
    expect(decode(lower, false).kind).toBe('reply');
  });

  it('stops at TC, whatever follows', () => {
    const message = Buffer.concat([response(question, { flags: 0x8380 }), hex('ff')]);
    message.writeUInt16BE(1, 6);
    expect(decode(message)).toEqual({ kind: 'truncated' });
  });

  it('believes a bare header only when it is an error', () => {
    expect(decode(hex('beef 8181 0000 0000 0000 0000'))).toMatchObject({ kind: 'reply', rcode: 1, answers: [] });
  });

  it.each([
    ['a record cut short', response(question, { answers: [a(POINTER, '192.0.2.1')] }).subarray(0, -1)],
    ['an A record of 5 bytes', response(question, { answers: [record(POINTER, TYPE.A, 1, Buffer.alloc(5))] })],
    [
      'a CNAME that leaves a byte over',
      response(question, { answers: [record(POINTER, TYPE.CNAME, 1, hex('00 00'))] }),
    ],
    ['a CNAME of no bytes', response(question, { answers: [record(POINTER, TYPE.CNAME, 1, Buffer.alloc(0))] })],
    ['a CNAME to a bad name', response(question, { answers: [record(POINTER, TYPE.CNAME, 1, hex('41'))] })],
    ['an owner that points at itself', response(question, { answers: [a(hex('c01d'), '192.0.2.1')] })],
    ['an owner that points forward', response(question, { answers: [a(hex('c020'), '192.0.2.1')] })],
    ['a TXT string past its end', response(question, { answers: [record(POINTER, TYPE.TXT, 1, hex('02 61'))] })],
    ['a TXT of no strings', response(question, { answers: [record(POINTER, TYPE.TXT, 1, Buffer.alloc(0))] })],
    ['a CAA without tag', response(question, { answers: [record(POINTER, TYPE.CAA, 1, hex('00 00'))] })],
    ['a SOA cut short', response(question, { authority: [record('example', TYPE.SOA, 1, hex('00 00 00000001'))] })],
    [
      'a record that is not there',
      (() => {
        const message = response(question);
        message.writeUInt16BE(1, 10);
        return message;
      })(),
    ],
  ])('refuses %s', (_what, message) => {
    expect(decode(message)).toEqual({ kind: 'malformed' });
  });

  it('reads a SOA for how long "no" holds: the lesser of TTL and MINIMUM', () => {
    expect(reply(response(question, { flags: 0x8183, authority: [soa('example', 300, 30)] })).negativeTtl).toBe(30);
    expect(reply(response(question, { flags: 0x8183, authority: [soa('example', 20, 30)] })).negativeTtl).toBe(20);
    expect(reply(response(question, { flags: 0x8183 })).negativeTtl).toBeUndefined();
  });

  it('knows a referral from an answer', () => {
    const ns = record('example', TYPE.NS, 1, name('ns.example'));
    expect(reply(response(question, { authority: [ns] })).referral).toBe(true);
    expect(reply(response(question, { authority: [ns, soa('example', 1, 1)] })).referral).toBe(false);
    expect(reply(response(question, { authority: [ns], answers: [a(POINTER, '192.0.2.1')] })).referral).toBe(false);
  });

  it('ignores unknown types, other classes and the additional section, but not their framing', () => {
    const message = response(question, {
      answers: [record(POINTER, 46, 1, Buffer.from('sig')), a(POINTER, '192.0.2.1')],
      additional: [a('evil.example', '192.0.2.66'), record('', TYPE.OPT, 0, Buffer.alloc(0), 1232)],
    });
    expect(reply(message).answers).toHaveLength(1);
    expect(reply(response(question, { answers: [record(POINTER, TYPE.A, 1, Buffer.alloc(4), 3)] })).answers).toEqual(
      [],
    );
  });

  it('takes a TTL of 2^31 for 0', () => {
    const ttls = [0x7fff_ffff, 0x8000_0000].map((ttl) => a(POINTER, '192.0.2.1', ttl));
    expect(reply(response(question, { answers: ttls })).answers.map(({ ttl }) => ttl)).toEqual([0x7fff_ffff, 0]);
  });

  it.each([
    ['MX', TYPE.MX, Buffer.concat([u16(10), POINTER]), Buffer.concat([u16(10), name('wWw.eXample')])],
    ['SRV', TYPE.SRV, Buffer.concat([u16(1, 2, 443), POINTER]), Buffer.concat([u16(1, 2, 443), name('wWw.eXample')])],
    ['PTR', TYPE.PTR, Buffer.concat([hex('0161'), POINTER]), name('a.wWw.eXample')],
    [
      'SOA',
      TYPE.SOA,
      Buffer.concat([POINTER, POINTER, u32(1, 2, 3, 4, 5)]),
      Buffer.concat([name('wWw.eXample'), name('wWw.eXample'), u32(1, 2, 3, 4, 5)]),
    ],
    ['TXT', TYPE.TXT, hex('00 03 616263'), hex('00 03 616263')],
    ['CAA', TYPE.CAA, hex('00 05 6973737565 61'), hex('00 05 6973737565 61')],
    ['AAAA', TYPE.AAAA, Buffer.alloc(16, 1), Buffer.alloc(16, 1)],
  ])('writes %s anew without compression', (_what, type, sent, expected) => {
    expect(reply(response(question, { answers: [record(POINTER, type, 1, sent)] })).answers[0]?.rdata).toEqual(
      expected,
    );
  });

  it(`takes ${MAX_RECORDS} records and refuses one more`, () => {
    const answers = Array<Buffer>(MAX_RECORDS).fill(a(POINTER, '192.0.2.1'));
    expect(reply(response(question, { answers })).answers).toHaveLength(MAX_RECORDS);
    const additional = [a(POINTER, '192.0.2.1')];
    expect(decode(response(question, { answers, additional }))).toEqual({ kind: 'malformed' });
  });

  it('keeps a CNAME whose target is not a host name', () => {
    expect(reply(response(question, { answers: [cname(POINTER, 'a b')] })).answers).toHaveLength(1);
  });
});

describe('readName', () => {
  /** The root at offset 0, then pointers, each at the one before it. */
  const chain = (pointers: number): Buffer =>
    Buffer.concat([hex('00'), ...Array.from({ length: pointers }, (_, i) => u16(0xc000 | (i === 0 ? 0 : 2 * i - 1)))]);

  it(`follows ${MAX_POINTERS} pointers and not one more`, () => {
    const at = (pointers: number) => readName(chain(pointers), 2 * pointers - 1, true);
    expect(at(MAX_POINTERS)).toEqual({ labels: [], end: 2 * MAX_POINTERS + 1 });
    expect(at(MAX_POINTERS + 1)).toBeUndefined();
  });

  it('refuses loops: to itself, to its own label, of two', () => {
    expect(readName(hex('c000'), 0, true)).toBeUndefined();
    expect(readName(hex('01 61 c000'), 0, true)).toBeUndefined();
    expect(readName(hex('c002 c000'), 2, true)).toBeUndefined();
  });

  it('bounds a name by its length when uncompressed', () => {
    const first = Buffer.concat([
      ...Array<Buffer>(4).fill(Buffer.concat([hex('3c'), Buffer.alloc(60, 97)])),
      hex('00'),
    ]);
    const more = (bytes: number) => Buffer.concat([first, Buffer.of(bytes), Buffer.alloc(bytes, 98), hex('c000')]);
    expect(readName(more(9), first.length, true)?.labels).toHaveLength(5);
    expect(readName(more(10), first.length, true)).toBeUndefined();
  });

  it('refuses half a pointer and a pointer past the end', () => {
    expect(readName(hex('00 c0'), 1, true)).toBeUndefined();
    expect(readName(hex('00 c0ff'), 1, true)).toBeUndefined();
    expect(readName(hex('00'), 1, true)).toBeUndefined();
  });
});
