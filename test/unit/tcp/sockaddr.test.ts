import { expect, test } from 'vitest';
import { decodeSockaddr, encodeSockaddr } from '../../../sidecar/tcp/sockaddr.ts';

test('IPv4', () => {
  const bytes = encodeSockaddr({ address: '192.0.2.1', port: 443 });
  expect(bytes.toString('hex')).toBe('0200' + '01bb' + 'c0000201' + '0000000000000000');
  expect(decodeSockaddr(bytes)).toEqual({ address: '192.0.2.1', port: 443 });
});

test('IPv6, with a scope', () => {
  const bytes = encodeSockaddr({ address: 'ff02::1', port: 9 }, 3);
  expect(bytes.toString('hex')).toBe('0a00' + '0009' + '00000000' + 'ff020000000000000000000000000001' + '03000000');
  expect(decodeSockaddr(bytes)).toEqual({ address: 'ff02::1', port: 9 });
});

test('what is not an endpoint', () => {
  expect(() => encodeSockaddr({ address: 'example.org', port: 1 })).toThrow(RangeError);
  expect(() => encodeSockaddr({ address: '::1', port: 65536 })).toThrow(RangeError);
  expect(decodeSockaddr(Buffer.alloc(0))).toBeUndefined();
  expect(decodeSockaddr(Buffer.from('020001bbc00002', 'hex'))).toBeUndefined();
  expect(decodeSockaddr(Buffer.from('0a0001bb00000000ff02', 'hex'))).toBeUndefined();
  expect(decodeSockaddr(Buffer.from('0100000000000000', 'hex'))).toBeUndefined();
});
