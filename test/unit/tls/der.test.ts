import { describe, expect, it } from 'vitest';
import {
  bmpString,
  boolean,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
  smallInteger,
  time,
} from '../../../sidecar/tls/der.ts';
import { derValue, derValues } from '../../../sidecar/tls/der-reader.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const from = (text: string) => Buffer.from(text, 'hex');

describe('writing', () => {
  it.each([
    [boolean(true), '0101ff'],
    [boolean(false), '010100'],
    [smallInteger(0), '020100'],
    [smallInteger(127), '02017f'],
    [smallInteger(128), '02020080'],
    [integer(from('0000ff')), '020200ff'],
    [integer(Buffer.alloc(0)), '020100'],
    [oid('1.2.840.113549.1.12.10.1.3'), '060b2a864886f70d010c0a0103'],
    [oid('2.16.840.1.113894.746875.1.1'), '060c6086480186f966adca7b0101'],
    [bmpString('aé'), '1e04006100e9'],
    [implicit(2, Buffer.from('a')), '820161'],
    [setOf(from('020102'), from('020101')), '3106020101020102'],
    [time(new Date('2049-12-31T23:59:59.999Z')), `170d${hex(Buffer.from('491231235959Z'))}`],
    [time(new Date('2050-01-01T00:00:00Z')), `180f${hex(Buffer.from('20500101000000Z'))}`],
  ])('%#', (encoded, expected) => {
    expect(hex(encoded)).toBe(expected);
  });

  it.each([
    [127, '7f'],
    [128, '8180'],
    [255, '81ff'],
    [256, '820100'],
    [65_536, '83010000'],
  ])('a length of %d', (length, expected) => {
    expect(hex(octetString(Buffer.alloc(length)).subarray(1, -length))).toBe(expected);
  });
});

describe('reading', () => {
  it('gives the values back', () => {
    const whole = sequence(smallInteger(5), octetString(Buffer.alloc(300, 1)));
    const [five, octets] = derValues(derValue(whole).content);
    expect(five).toMatchObject({ tag: 2, content: Buffer.from([5]) });
    expect(octets?.content).toEqual(Buffer.alloc(300, 1));
    expect(octets?.whole).toHaveLength(304);
  });

  it.each([
    ['', 'truncated'],
    ['30', 'truncated'],
    ['3001', 'truncated'],
    ['3082', 'truncated'],
    ['1f0100', 'multi-byte tag'],
    ['3080', 'bad length'],
    ['308500000000', 'bad length'],
  ])('%j throws', (text, problem) => {
    expect(() => derValue(from(text))).toThrow(problem);
  });
});
