import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Detector, MAX_METHOD_BYTES } from '../../../sidecar/tcp/detect.ts';
import { properties } from '../../fuzz/tcp.fuzz.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const detect = (bytes: Buffer | string): string => new Detector().push(Buffer.from(bytes as string, 'latin1'));

describe('Detector', () => {
  test.each([
    ['a TLS 1.0 record', hex('16 0301 0200 01')],
    ['a TLS 1.2 record', hex('16 0303 0200 01 0001fc')],
    ['the smallest record, a hello in pieces', hex('16 0301 0001 01')],
    ['the largest record', hex('16 0301 4000 01')],
  ])('tls: %s', (_, bytes) => {
    expect(new Detector().push(bytes)).toBe('tls');
  });

  test.each([
    ['origin-form', 'GET / HTTP/1.1\r\n'],
    ['before the line ends', 'GET /'],
    ['asterisk', 'OPTIONS * HTTP/1.1\r\n'],
    ['absolute-form', 'GET http://example.org/ HTTP/1.1'],
    ['absolute-form, secure', 'get HTTPS://example.org/'],
    ['CONNECT', 'CONNECT example.org:443 HTTP/1.1'],
    ['a method of its own', 'X-THING /x HTTP/1.1'],
    ['the longest method', `${'M'.repeat(MAX_METHOD_BYTES)} /`],
    ['a method that begins like the preface', 'PROPFIND /dav'],
  ])('http1: %s', (_, bytes) => {
    expect(detect(bytes)).toBe('http1');
  });

  test('h2c', () => {
    expect(detect('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0')).toBe('h2c');
  });

  test.each([
    ['SSH', 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'],
    ['SMTP', 'EHLO mail.example.org\r\n'],
    ['Redis', '*1\r\n$4\r\nPING\r\n'],
    ['an inline command', 'GET key\r\n'],
    ['an HTTP answer', 'HTTP/1.1 200 OK\r\n'],
    ['a broken preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\rX'],
    ['a method that the preface reserves', 'PRI /x HTTP/1.1'],
    ['a leading line end', '\r\nGET / HTTP/1.1'],
    ['a leading space', ' GET /'],
    ['two spaces', 'GET  / HTTP/1.1'],
    ['a tab', 'GET\t/ HTTP/1.1'],
    ['another scheme', 'GET ftp://example.org/'],
    ['a method one byte too long', `${'M'.repeat(MAX_METHOD_BYTES + 1)} /`],
    ['zero bytes', '\0\0\0\0'],
  ])('other: %s', (_, bytes) => {
    expect(detect(bytes)).toBe('other');
  });

  test.each([
    ['an alert', hex('15 0301 0002')],
    ['SSL 2', hex('80 2e 01 0301')],
    ['SSL 2 version in a record', hex('16 0200')],
    ['a version to come', hex('16 0305')],
    ['an empty record', hex('16 0301 0000')],
    ['a record one byte too long', hex('16 0301 4001')],
    ['a ServerHello', hex('16 0303 0200 02')],
  ])('other: %s', (_, bytes) => {
    expect(new Detector().push(bytes)).toBe('other');
  });

  test.each([
    '',
    'G',
    'GET',
    'GET ',
    'GET h',
    'GET https',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r',
    '\x16',
    '\x16\x03\x01\x01\xff',
  ])('more: %j', (bytes) => {
    expect(detect(bytes)).toBe('more');
  });

  test('keeps its answer', () => {
    const detector = new Detector();
    expect(detector.push(Buffer.from('GET /'))).toBe('http1');
    expect(detector.push(Buffer.from('\0\xff'))).toBe('http1');
    expect(detector.push(Buffer.alloc(0))).toBe('http1');
  });
});

describe('properties', () => {
  test.each(properties)('$name', async ({ property }) => {
    await fc.assert(property as fc.IAsyncProperty<unknown>, { numRuns: 300 });
  });
});
