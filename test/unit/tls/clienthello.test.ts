import { describe, expect, it } from 'vitest';
import { HelloReader, type HelloVerdict, MAX_HELLO_BYTES } from '../../../sidecar/tls/clienthello.ts';
import {
  extension,
  type HelloParts,
  helloMessage,
  hostEntry,
  message,
  record,
  records,
  serverName,
  u16,
  vector8,
  vector16,
} from './hello-builder.ts';
import { REAL_HELLOS } from './hellos.ts';

function read(bytes: Buffer): 'more' | HelloVerdict {
  return new HelloReader().push(bytes);
}

function readParts(parts: HelloParts): 'more' | HelloVerdict {
  return read(records(helloMessage(parts)));
}

function reason(bytes: Buffer): string | undefined {
  const verdict = read(bytes);
  return verdict === 'more' || verdict.ok ? undefined : verdict.reason;
}

function reasonOf(parts: HelloParts): string | undefined {
  return reason(records(helloMessage(parts)));
}

function real(name: keyof typeof REAL_HELLOS): Buffer {
  return Buffer.from(REAL_HELLOS[name], 'base64');
}

describe('hellos of real clients', () => {
  const tls13 = expect.arrayContaining([0x0304]);
  it.each([
    ['node24', { serverName: 'registry.npmjs.org', alpn: ['http/1.1'], hasEch: false, versions: tls13 }],
    ['openssl3', { serverName: 'upper.example.com', alpn: ['h2', 'http/1.1'], hasEch: false, versions: tls13 }],
    ['opensslNoName', { alpn: [], hasEch: false, versions: tls13 }],
    ['opensslTls12', { serverName: 'old.example.com', alpn: [], hasEch: false, versions: [0x0303] }],
    ['curl', { serverName: 'github.com', alpn: ['h2', 'http/1.1'], hasEch: false, versions: tls13 }],
    ['python311', { serverName: 'pypi.org', alpn: [], hasEch: false, versions: tls13 }],
    ['go126', { serverName: 'secret.example.com', alpn: ['h2', 'http/1.1'], hasEch: false, versions: tls13 }],
    ['goEch', { serverName: 'public.example.com', alpn: ['h2', 'http/1.1'], hasEch: true, versions: [0x0304] }],
    ['java17', { serverName: 'repo.maven.example.com', alpn: [], hasEch: false, versions: tls13 }],
    ['gitGnutls', { serverName: 'example.org', alpn: ['h2', 'http/1.1'], hasEch: false, versions: tls13 }],
  ] as const)('%s', (name, hello) => {
    expect(read(real(name))).toEqual({ ok: true, hello });
  });

  it('come out the same one byte at a time, and over records of one byte', () => {
    for (const name of Object.keys(REAL_HELLOS) as (keyof typeof REAL_HELLOS)[]) {
      const whole = read(real(name));
      const reader = new HelloReader();
      const verdicts = Array.from(real(name), (byte) => reader.push(Buffer.from([byte])));
      expect(verdicts.slice(0, -1).every((verdict) => verdict === 'more')).toBe(true);
      expect(verdicts.at(-1)).toEqual(whole);
      expect(read(records(real(name).subarray(5), 1))).toEqual(whole);
    }
  });

  it('are judged for good: what follows is not looked at', () => {
    const reader = new HelloReader();
    const verdict = reader.push(Buffer.concat([real('curl'), Buffer.from('anything')]));
    expect(verdict).toMatchObject({ ok: true, hello: { serverName: 'github.com' } });
    expect(reader.push(Buffer.from([0]))).toBe(verdict);
  });
});

describe('records', () => {
  const hello = helloMessage({ extensions: [serverName('a.example')] });
  it.each([
    ['a type that is not handshake', record(hello, 23), 'not a handshake record'],
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'not a handshake record'],
    ['an SSLv2 hello', Buffer.from([0x80, 0x2e, 0x01, 0x03, 0x01]), 'not a handshake record'],
    ['a major version that is not 3', record(hello, 22, 0x0201), 'unknown record version'],
    ['an empty fragment', record(Buffer.alloc(0)), 'bad record length'],
    ['a fragment over 2^14 bytes', Buffer.from([22, 3, 1, 0x40, 0x01]), 'bad record length'],
    ['another message', record(message(2, Buffer.alloc(40))), 'not a ClientHello'],
    [
      'bytes after the hello in its record',
      record(Buffer.concat([hello, Buffer.from([0])])),
      'bytes after the hello in its record',
    ],
    [
      'an alert between fragments',
      Buffer.concat([record(hello.subarray(0, 9)), record(Buffer.from([1, 0]), 21)]),
      'not a handshake record',
    ],
  ])('%s is refused', (_what, bytes, expected) => {
    expect(reason(bytes)).toBe(expected);
  });

  it('a fragment of exactly 2^14 bytes is waited for', () => {
    expect(read(Buffer.from([22, 3, 1, 0x40, 0x00]))).toBe('more');
  });

  it('nothing yet: more', () => {
    expect(read(Buffer.alloc(0))).toBe('more');
  });
});

