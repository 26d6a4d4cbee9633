/** Properties of address classification and protocol detection: no crash, no ambiguity, nothing that depends on how bytes were cut. */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { Detector } from '../../sidecar/tcp/detect.ts';
import { canonicalAddress, classifyAddress, formatAddress, parseAddress } from '../../sidecar/tcp/scope.ts';

const CLASSES = [
  'public',
  'private',
  'loopback',
  'link-local',
  'cgnat',
  'metadata',
  'multicast',
  'reserved',
  'synthetic',
  'unparsable',
];

const addressPiece = fc.oneof(
  fc.constantFrom(
    '.',
    ':',
    '::',
    '[',
    ']',
    '%',
    '0x',
    '0',
    '00',
    '255',
    '256',
    'ffff',
    '127',
    '169.254.169.254',
    'fe80',
    '64:ff9b',
  ),
  fc.string({ maxLength: 4 }),
  fc.nat().map(String),
);
const addressText = fc.oneof(
  fc.array(addressPiece, { maxLength: 16 }).map((pieces) => pieces.join('')),
  fc.ipV4Extended(),
  fc.ipV6(),
  fc.string({ unit: 'binary' }),
);

const begin = fc.constantFrom(
  'GET / HTTP/1.1\r\n',
  'CONNECT a:1 HTTP/1.1',
  'POST http://a/ HTTP/1.1',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'PRI ',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc',
  'SSH-2.0-x\r\n',
  '\r\n',
);
const beginning = fc
  .tuple(fc.oneof(begin, fc.constant('')), fc.nat({ max: 30 }), fc.uint8Array({ maxLength: 64 }))
  .map(([text, cut, tail]) => Buffer.concat([Buffer.from(text, 'latin1').subarray(0, cut), tail]));

export const properties: { name: string; property: fc.IProperty<unknown> | fc.IAsyncProperty<unknown> }[] = [
  {
    name: 'tcp: every text has one class, and only standard ones are addresses',
    property: fc.property(addressText, (text) => {
      const kind = classifyAddress(text);
      assert.ok(CLASSES.includes(kind));
      const parsed = parseAddress(text);
      assert.equal(parsed !== undefined, isIP(text) !== 0 && !text.includes('%'));
      if (parsed !== undefined) {
        assert.notEqual(kind, 'unparsable');
        assert.equal(classifyAddress(canonicalAddress(text) as string), kind);
      }
    }) as fc.IProperty<unknown>,
  },
  {
    name: 'tcp: an address that carries an IPv4 one is never more public than it',
    property: fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.constantFrom(0, 1, 2), (bytes, form) => {
      const v4 = bytes.slice(12);
      const carrier = Uint8Array.from(bytes);
      if (form === 0) carrier.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);
      if (form === 1) carrier.set([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]);
      if (form === 2) carrier.set([0x20, 0x02, ...v4]);
      const inner = classifyAddress(formatAddress(v4));
      assert.equal(classifyAddress(formatAddress(carrier)), inner);
    }) as fc.IProperty<unknown>,
  },
  {
    name: 'tcp: detection does not depend on how the bytes were cut',
    property: fc.property(beginning, fc.array(fc.nat({ max: 100 }), { maxLength: 8 }), (bytes, cuts) => {
      const whole = new Detector().push(bytes);
      const single = new Detector();
      let last = single.push(Buffer.alloc(0));
      for (const byte of bytes) {
        const answer = single.push(Uint8Array.of(byte));
        assert.ok(last === 'more' || answer === last, 'an answer changed');
        last = answer;
      }
      assert.equal(last, whole);
      const pieces = new Detector();
      let from = 0;
      for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
        last = pieces.push(bytes.subarray(from, cut));
        from = Math.min(cut, bytes.length);
      }
      assert.equal(last, whole);
      assert.ok(bytes.length < 48 || whole !== 'more', 'undecided for too long');
    }) as fc.IProperty<unknown>,
  },
];
