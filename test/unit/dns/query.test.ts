import { describe, expect, it } from 'vitest';
import {
  answerLimit,
  decodeQuery,
  encodeAnswer,
  encodeError,
  MAX_QUERY_BYTES,
  MAX_UDP_BYTES,
  type Query,
} from '../../../sidecar/dns/codec.ts';
import { hex, labels, name, u16 } from './support.ts';

const QUESTION = '03 777777 07 6578616d706c65 00 0001 0001';
const HEADER = '1234 0100 0001 0000 0000 0000';

function rcodeOf(message: Buffer): number | 'ok' | 'drop' {
  const decoded = decodeQuery(message);
  if (decoded.ok) return 'ok';
  return decoded.drop ? 'drop' : decoded.rcode;
}

function decoded(message: Buffer): Query {
  const result = decodeQuery(message);
  if (!result.ok) throw new Error('malformed');
  return result.query;
}

describe('decodeQuery', () => {
  it('reads a plain query', () => {
    expect(decoded(hex(HEADER + QUESTION))).toEqual({
      id: 0x1234,
      recursionDesired: true,
      checkingDisabled: false,
      labels: [Buffer.from('www'), Buffer.from('example')],
      type: 1,
      edns: undefined,
    });
  });

  it('keeps a dot inside a label apart from the dot between labels', () => {
    const query = decoded(hex(`${HEADER} 09 782e616c6c6f776564 03 636f6d 00 0001 0001`));
    expect(query.labels.map(String)).toEqual(['x.allowed', 'com']);
  });

  it('reads OPT with a cookie, and forgets the cookie', () => {
    const opt = '00 0029 1000 00 00 8000 000c 000a 0008 0102030405060708';
    const query = decoded(hex(`1234 0130 0001 0000 0000 0001 ${QUESTION} ${opt}`));
    expect(query.edns).toEqual({ udpBytes: 4096, dnssecOk: true });
    expect(query.checkingDisabled).toBe(true);
    expect(JSON.stringify(query)).not.toContain('0102030405060708');
  });

  it.each([
    ['11 bytes', '1234 0100 0001 0000 0000 00', 'drop'],
    ['a response', `1234 8100 0001 0000 0000 0000 ${QUESTION}`, 'drop'],
    ['no question', HEADER.replace('0001', '0000'), 1],
    ['two questions', `1234 0100 0002 0000 0000 0000 ${QUESTION} ${QUESTION}`, 1],
    ['an answer record', `1234 0100 0001 0001 0000 0000 ${QUESTION} c00c 0001 0001 00000000 0004 01020304`, 1],
    ['TC', `1234 0300 0001 0000 0000 0000 ${QUESTION}`, 1],
    ['a byte too many', `${HEADER} ${QUESTION} 00`, 1],
    ['a byte too few', `${HEADER} ${QUESTION.slice(0, -2)}`, 1],
    ['a compressed question', `${HEADER} 03 777777 c00c 0001 0001`, 1],
    ['a label of type 01', `${HEADER} 41 777777 00 0001 0001`, 1],
    ['a label past the end', `${HEADER} 3f 777777`, 1],
    ['type 0', `${HEADER} 00 0000 0001`, 1],
    ['type OPT', `${HEADER} 00 0029 0001`, 1],
    ['class CH', `${HEADER} 00 0010 0003`, 4],
    ['class ANY', `${HEADER} 00 0001 00ff`, 4],
    ['opcode UPDATE', `1234 2800 0001 0000 0000 0000 ${QUESTION}`, 4],
    ['opcode NOTIFY', `1234 2000 0001 0000 0000 0000 ${QUESTION}`, 4],
    [
      'two additional records',
      `1234 0100 0001 0000 0000 0002 ${QUESTION} 00 0029 0200 00 00 0000 0000 00 0029 0200 00 00 0000 0000`,
      1,
    ],
    ['OPT with a name', `1234 0100 0001 0000 0000 0001 ${QUESTION} 01 61 00 0029 0200 00 00 0000 0000`, 1],
    ['TSIG instead of OPT', `1234 0100 0001 0000 0000 0001 ${QUESTION} 00 00fa 00ff 00000000 0000`, 1],
    ['OPT longer than it says', `1234 0100 0001 0000 0000 0001 ${QUESTION} 00 0029 0200 00 00 0000 0000 00`, 1],
    [
      'an option past the end of OPT',
      `1234 0100 0001 0000 0000 0001 ${QUESTION} 00 0029 0200 00 00 0000 0005 000a 0002 00`,
      1,
    ],
    ['half an option', `1234 0100 0001 0000 0000 0001 ${QUESTION} 00 0029 0200 00 00 0000 0003 000a 00`, 1],
    ['EDNS version 1', `1234 0100 0001 0000 0000 0001 ${QUESTION} 00 0029 0200 00 01 0000 0000`, 16],
  ] as const)('refuses %s', (_what, bytes, expected) => {
    expect(rcodeOf(hex(bytes))).toBe(expected);
  });

  it('takes a name of 255 bytes and a label of 63, and refuses one more', () => {
    const long = [...Array(3).fill('a'.repeat(63)), 'a'.repeat(61)].join('.');
    expect(rcodeOf(Buffer.concat([hex(HEADER), name(long), u16(1, 1)]))).toBe('ok');
    expect(rcodeOf(Buffer.concat([hex(HEADER), name(`${long}a`), u16(1, 1)]))).toBe(1);
  });

  it(`takes a query of ${MAX_QUERY_BYTES} bytes and refuses one more`, () => {
    const head = hex(`1234 0100 0001 0000 0000 0001 ${QUESTION} 00 0029 0200 00 00 0000`);
    const padded = (size: number) => {
      const padding = size - head.length - 2 - 4;
      return Buffer.concat([head, u16(padding + 4, 12, padding), Buffer.alloc(padding)]);
    };
    expect(padded(MAX_QUERY_BYTES)).toHaveLength(MAX_QUERY_BYTES);
    expect(rcodeOf(padded(MAX_QUERY_BYTES))).toBe('ok');
    expect(rcodeOf(padded(MAX_QUERY_BYTES + 1))).toBe(1);
  });
});

