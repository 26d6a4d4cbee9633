import { isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, formatAddress, parseAddress } from '../../../sidecar/tcp/address.ts';

describe('parseAddress', () => {
  test.each([
    ['0.0.0.0', [0, 0, 0, 0]],
    ['255.255.255.255', [255, 255, 255, 255]],
    ['192.0.2.1', [192, 0, 2, 1]],
    ['::', Array(16).fill(0)],
    ['::1', [...Array(15).fill(0), 1]],
    ['2001:DB8::a:0', [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa, 0, 0]],
    ['1:2:3:4:5:6:7::', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
    ['::ffff:192.0.2.1', [...Array(10).fill(0), 255, 255, 192, 0, 2, 1]],
    ['0000:0000:0000:0000:0000:ffff:255.255.255.255', [...Array(10).fill(0), 255, 255, 255, 255, 255, 255]],
  ])('reads %s', (text, bytes) => {
    expect([...(parseAddress(text) ?? [])]).toEqual(bytes);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.04',
    '0x7f.0.0.1',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1.2.3.4/32',
    '１.2.3.4',
    ':',
    ':::',
    '1::2::3',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '::1%lo',
    '[::1]',
    '::1.2.3',
    '::01.2.3.4',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '00000:0000:0000:0000:0000:ffff:255.255.255.255',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('agrees with Node on what an address is, zones apart', () => {
    const part = fc.oneof(
      fc.constantFrom('', '::', ':', '.', '0', 'ffff', '255', '256', '1', '01'),
      fc.string({ maxLength: 3 }),
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.ipV4(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(text, (address) => {
        expect(parseAddress(address)?.length).toBe(
          address.includes('%') ? undefined : { 0: undefined, 4: 4, 6: 16 }[isIP(address)],
        );
      }),
    );
  });
});

describe('formatAddress', () => {
  test.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0DB8::0001', '2001:db8::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['10.1.2.3', '10.1.2.3'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  test('is read back, and is what Node writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.boolean(), (bytes, sparse) => {
        const address = sparse ? bytes.map((byte) => (byte < 128 ? 0 : byte)) : bytes;
        const text = formatAddress(address);
        expect(parseAddress(text)).toEqual(new Uint8Array(address));
        // inet_ntop writes ::a.b.c.d for the deprecated compatible addresses, RFC 5952 does not ask for it.
        if (address.subarray(0, 12).some((byte) => byte !== 0)) {
          expect(new SocketAddress({ address: text, family: 'ipv6' }).address).toBe(text);
        }
      }),
    );
  });

  test('takes no other length', () => {
    expect(() => formatAddress(new Uint8Array(5))).toThrow(RangeError);
    expect(canonicalAddress('localhost')).toBeUndefined();
  });
});
