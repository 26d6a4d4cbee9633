/** struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)) as bytes. */
import { formatAddress, parseAddress } from './address.ts';
import { AF_INET, AF_INET6 } from './native.ts';
import type { Endpoint } from './types.ts';

export const SOCKADDR_IN_SIZE = 16;
export const SOCKADDR_IN6_SIZE = 28;

/**
 * The sockaddr of an endpoint; `interfaceIndex` is the scope of a link-local or multicast IPv6 address.
 * @throws RangeError when the address is not one, or the port is no port.
 */
export function encodeSockaddr(endpoint: Endpoint, interfaceIndex = 0): Buffer {
  const address = parseAddress(endpoint.address);
  if (address === undefined) throw new RangeError(`not an address: ${JSON.stringify(endpoint.address)}`);
  const v4 = address.length === 4;
  const bytes = Buffer.alloc(v4 ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE);
  bytes.writeUInt16LE(v4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt16BE(endpoint.port, 2);
  bytes.set(address, v4 ? 4 : 8);
  if (!v4) bytes.writeUInt32LE(interfaceIndex, 24);
  return bytes;
}

/** The endpoint in a sockaddr that the kernel wrote; undefined when it is of another family or too short. */
export function decodeSockaddr(bytes: Buffer): Endpoint | undefined {
  if (bytes.length < 4) return undefined;
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  if (family === AF_INET && bytes.length >= 8) return { address: formatAddress(bytes.subarray(4, 8)), port };
  if (family === AF_INET6 && bytes.length >= 24) return { address: formatAddress(bytes.subarray(8, 24)), port };
  return undefined;
}