describe('encodeAnswer', () => {
  const query: Query = {
    id: 7,
    recursionDesired: true,
    checkingDisabled: false,
    labels: labels('wWw.ExAmple'),
    type: 1,
    edns: undefined,
  };
  const record = { type: 1, ttl: 60, rdata: Buffer.from([198, 18, 0, 16]) };

  it('repeats the question in the letters of the client', () => {
    expect(encodeAnswer(query, 0, [record], 512)).toEqual(
      hex(
        '0007 8180 0001 0001 0000 0000 03 775777 07 4578416d706c65 00 0001 0001 c00c 0001 0001 0000003c 0004 c6120010',
      ),
    );
  });

  it('answers EDNS with OPT, in every rcode, and copies DO', () => {
    const edns = { udpBytes: 1232, dnssecOk: true };
    const nxdomain = encodeAnswer({ ...query, edns, checkingDisabled: true }, 3, [], 512);
    expect(nxdomain).toEqual(
      hex('0007 8193 0001 0000 0000 0001 03 775777 07 4578416d706c65 00 0001 0001 00 0029 04d0 00 00 8000 0000'),
    );
    expect(encodeAnswer(query, 3, [], 512).readUInt16BE(10)).toBe(0);
  });

  it('says TC instead of sending too much, and never sends a part', () => {
    const edns = { udpBytes: 512, dnssecOk: false };
    const whole = encodeAnswer({ ...query, edns }, 0, [record, record], 512);
    expect(encodeAnswer({ ...query, edns }, 0, [record, record], whole.length)).toEqual(whole);
    const cut = encodeAnswer({ ...query, edns }, 0, [record, record], whole.length - 1);
    expect(cut.readUInt16BE(2) & 0x0200).toBe(0x0200);
    expect([cut.readUInt16BE(6), cut.readUInt16BE(10)]).toEqual([0, 1]);
    expect(cut.length).toBeLessThan(whole.length - 1);
  });

  it('bounds UDP by what the client offers, and by what does not fragment', () => {
    expect(answerLimit(undefined, 'udp')).toBe(512);
    expect(answerLimit({ udpBytes: 100, dnssecOk: false }, 'udp')).toBe(512);
    expect(answerLimit({ udpBytes: 1000, dnssecOk: false }, 'udp')).toBe(1000);
    expect(answerLimit({ udpBytes: 65_535, dnssecOk: false }, 'udp')).toBe(MAX_UDP_BYTES);
    expect(answerLimit(undefined, 'tcp')).toBe(65_535);
  });

  it('writes errors with the id, the opcode and RD alone', () => {
    expect(encodeError({ id: 9, opcode: 5, recursionDesired: true }, 4)).toEqual(hex('0009 a984 0000 0000 0000 0000'));
    expect(
      encodeError({ id: 9, opcode: 0, recursionDesired: false, edns: { udpBytes: 512, dnssecOk: false } }, 16),
    ).toEqual(hex('0009 8080 0000 0000 0000 0001 00 0029 04d0 01 00 0000 0000'));
  });
});
