/**
 * The network of the holder's own namespace: a loopback that every route leads to, the rules, and the listeners, which the parent
 * serves from outside.
 */
import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { apply, ipv6Support } from '../../sidecar/netfilter/apply.ts';
import { rules } from '../../sidecar/netfilter/rules.ts';
import { selfTest } from '../../sidecar/netfilter/selftest.ts';
import { DNS_PORT, MARK, TCP_PORT } from '../../sidecar/netfilter/settings.ts';
import type { ListenerKind } from './protocol.ts';

/**
 * The address that everything inside sends from. With 127.0.0.1 as source a redirected connection opens, but the replies to
 * it are lost; the data plane never hands this one out.
 */
const SOURCE_ADDRESS = '198.18.0.1';

/** Not the host's congestion control: one that paces what it sends (BBR) only arms timers here, for a tenth of what an upload costs. */
const LINK_COMMANDS = [
  'link set lo up',
  `address add ${SOURCE_ADDRESS}/32 dev lo`,
  `route add default dev lo src ${SOURCE_ADDRESS} congctl reno`,
  '',
].join('\n');

export interface Listener {
  kind: ListenerKind;
  handle: net.Server | dgram.Socket;
}

/**
 * Brings the network up, with the rules in place and tried before anything listens. To be called while /dev/net/tun and a
 * writable /tmp are still in sight. @throws Error with what a tool said, ApplyError, SelfTestError
 */
export async function makeNetwork(ip: string): Promise<Listener[]> {
  const texts = rules({ mark: MARK, tcpPort: TCP_PORT, dnsPort: DNS_PORT, local: true });
  const v6 = ipv6Support();
  await Promise.all([batch(ip), apply(texts, { v6, prefer: 'legacy' })]);
  await selfTest({ local: true, v6, redirect: true });
  const listeners = await listenOn('127.0.0.1');
  if (v6 === 'required') listeners.push(...(await listenOn('::1').catch(withoutAddress)));
  return listeners;
}

function listenOn(host: string): Promise<Listener[]> {
  return Promise.all([listen('tcp', host, TCP_PORT), listen('dnsTcp', host, DNS_PORT), bind(host, DNS_PORT)]);
}

/** Where IPv6 is switched off but not absent there is no ::1; the rules hold, and what they redirect finds nobody. */
function withoutAddress(error: NodeJS.ErrnoException): Listener[] {
  if (error.code === 'EADDRNOTAVAIL') return [];
  throw error;
}

/** One process for all three settings. */
function batch(ip: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile(ip, ['-batch', '-'], (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`ip: ${stderr.trim() || error.message}`));
    });
    child.stdin?.on('error', reject);
    child.stdin?.end(LINK_COMMANDS);
  });
}

async function listen(kind: ListenerKind, host: string, port: number): Promise<Listener> {
  const server = net.createServer();
  server.listen({ host, port, exclusive: true, ipv6Only: host === '::1' });
  await once(server, 'listening');
  return { kind, handle: server };
}

async function bind(host: string, port: number): Promise<Listener> {
  const socket = dgram.createSocket({ type: host === '::1' ? 'udp6' : 'udp4', ipv6Only: host === '::1' });
  socket.bind({ address: host, port, exclusive: true });
  await once(socket, 'listening');
  return { kind: 'dnsUdp', handle: socket };
}