describe('bounds', () => {
  /** A hello of exactly `total` bytes of records; extensions alone (2^16-1 bytes at most) could not fill the bound. */
  function helloOf(total: number): Buffer {
    const suites = Buffer.alloc(32 * 1024, 0x13);
    for (let padding = total - suites.length; ; ) {
      const bytes = records(helloMessage({ suites, extensions: [extension(21, Buffer.alloc(padding))] }));
      if (bytes.length === total) return bytes;
      padding -= bytes.length - total;
    }
  }

  it('a hello of 64 KiB is read, one byte more is refused', () => {
    expect(read(helloOf(MAX_HELLO_BYTES))).toMatchObject({ ok: true });
    expect(reason(helloOf(MAX_HELLO_BYTES + 1))).toBe('hello too long');
  });

  it('a length that cannot fit is refused as soon as it is read', () => {
    expect(reason(record(Buffer.from([1, 0xff, 0xff, 0xff])))).toBe('hello too long');
    expect(reason(record(Buffer.from([1, 0x00, 0xff, 0xfd])))).toBe('hello too long');
    expect(read(record(Buffer.from([1, 0x00, 0xff, 0xfc])))).toBe('more');
  });

  it('tiny records cannot go on for ever', () => {
    const reader = new HelloReader();
    reader.push(record(Buffer.from([1, 0x00, 0xf0, 0x00])));
    let verdict: 'more' | HelloVerdict = 'more';
    let pushed = 9;
    while (verdict === 'more' && pushed < 2 * MAX_HELLO_BYTES) {
      verdict = reader.push(record(Buffer.from([0])));
      pushed += 6;
    }
    expect(verdict).toEqual({ ok: false, reason: 'hello too long' });
    expect(pushed).toBeLessThanOrEqual(MAX_HELLO_BYTES + 6);
  });
});

describe('the body', () => {
  it('may have no extensions at all', () => {
    expect(readParts({ extensions: 'absent' })).toEqual({
      ok: true,
      hello: { alpn: [], hasEch: false, versions: [0x0303] },
    });
  });

  it.each<[string, HelloParts, string]>([
    ['a major version that is not 3', { version: 0x0203 }, 'unknown version'],
    ['a session id over 32 bytes', { sessionId: Buffer.alloc(33) }, 'vector length out of range'],
    ['no cipher suites', { suites: Buffer.alloc(0) }, 'vector length out of range'],
    ['half a cipher suite', { suites: Buffer.alloc(3) }, 'odd list of cipher suites'],
    ['no compression methods', { compression: Buffer.alloc(0) }, 'vector length out of range'],
    ['compression without null', { compression: Buffer.from([1]) }, 'no null compression'],
    ['bytes after the extensions', { trailing: Buffer.from([0]) }, 'trailing bytes'],
    ['half a length of extensions', { extensions: 'absent', trailing: Buffer.from([0]) }, 'truncated'],
    ['an extension that overruns', { extensions: [Buffer.concat([u16(0), u16(9)])] }, 'truncated'],
    [
      'two server_name extensions',
      { extensions: [serverName('a.example'), serverName('b.example')] },
      'duplicate extension',
    ],
    [
      'any extension twice',
      { extensions: [extension(0x1234, u16(0)), extension(0x1234, u16(0))] },
      'duplicate extension',
    ],
    [
      'pre_shared_key before another',
      { extensions: [extension(41, u16(0)), serverName('a.example')] },
      'pre_shared_key is not last',
    ],
  ])('%s is refused', (_what, parts, expected) => {
    expect(reasonOf(parts)).toBe(expected);
  });

  it('a session id of 32 bytes and pre_shared_key as the last extension are read', () => {
    const parts = { sessionId: Buffer.alloc(32), extensions: [serverName('a.example'), extension(41, u16(0))] };
    expect(readParts(parts)).toMatchObject({ ok: true, hello: { serverName: 'a.example' } });
  });

  it('every truncation of a body is refused, none is guessed at', () => {
    const body = helloMessage({ extensions: [serverName('a.example'), extension(43, vector8(u16(0x0304)))] }).subarray(
      4,
    );
    const cut = Array.from({ length: body.length }, (_, length) => read(records(message(1, body.subarray(0, length)))));
    // Only where the extensions begin does a shorter hello end well: it has none.
    const whole = cut.flatMap((verdict, length) => (verdict !== 'more' && verdict.ok ? [length] : []));
    expect(whole).toEqual([2 + 32 + 1 + 4 + 2]);
    expect(cut).not.toContain('more');
  });
});

