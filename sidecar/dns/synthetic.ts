/**
 * Synthetic addresses: every name that is answered gets an IPv4 and an IPv6 address of its own for the life of the pod, so
 * that a later connection, whatever it speaks, is known by name. An address is never given to a second name.
 */
import { formatAddress, isV4Mapped, parseAddress } from '../tcp/address.ts';

/** RFC 2544 benchmarking range; nothing on a real network answers there. */
export const SYNTHETIC_V4 = '198.18.0.0/15';
/** A unique local prefix (RFC 4193) that is ours: the letters w-e-i-r in its 40 bits. */
export const SYNTHETIC_V6 = 'fd77:6569:7200::/48';
/** Source address of loopback in local mode; never a destination. */
export const LOCAL_SOURCE_V4 = '198.18.0.1';
/** Names that can have addresses. What is beyond is not answered. */
export const MAX_SYNTHETIC_NAMES = 65_536;

const V4_BASE = 0xc612_0000;
const V4_COUNT = 0x2_0000;
const V6_PREFIX = Buffer.from('fd7765697200', 'hex');
const REFUSAL_OFFSET = 2;
/** Below are the network, the source, the refusal address and room for more like them. */
const FIRST_OFFSET = 16;

/** Where names outlive the process, so that an address that a client still holds leads to the same name. */
export interface AddressStore {
  /** What had addresses is not known: others are given, from the upper half of the range. */
  readonly lost: boolean;
  /** In the order in which they were kept. */
  readonly names: Iterable<string>;
  /** False when it could not be kept: then the name gets no address. */
  keep(name: string): boolean;
}

export interface AddressPair {
  v4: string;
  v6: string;
}

export class SyntheticAddresses {
  readonly #byName = new Map<string, AddressPair>();
  readonly #byAddress = new Map<string, string>();
  readonly #store: AddressStore | undefined;
  readonly #firstOffset: number;

  /** Where denied names lead, so that an HTTP client can be told why. */
  readonly refusal: AddressPair = pair(REFUSAL_OFFSET);

  constructor(store?: AddressStore) {
    this.#store = store;
    this.#firstOffset = store?.lost ? V4_COUNT / 2 : FIRST_OFFSET;
    for (const name of store?.names ?? []) this.#add(name);
  }

  /** Names that have addresses. */
  get size(): number {
    return this.#byName.size;
  }

  /** The addresses of a name, new or as before; undefined when all are taken, or when it could not be written down. */
  assign(name: string): AddressPair | undefined {
    const known = this.#byName.get(name);
    if (known) return known;
    if (this.#byName.size >= MAX_SYNTHETIC_NAMES) return undefined;
    if (this.#store && !this.#store.keep(name)) return undefined;
    return this.#add(name);
  }

  /** The name an address was given to. */
  nameOf(address: string): string | undefined {
    const bytes = parse(address);
    return bytes && this.#byAddress.get(formatAddress(bytes));
  }

  /** Whether an address lies in our ranges, given to a name or not. */
  isSynthetic(address: string): boolean {
    const bytes = parse(address);
    if (!bytes) return false;
    if (bytes.length === 16) return V6_PREFIX.equals(bytes.subarray(0, V6_PREFIX.length));
    const offset = Buffer.from(bytes).readUInt32BE(0) - V4_BASE;
    return offset >= 0 && offset < V4_COUNT;
  }

  #add(name: string): AddressPair {
    const fresh = pair(this.#firstOffset + this.#byName.size);
    this.#byName.set(name, fresh);
    this.#byAddress.set(fresh.v4, name);
    this.#byAddress.set(fresh.v6, name);
    return fresh;
  }
}

function pair(offset: number): AddressPair {
  const v4 = Buffer.alloc(4);
  v4.writeUInt32BE(V4_BASE + offset);
  const v6 = Buffer.alloc(16);
  V6_PREFIX.copy(v6);
  v6.writeUInt32BE(offset, 12);
  return { v4: formatAddress(v4), v6: formatAddress(v6) };
}

/** The bytes of an address; IPv4 out of its mapped form (RFC 4291 §2.5.5.2). */
function parse(address: string): Uint8Array | undefined {
  const bytes = parseAddress(address);
  return bytes && isV4Mapped(bytes) ? bytes.subarray(12) : bytes;
}
