/** The packets that a self-test tries to send, and what became of each. */
import {
  AF_INET,
  AF_INET6,
  closeDescriptor,
  openSocket,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_SOCKET,
  SystemError,
  sendTo,
  setOption,
} from '../tcp/native.ts';
import { encodeSockaddr } from '../tcp/sockaddr.ts';

const IPPROTO_ICMP = 1;
const IPPROTO_UDP = 17;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_SCTP = 132;
/** RFC 3692: for experiments. */
const IPPROTO_EXPERIMENT = 253;

/** Documentation addresses (RFC 5737, RFC 3849) and link-local groups: what leaves, should the rules fail, reaches nobody. */
export const OUTSIDE_V4 = '192.0.2.1';
export const OUTSIDE_V6 = '2001:db8::1';
const ALL_HOSTS_V4 = '224.0.0.1';
const ALL_NODES_V6 = 'ff02::1';
const BROADCAST_V4 = '255.255.255.255';
const DISCARD_PORT = 9;
const DNS_SERVICE = 53;
const PAYLOAD = Buffer.from('weir self-test');
/** Echo request (RFC 792, RFC 4443); the checksum is right for ICMP and written by the kernel for ICMPv6. */
const ECHO_V4 = Buffer.from([8, 0, 0xf7, 0xff, 0, 0, 0, 0]);
const ECHO_V6 = Buffer.from([128, 0, 0, 0, 0, 0, 0, 0]);

export type Family = 'v4' | 'v6';

export interface Probe {
  name: string;
  family: Family;
  raw: boolean;
  protocol: number;
  address: string;
  port: number;
  data: Buffer;
  /** Interface to bind to, past the routing table. */
  device?: string;
}

/** `dropped`: netfilter refused it, the sender saw EPERM. `sent`: it left. `impossible`: it could not be tried (no route, no capability). */
export type Outcome =
  | { probe: string; result: 'dropped' | 'sent' }
  | { probe: string; result: 'impossible'; code: string };

/** What must fail: by the routing table, and past it on each device. Pure. */
export function probes(devices: readonly string[], families: readonly Family[]): Probe[] {
  return families.flatMap((family) => [undefined, ...devices].flatMap((device) => probesOn(family, device)));
}

function probesOn(family: Family, device: string | undefined): Probe[] {
  const v4 = family === 'v4';
  const outside = v4 ? OUTSIDE_V4 : OUTSIDE_V6;
  const list: Probe[] = [];
  const add = (name: string, address: string, port: number, raw?: { protocol: number; data: Buffer }): void => {
    const probe: Probe = {
      name: `${family} ${name}${device === undefined ? '' : ` by ${device}`}`,
      family,
      raw: raw !== undefined,
      protocol: raw?.protocol ?? IPPROTO_UDP,
      address,
      port,
      data: raw?.data ?? PAYLOAD,
    };
    if (device !== undefined) probe.device = device;
    list.push(probe);
  };
  add('udp', outside, DISCARD_PORT);
  add(
    v4 ? 'icmp' : 'icmpv6',
    outside,
    0,
    v4 ? { protocol: IPPROTO_ICMP, data: ECHO_V4 } : { protocol: IPPROTO_ICMPV6, data: ECHO_V6 },
  );
  for (const protocol of [IPPROTO_SCTP, IPPROTO_EXPERIMENT]) {
    add(`protocol ${protocol}`, outside, 0, { protocol, data: PAYLOAD });
  }
  // Without a device these follow the redirect, or need one.
  if (device === undefined) return list;
  add('dns', outside, DNS_SERVICE);
  add('multicast', v4 ? ALL_HOSTS_V4 : ALL_NODES_V6, DISCARD_PORT);
  if (v4) add('broadcast', BROADCAST_V4, DISCARD_PORT);
  return list;
}

/** Tries one. Synchronous, some microseconds; leaves no descriptor. */
export function attempt(probe: Probe): Outcome {
  let fd: number | undefined;
  let sending = false;
  try {
    fd = openSocket(probe.family === 'v4' ? AF_INET : AF_INET6, probe.raw ? SOCK_RAW : SOCK_DGRAM, probe.protocol);
    if (probe.device !== undefined) setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${probe.device}\0`));
    if (probe.address === BROADCAST_V4) setOption(fd, SOL_SOCKET, SO_BROADCAST, 1);
    sending = true;
    sendTo(fd, probe.data, encodeSockaddr(probe));
    return { probe: probe.name, result: 'sent' };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // EPERM before the send is a capability that we do not have, and says nothing about the rules.
    if (sending && error.code === 'EPERM') return { probe: probe.name, result: 'dropped' };
    return { probe: probe.name, result: 'impossible', code: error.code };
  } finally {
    if (fd !== undefined) closeDescriptor(fd);
  }
}
