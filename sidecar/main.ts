/** The sidecar's entry in a pod: listeners on loopback, marked sockets outwards, the policy from the control plane or a file. */

import dgram from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../crds/errors.ts';
import { SERVICE_ACCOUNT_DIR } from '../crds/injected.ts';
import { Counters } from './audit/counters.ts';
import { createLog } from './audit/log.ts';
import { Heartbeat } from './heartbeat.ts';
import { heapUse } from './inspect/pressure.ts';
import { metricsOf, RuleCounters } from './metrics/collect.ts';
import { render } from './metrics/render.ts';
import { serveMetrics } from './metrics/server.ts';
import { Snapshot } from './metrics/snapshot.ts';
import { selfTest } from './netfilter/selftest.ts';
import { settingsFrom } from './netfilter/settings.ts';
import { type Plane, start } from './plane.ts';
import { policiesOfControl, policiesOfFile } from './policies.ts';
import { Readiness } from './readiness.ts';
import { type SecretWatch, watchSecrets } from './secrets/watch.ts';
import { DRAIN_MS, hasIpv6DefaultRoute, type SidecarSettings, sidecarSettings } from './settings.ts';
import { ResolverMemory } from './state/resolver.ts';
import { addressStore, nameStore, openState } from './state/state.ts';
import { markedEgress } from './tcp/egress.ts';
import { listenOn } from './tcp/listener.ts';
import { originalDestination } from './tcp/original-destination.ts';
import { upstreamRoots } from './tls/trust.ts';
import { authorityIn, writeTrust } from './trust-files.ts';

const V6 = existsSync('/proc/net/if_inet6');
const LOOPBACKS = V6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];

/** One line of JSON on standard output, for whoever started us. */
function say(msg: string, more: object = {}): void {
  process.stdout.write(`${JSON.stringify({ msg, ...more })}\n`);
}

function fail(error: unknown): never {
  say('failed', { error: messageOf(error) });
  process.exit(1);
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

/** The authorities of upstream servers: the image's, those that were named, and the platform's where it has one. */
function rootsOf({ policy, upstreamCa }: SidecarSettings): string[] {
  const own = 'control' in policy ? [policy.control.upstreamCaFile].filter((file) => existsSync(file)) : [];
  return upstreamRoots(process.env, [...upstreamCa, ...own]);
}

async function main(): Promise<void> {
  const started = Date.now() / 1000;
  const settings = sidecarSettings(process.env);
  const { mark, tcpPort, dnsPort, metricsPort } = settingsFrom(process.env);
  const directory = path.join(settings.stateDir, 'private');
  // The first thing that is kept.
  const resolverMemory = ResolverMemory.open(directory, () => readFileSync('/etc/resolv.conf', 'utf8'));
  const readiness = await Readiness.listen(path.join(settings.stateDir, 'ready.sock'));
  const egress = markedEgress(mark);
  const policies =
    'file' in settings.policy
      ? await policiesOfFile(settings.policy.file)
      : policiesOfControl(settings.policy.control, egress, directory, say, (reason) => readiness.waitFor(reason));

  let plane: Plane | undefined;
  const log = createLog(settings.logFile);
  const heartbeat = new Heartbeat(
    () => selfTest({ local: false, v6: V6 ? 'required' : 'absent', redirect: plane === undefined, vsock: true }),
    settings.heartbeatSeconds,
  );
  const closers: (() => void)[] = [];
  let closing = false;
  const stop = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    readiness.close();
    heartbeat.stop();
    await plane?.drain(DRAIN_MS);
    for (const close of closers) close();
    await Promise.all([plane?.close(), policies.close()]);
    await log.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop().catch(fail));
  process.on('SIGINT', () => void stop().catch(fail));

  // While the control plane is asked. A guard that cannot show that it holds does not serve.
  const holds = heartbeat.beat();
  holds.catch(() => {});
  const authority = await authorityIn(directory);
  const roots = rootsOf(settings);
  for (const error of writeTrust(settings.trustDir, authority, roots)) {
    say('trust file left out', { error: error.message });
  }
  await holds;
  const life = await policies.first();
  if (closing) return;

  const state = openState(directory, life);
  if (state.accounts.lost) say('budgets lost: everything with a limit counts as spent', { reason: state.problem });
  const resolver = resolverMemory.kept;
  const nameservers =
    settings.resolvers.length > 0 ? settings.resolvers : resolver.nameservers.map((address) => ({ address, port: 53 }));
  if (nameservers.length === 0)
    say('no resolver: no name resolves until the pod is replaced', { reason: resolver.problem });
  const counters = new Counters();
  const rules = new RuleCounters();
  const listeners = {
    tcp: await Promise.all(LOOPBACKS.map((address) => listenOn(address, tcpPort))),
    dnsTcp: await Promise.all(LOOPBACKS.map((address) => listenOn(address, dnsPort))),
    dnsUdp: await Promise.all(LOOPBACKS.map((address) => bindUdp(address, dnsPort))),
  };
  const { source, control, reports } = policies;
  let secrets: SecretWatch | undefined;
  const running = start({
    listeners,
    originalDestination,
    egress,
    nameservers,
    policySource: source,
    state: { ledger: state.accounts, names: nameStore(state), addresses: addressStore(state) },
    authority,
    roots,
    emit: (event) => {
      log.write(event);
      counters.add(event);
      rules.add(event);
      reports?.add(event);
    },
    secretsCurrent: () => secrets?.current(),
    facts: {
      searchDomains: resolver.searchDomains,
      hasIpv6Route: V6 && hasIpv6DefaultRoute(readFileSync('/proc/net/ipv6_route', 'utf8')),
    },
  });
  plane = running;
  const { secretsDir, heldSecrets } = settings;
  secrets =
    secretsDir === undefined
      ? undefined
      : watchSecrets({
          directory: secretsDir,
          serviceAccountDirectory: SERVICE_ACCOUNT_DIR,
          held: new Set(heldSecrets),
          policySource: source,
          use: running.setKnownSecrets,
          replace: running.replaceKnownSecrets,
          say,
        });
  closers.push(() => secrets?.stop());
  const sayPatterns = (): void => {
    const { refused } = running.stats().patterns;
    if (refused.length > 0) say('patterns that cannot be searched for: these are not looked for', { refused });
  };
  sayPatterns();
  closers.push(
    source.subscribe(({ hash, policies: names }) => {
      say('policy', { policy: hash, policies: names });
      sayPatterns();
    }),
  );
  if (metricsPort !== undefined) {
    const snapshot = new Snapshot();
    const text = (): string =>
      render(
        snapshot.of(
          metricsOf({
            counters,
            rules,
            policy: source.current,
            control: control?.status,
            reports: reports?.counts(),
            plane: running.stats(),
            nameservers: nameservers.length,
            state: { lost: state.accounts.lost, accounts: state.accounts.size, nameBytes: state.names.bytes },
            secrets: secrets?.counts(),
            logDropped: log.dropped(),
            heartbeat: heartbeat.last,
            started,
            rssBytes: process.memoryUsage.rss(),
            heap: heapUse(),
          }),
        ),
      );
    closers.push(await serveMetrics(metricsPort, mark, V6, text));
  }
  heartbeat.run().catch(fail);
  readiness.ready();
  say('ready', { policy: source.current.hash, policies: source.current.policies });
}

main().catch(fail);
