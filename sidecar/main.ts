/** The sidecar's entry in a pod: listeners on loopback, marked sockets outwards, the policy from a file. */

import dgram from 'node:dgram';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from '../crds/compile.ts';
import { parseDocuments } from '../crds/document.ts';
import { createLog } from './audit/log.ts';
import { parseResolvConf } from './dns/system-files.ts';
import { DETECTOR_NAMES } from './inspect/detectors/index.ts';
import { selfTest } from './netfilter/selftest.ts';
import { settingsFrom } from './netfilter/settings.ts';
import { start } from './plane.ts';
import { hasIpv6DefaultRoute, type SidecarSettings, sidecarSettings } from './settings.ts';
import { markedEgress } from './tcp/egress.ts';
import { listenOn } from './tcp/listener.ts';
import { originalDestination } from './tcp/original-destination.ts';
import { Authority } from './tls/authority.ts';
import { bundle, upstreamRoots } from './tls/trust.ts';

const LOOPBACKS = existsSync('/proc/net/if_inet6') ? ['127.0.0.1', '::1'] : ['127.0.0.1'];

/** One line of JSON on standard output, for whoever started us. */
function say(msg: string, more: object = {}): void {
  process.stdout.write(`${JSON.stringify({ msg, ...more })}\n`);
}

function readPolicy(file: string) {
  const { policies, clusterPolicies, problems } = parseDocuments(readFileSync(file, 'utf8'), file, DETECTOR_NAMES);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new Error(errors.map(({ file, line, path, message }) => `${file}:${line}: ${path}: ${message}`).join('\n'));
  }
  return compile(policies, undefined, { clusterPolicies });
}

/** The same authority over restarts: what is in the containers trusts it already. */
async function authorityIn(stateDir: string): Promise<Authority> {
  const file = path.join(stateDir, 'private', 'authority.pem');
  if (existsSync(file)) return Authority.load(readFileSync(file, 'utf8'));
  const authority = await Authority.create();
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${authority.certificatePem}${authority.keyPem}`, { mode: 0o600 });
  return authority;
}

function writeTrust(settings: SidecarSettings, authority: Authority, roots: readonly string[]): void {
  const directory = path.join(settings.stateDir, 'trust');
  const { pem, pkcs12, unusable } = bundle(authority.certificatePem, roots, {});
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'ca.crt'), authority.certificatePem);
  writeFileSync(path.join(directory, 'bundle.pem'), pem);
  writeFileSync(path.join(directory, 'trust.p12'), pkcs12);
  for (const error of unusable) say('trust file left out', { error: error.message });
}

async function bindUdp(address: string, port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', ipv6Only: address.includes(':') });
  const bound = Promise.withResolvers<void>();
  socket.once('error', bound.reject);
  socket.bind({ address, port, exclusive: true }, () => bound.resolve());
  await bound.promise;
  socket.off('error', bound.reject);
  return socket;
}

async function main(): Promise<void> {
  const settings = sidecarSettings(process.env);
  const { mark, tcpPort, dnsPort } = settingsFrom(process.env);
  const policy = readPolicy(settings.policyFile);
  const authority = await authorityIn(settings.stateDir);
  const roots = upstreamRoots(process.env, settings.upstreamCa);
  writeTrust(settings, authority, roots);
  const resolvConf = parseResolvConf(readFileSync('/etc/resolv.conf', 'utf8'));
  const log = createLog(settings.logFile);

  const listeners = {
    tcp: await Promise.all(LOOPBACKS.map((address) => listenOn(address, tcpPort))),
    dnsTcp: await Promise.all(LOOPBACKS.map((address) => listenOn(address, dnsPort))),
    dnsUdp: await Promise.all(LOOPBACKS.map((address) => bindUdp(address, dnsPort))),
  };
  // A guard that cannot show that it holds does not serve.
  await selfTest({ local: false, v6: LOOPBACKS.length > 1 ? 'required' : 'absent', redirect: true });

  const plane = start({
    listeners,
    originalDestination,
    egress: markedEgress(mark),
    nameservers:
      settings.resolvers.length > 0
        ? settings.resolvers
        : resolvConf.nameservers.map((address) => ({ address, port: 53 })),
    policy,
    authority,
    roots,
    emit: log.write,
    facts: {
      searchDomains: resolvConf.searchDomains,
      hasIpv6Route: LOOPBACKS.length > 1 && hasIpv6DefaultRoute(readFileSync('/proc/net/ipv6_route', 'utf8')),
    },
  });
  let closing = false;
  const stop = (): void => {
    if (closing) return;
    closing = true;
    plane
      .close()
      .then(() => log.close())
      .then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  say('ready', { policy: policy.hash, policies: policy.policies });
}

main().catch((error: unknown) => {
  say('failed', { error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
