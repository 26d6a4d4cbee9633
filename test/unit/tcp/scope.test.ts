import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressClass, classifyAddress, formatAddress } from '../../../sidecar/tcp/scope.ts';

const table: Record<AddressClass, string[]> = {
  public: [
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.2.1', // RFC 5737 is not special
    '198.51.100.7',
    '203.0.113.9',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2001:200::1',
    '2001:db8::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '64:ff9b:1::8.8.8.8',
    '64:ff9b:1:808:8:800::', // the same, at /48
    '2002:808:808::1',
    '2001:0:808:808:0:0:f7f7:f7f7', // Teredo, client 8.8.8.8
    '2606:4700::5efe:8.8.8.8',
  ],
  private: [
    '10.0.0.0',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    'fc00::1',
    'fdff:ffff::1',
    '::ffff:10.0.0.1',
    '::FFFF:0a00:0001',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::10.0.0.1',
    '64:ff9b:1:5:a:0:100:0', // 10.0.0.1 at /64
    '2002:a00:1::1',
    '2001:0:808:808:0:0:f5ff:fffe',
    '2001:0:a00:1:0:0:f7f7:f7f7',
    '2606:4700::5efe:10.0.0.1',
    '2606:4700::200:5efe:10.0.0.1',
    '0xa000001',
    '0xA.1',
    '012.0.0.1',
    '167772161',
    '10.1',
    '192.168.257',
  ],
  cgnat: ['100.64.0.0', '100.127.255.255', '::ffff:100.64.0.1'],
  loopback: [
    '127.0.0.1',
    '127.255.255.255',
    '::1',
    '0:0:0:0:0:0:0:1',
    '[::1]',
    '::1%lo',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '127.1',
    '0x7f000001',
    '0X7F.0.0.1',
    '0177.0.0.01',
    '017700000001',
    '2130706433',
  ],
  'link-local': ['169.254.0.1', 'fe80::1', 'febf::1', 'fe80::1%eth0', '[fe80::1%25]', '::ffff:169.254.1.1'],
  metadata: [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '169.254.43518',
  ],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1', '::ffff:224.0.0.251'],
  reserved: [
    '0.0.0.0',
    '0.255.255.255',
    '192.0.0.8',
    '192.88.99.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::8.8.8.8',
    '100::1',
    '2001:2::1',
    '2001:1ff::1',
    '4000::1',
    '5f00::1',
    'fec0::1',
    '0',
    '0x0',
    '64:ff9b:1::', // 0.0.0.0
    '64:ff9b:1:a00:0:100::', // 10.0.0.1 at /48, 0.0.1.0 at /56
  ],
  synthetic: ['198.18.0.0', '198.18.0.1', '198.19.255.255', 'fd77:6569:7200::2', '::ffff:198.18.0.2'],
  unparsable: [
    '',
    ' ',
    'localhost',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2',
    '256.1.1.1',
    '256.1',
    '1.2.65536',
    '1.16777216',
    '4294967296',
    '0400.1.1.1',
    '08.1.1.1',
    '0x',
    '0x.1.1.1',
    '-1',
    '+1',
    '1e3',
    '127.0.0.1 ',
    '127.0.0.1%lo',
    '[127.0.0.1]',
    '[::1',
    '::1]',
    '::1%',
    '::1%lo/../x',
    '٣.1.1.1',
    '0000000000001',
    'ffff::1::2',
  ],
};

describe('classifyAddress', () => {
  for (const [kind, addresses] of Object.entries(table)) {
    test.each(addresses)(`${kind}: %j`, (address) => {
      expect(classifyAddress(address)).toBe(kind);
    });
  }

  test('is the same for every way to write one IPv4 address', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
        const kind = classifyAddress(bytes.join('.'));
        const spellings = [
          String(value),
          `0x${value.toString(16)}`,
          `0${value.toString(8)}`,
          bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
          bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
          `${bytes[0]}.${value & 0xffffff}`,
          `${bytes[0]}.${bytes[1]}.${value & 0xffff}`,
          `::ffff:${bytes.join('.')}`,
          formatAddress(Uint8Array.from([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, ...bytes])),
        ];
        expect(spellings.map(classifyAddress)).toEqual(spellings.map(() => kind));
      }),
    );
  });
});
