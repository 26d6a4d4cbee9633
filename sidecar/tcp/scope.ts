/**
 * What kind of place an address is. Policies admit scopes, never addresses; what is not known to be public is not.
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), and the metadata endpoints as their clouds document them.
 */
import { SYNTHETIC_V4, SYNTHETIC_V6 } from '../dns/synthetic.ts';
import { isV4Mapped, parseAddress } from './address.ts';

export { canonicalAddress, formatAddress, parseAddress } from './address.ts';

export type AddressClass =
  | 'public'
  | 'private'
  | 'loopback'
  | 'link-local'
  | 'cgnat'
  | 'metadata'
  | 'multicast'
  | 'reserved'
  | 'synthetic'
  | 'unparsable';

type Range = readonly [prefix: string, kind: AddressClass];

/** First match wins; what none matches is public. The documentation ranges of RFC 5737 are not special here. */
const V4_RANGES: readonly Range[] = [
  ['169.254.169.254/32', 'metadata'], // AWS, Azure, Google Cloud, Oracle, DigitalOcean, OpenStack…
  ['169.254.169.253/32', 'metadata'], // AWS resolver
  ['169.254.170.2/32', 'metadata'], // AWS ECS task credentials
  ['169.254.170.23/32', 'metadata'], // AWS EKS pod identity
  ['100.100.100.200/32', 'metadata'], // Alibaba Cloud
  ['168.63.129.16/32', 'metadata'], // Azure wire server: looks public, is the host
  ['192.0.0.192/32', 'metadata'], // Oracle Cloud, classic
  [SYNTHETIC_V4, 'synthetic'],
  ['0.0.0.0/8', 'reserved'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'cgnat'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.88.99.0/24', 'reserved'], // 6to4 relay anycast, RFC 7526
  ['192.168.0.0/16', 'private'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
];

/** Outside 2000::/3 everything that is not named is reserved. */
const V6_RANGES: readonly Range[] = [
  ['::1/128', 'loopback'],
  ['fd00:ec2::23/128', 'metadata'], // AWS EKS pod identity
  ['fd00:ec2::253/128', 'metadata'], // AWS resolver
  ['fd00:ec2::254/128', 'metadata'], // AWS instance metadata
  ['fd20:ce::254/128', 'metadata'], // Google Cloud
  [SYNTHETIC_V6, 'synthetic'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
  ['2001::/23', 'reserved'], // IETF protocol assignments; Teredo, which lies in it, is taken apart before
  ['2000::/3', 'public'],
  ['::/0', 'reserved'],
];

interface Matcher {
  bytes: Uint8Array;
  bits: number;
  kind: AddressClass;
}

const V4 = V4_RANGES.map(matcher);
const V6 = V6_RANGES.map(matcher);

function matcher([prefix, kind]: Range): Matcher {
  const [address = '', bits = ''] = prefix.split('/');
  return { bytes: parseAddress(address) as Uint8Array, bits: Number(bits), kind };
}

function matches(address: Uint8Array, { bytes, bits }: Matcher): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== bytes[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (((address[whole] as number) ^ (bytes[whole] as number)) & (0xff00 >> rest)) === 0;
}

/** From the most to the least harmless; of several readings of one address the last one here counts. */
const ORDER: readonly AddressClass[] = [
  'public',
  'private',
  'cgnat',
  'reserved',
  'multicast',
  'link-local',
  'loopback',
  'synthetic',
  'metadata',
  'unparsable',
];

function worst(kinds: readonly AddressClass[]): AddressClass {
  return ORDER[Math.max(...kinds.map((kind) => ORDER.indexOf(kind)))] as AddressClass;
}

/**
 * Classifies an address in any text that a resolver or a C library would take for one: the standard forms, an IPv6 address
 * in brackets or with a zone, and inet_aton's short, octal and hexadecimal IPv4. An IPv6 address that carries an IPv4 one
 * (v4-mapped, NAT64, 6to4, Teredo, ISATAP) is what that one is, when that is worse.
 */
export function classifyAddress(text: string): AddressClass {
  const bytes = parseAddress(text) ?? parseLax(text);
  return bytes === undefined ? 'unparsable' : classifyBytes(bytes);
}

function classifyBytes(address: Uint8Array): AddressClass {
  if (address.length === 4)
    return (V4.find((range) => matches(address, range)) as Matcher | undefined)?.kind ?? 'public';
  const own = (V6.find((range) => matches(address, range)) as Matcher).kind;
  const { embedded, translated } = embeddedV4(address);
  const kinds = embedded.map(classifyBytes);
  return translated ? worst(kinds) : worst([own, ...kinds]);
}

const NAT64 = matcher(['64:ff9b::/96', 'reserved']);
const NAT64_LOCAL = matcher(['64:ff9b:1::/48', 'reserved']);
const SIX_TO_FOUR = matcher(['2002::/16', 'reserved']);
const TEREDO = matcher(['2001::/32', 'reserved']);

/** The IPv4 addresses in an IPv6 one. `translated`: the packet goes to them alone, the IPv6 range says nothing more. */
function embeddedV4(address: Uint8Array): { embedded: Uint8Array[]; translated: boolean } {
  const at = (...offsets: number[]): Uint8Array => Uint8Array.from(offsets, (i) => address[i] as number);
  if (isV4Mapped(address) || matches(address, NAT64)) return { embedded: [at(12, 13, 14, 15)], translated: true };
  if (matches(address, NAT64_LOCAL)) return { embedded: nat64Local(address, at), translated: true };
  if (matches(address, SIX_TO_FOUR)) return { embedded: [at(2, 3, 4, 5)], translated: true };
  if (matches(address, TEREDO)) {
    // RFC 4380 4: the server, and the client's address with every bit inverted.
    return { embedded: [at(4, 5, 6, 7), at(12, 13, 14, 15).map((byte) => byte ^ 0xff)], translated: true };
  }
  // ISATAP (RFC 5214 6.1): interface identifier 0000:5efe or 0200:5efe, then the IPv4 address.
  const isatap =
    ((address[8] as number) & 0xfd) === 0 && address[9] === 0 && address[10] === 0x5e && address[11] === 0xfe;
  return { embedded: isatap ? [at(12, 13, 14, 15)] : [], translated: false };
}

/** RFC 8215's prefix may be used at /48, /56, /64 or /96 (RFC 6052 2.2): every reading whose reserved and suffix bits are zero. */
function nat64Local(address: Uint8Array, at: (...offsets: number[]) => Uint8Array): Uint8Array[] {
  const zero = (from: number): boolean => address[8] === 0 && address.subarray(from).every((byte) => byte === 0);
  const readings: Uint8Array[] = [];
  if (zero(11)) readings.push(at(6, 7, 9, 10));
  if (zero(12)) readings.push(at(7, 9, 10, 11));
  if (zero(13)) readings.push(at(9, 10, 11, 12));
  if (readings.length === 0) readings.push(at(12, 13, 14, 15));
  return readings;
}

/** What inet_aton(3) takes beyond the standard form, and IPv6 with brackets or a zone. */
function parseLax(text: string): Uint8Array | undefined {
  if (text.includes(':')) {
    const match = /^\[?([0-9a-f:.]+)(?:%[0-9a-z._-]{1,15})?(\]?)$/i.exec(text);
    if (match === null || text.startsWith('[') !== (match[2] === ']')) return undefined;
    const bytes = parseAddress(match[1] as string);
    return bytes?.length === 16 ? bytes : undefined;
  }
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  const last = parts.length - 1;
  let value = 0;
  for (const [i, part] of parts.entries()) {
    const number = parseNumber(part);
    const limit = i === last ? 256 ** (4 - last) : 256;
    if (number === undefined || number >= limit) return undefined;
    value += i === last ? number : number * 256 ** (3 - i);
  }
  return Uint8Array.of(value / 2 ** 24, value / 2 ** 16, value / 2 ** 8, value);
}

const MAX_NUMBER_LENGTH = 12; // octal 037777777777

/** A C integer constant: decimal, 0… octal, 0x… hexadecimal. */
function parseNumber(text: string): number | undefined {
  if (text.length > MAX_NUMBER_LENGTH) return undefined;
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : undefined;
}