/** Three labels of 63 and their dots: 61 more characters make the longest name. */
const LABELS = `${'a'.repeat(63)}.`.repeat(3);

describe('server_name', () => {
  it.each([
    ['an empty extension', Buffer.alloc(0)],
    ['an empty list', vector16()],
    ['an empty name', vector16(hostEntry(''))],
    ['two names', vector16(hostEntry('a.example'), hostEntry('b.example'))],
    ['a name of unknown type', vector16(hostEntry('a.example', 1))],
    ['a name of unknown type after the first', vector16(hostEntry('a.example'), hostEntry('b.example', 1))],
    ['bytes after the list', Buffer.concat([vector16(hostEntry('a.example')), Buffer.from([0])])],
  ])('%s is refused', (_what, data) => {
    expect(reasonOf({ extensions: [extension(0, data)] })).toBeTypeOf('string');
  });

  it.each([
    'a.example.',
    '.example',
    'a..example',
    'a b.example',
    'a.example\0',
    'a.example:443',
    'a/b.example',
    '*.example',
    'exämple.de',
    '192.0.2.1',
    '1.2.3',
    '0x7f000001',
    '2130706433',
    'a.0x1',
    '::1',
    '[2001:db8::1]',
    `${'a'.repeat(64)}.example`,
    `${LABELS}${'b'.repeat(62)}`,
  ])('%j is no host name', (name) => {
    expect(reasonOf({ extensions: [serverName(name)] })).toBe('server_name is not a host name');
  });

  it.each([
    ['A.Example', 'a.example'],
    ['localhost', 'localhost'],
    ['_dmarc.example', '_dmarc.example'],
    ['r3---sn.example', 'r3---sn.example'],
    ['xn--exmple-cua.de', 'xn--exmple-cua.de'],
    ['4.example', '4.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
    [`${LABELS}${'b'.repeat(61)}`, `${LABELS}${'b'.repeat(61)}`],
  ])('%j is one', (name, expected) => {
    expect(readParts({ extensions: [serverName(name)] })).toMatchObject({ ok: true, hello: { serverName: expected } });
  });
});

describe('other extensions', () => {
  it.each([
    ['an empty list of protocols', extension(16, vector16())],
    ['an empty protocol name', extension(16, vector16(vector8(), vector8(Buffer.from('h2'))))],
    [
      'bytes after the protocols',
      extension(16, Buffer.concat([vector16(vector8(Buffer.from('h2'))), Buffer.from([0])])),
    ],
    ['an empty list of versions', extension(43, vector8())],
    ['more versions than fit', extension(43, vector8(Buffer.alloc(255)))],
    ['half a version', extension(43, vector8(Buffer.from([3, 4, 3])))],
    ['bytes after the versions', extension(43, Buffer.concat([vector8(u16(0x0304)), Buffer.from([0])]))],
  ])('%s is refused', (_what, bytes) => {
    expect(reasonOf({ extensions: [bytes] })).toBeTypeOf('string');
  });

  it('127 versions fit', () => {
    const verdict = readParts({ extensions: [extension(43, vector8(Buffer.alloc(254, 3)))] });
    expect(verdict).toMatchObject({ ok: true, hello: { versions: Array(127).fill(0x0303) } });
  });

  it.each([0xfe0d, 0xffce])('extension %d is an encrypted hello', (type) => {
    expect(readParts({ extensions: [extension(type, Buffer.alloc(8))] })).toMatchObject({
      ok: true,
      hello: { hasEch: true },
    });
  });
});
