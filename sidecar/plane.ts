/** The data plane: wires the rooms. A pod's main and local mode's parent differ only in what they pass to `start`. */
import type dgram from 'node:dgram';
import type net from 'node:net';
import { canonicalJson } from '../crds/canonical.ts';
import { messageOf } from '../crds/errors.ts';
import type { Event, Finding, Reason } from '../crds/runtime.ts';
import { suggestRule } from '../crds/suggest.ts';
import { newId, timestamp } from './audit/event.ts';
import { remembering, shownEvent } from './audit/shown.ts';
import { type Rooms, route } from './connection.ts';
import { Dialer } from './dialer.ts';
import { NameBudget, type NameStore } from './dns/budget.ts';
import { Expansions } from './dns/expansions.ts';
import type { DnsFacts } from './dns/judge.ts';
import { lookedUp } from './dns/judge.ts';
import { Resolver } from './dns/resolver.ts';
import { serveDns } from './dns/server.ts';
import { createDnsService } from './dns/service.ts';
import { type AddressStore, SyntheticAddresses } from './dns/synthetic.ts';
import { Forwarder } from './http/forward.ts';
import { createHttpFront } from './http/server.ts';
import type { ConnectionContext } from './http/types.ts';
import { createInspector, type PatternsReport, type SecretInspector } from './inspect/index.ts';
import { SessionCache } from './inspect/sessions.ts';
import type { ThreadStats } from './inspect/thread/thread.ts';
import { Memory } from './memory.ts';
import { Budgets, PolicyEngine, type PolicySource } from './policy/index.ts';
import { isContentRefusal } from './policy/refusals.ts';
import { Relays } from './relays.ts';
import { currentInspector } from './secrets/current.ts';
import type { Ledger } from './state/ledger.ts';
import { Connections } from './tcp/connections.ts';
import { listen } from './tcp/listener.ts';
import type { Egress, Endpoint, OriginalDestination } from './tcp/types.ts';
import type { Authority } from './tls/authority.ts';
import { createTerminator } from './tls/terminate.ts';

export interface PlaneOptions {
  /** Open already, on loopback, in the network namespace of what is guarded. */
  listeners: { tcp: readonly net.Server[]; dnsTcp: readonly net.Server[]; dnsUdp: readonly dgram.Socket[] };
  originalDestination: OriginalDestination;
  egress: Egress;
  nameservers: readonly Endpoint[];
  /** Lower-case host → addresses, before any name server (a machine's hosts file). */
  staticHosts?: ReadonlyMap<string, readonly string[]>;
  policySource: PolicySource;
  /** What outlives the process; without it everything is for its life. */
  state?: { ledger: Ledger; names: NameStore; addresses: AddressStore };
  authority: Authority;
  /** PEM of the trust anchors for upstream TLS. */
  roots: readonly string[];
  emit: (event: Event) => void;
  facts: DnsFacts;
  /** What is judged waits for it: see SecretWatch. */
  secretsCurrent?: () => Promise<void> | undefined;
}

/** What metrics tell of the plane. */
export interface PlaneStats {
  connections: { active: number; refused: number };
  /** Relays under TCP and TLS rules that are open, and that were closed because nothing came after one side's end. */
  relays: { open: number; halfClosed: number };
  /** Bytes that bodies and messages have taken; who waits for room, and who found none since the start. */
  memory: { used: number; max: number; waiting: number; refused: number };
  /** Names that have synthetic addresses, and that the name budget has seen. */
  names: { addresses: number; seen: number };
  /** Hosts whose requests, and domains whose names, are judged behind those before; texts that are not new in heads. */
  sent: { hosts: number; domains: number; texts: number };
  /** Denied names that a search list made of others that were told. */
  expansions: number;
  patterns: PatternsReport;
  thread: ThreadStats;
  /** Whether too much was refused for its content. */
  cutOff: boolean;
  budgets: Budgets;
}

export interface Plane {
  /** What of the pod's Secrets is looked for from now on. */
  setKnownSecrets: SecretInspector['setKnownSecrets'];
  /** The same while traffic is served. */
  replaceKnownSecrets: SecretInspector['replaceKnownSecrets'];
  /** Takes no more connections, and waits for those that are open to end, at most so many milliseconds. */
  drain(timeoutMs: number): Promise<void>;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
  stats(): PlaneStats;
}

export function start(options: PlaneOptions): Plane {
  const { authority, egress, listeners, nameservers, policySource, roots, state, staticHosts } = options;
  const budgets = new Budgets(state?.ledger);
  let policyEngine = new PolicyEngine(policySource.current, budgets);
  const engine = (): PolicyEngine => policyEngine;
  const secrets = createInspector();
  const { secretsCurrent } = options;
  const inspector = secretsCurrent ? currentInspector(secrets, { current: secretsCurrent }) : secrets;
  let patterns = policySource.current.content.patterns ?? [];
  let patternsReport = secrets.setPatterns(patterns);
  secrets.measureOpaque(policySource.current.content.opaqueUploads !== undefined);
  const synthetic = new SyntheticAddresses(state?.addresses);
  const nameBudget = new NameBudget(state?.names);
  const relays = new Relays();
  const memory = new Memory();
  const resolver = new Resolver({ nameservers, egress, ...(staticHosts && { hosts: staticHosts }) });
  const dialer = new Dialer({ resolver, egress, roots });
  const forwarder = new Forwarder((host, port, secure, scope) => dialer.connect(host, port, secure, scope));
  // Of what was judged already: at once.
  const inspectName = remembering((name) => {
    const inspection = secrets.session(name).open({ body: 'dns.name', contentEncoding: [] });
    const step = inspection.field('dns.name', 'name', Buffer.from(name, 'latin1'));
    inspection.abort();
    if (step instanceof Promise || step.tooComplex !== undefined) throw new Error('the name cannot be judged');
    return policyEngine.decideFindings(undefined, name, step.findings);
  });
  // The one way out for events: no room shows a name or a text as it came.
  const emit = (event: Event): void => {
    const isCounted = isContentRefusal(event);
    const { layer, host } = event;
    const name = layer === 'dns' && host !== undefined ? lookedUp(host, options.facts.searchDomains) : undefined;
    if (isCounted) budgets.refusals.add(name);
    options.emit(shownEvent(event, inspectName));
    if (isCounted) endIfCutOff(event.layer);
  };
  const denied = (layer: Event['layer'], reason: Reason, more: Partial<Event> = {}): void =>
    emit({ time: timestamp(), id: newId(), action: 'deny', layer, reason, ...more });
  let wasCutOff = policyEngine.cutOff() !== undefined;
  /** Tells once that the pod is cut off, and ends what is open. */
  const endIfCutOff = (layer: Event['layer']): void => {
    if (wasCutOff || !policyEngine.cutOff()) return;
    wasCutOff = true;
    denied(layer, 'content.cut-off', { detail: `${budgets.refusals.count} refusals for content` });
    relays.review(policyEngine);
    front.review();
  };
  const front = createHttpFront({
    engine,
    budgets,
    inspector,
    memory,
    forward: forwarder,
    emit,
    inspectName,
    suggest: (facts) =>
      suggestRule(
        facts,
        policyEngine.policy.rules.map(({ origin }) => origin.rule),
      ),
  });
  const terminate = createTerminator<ConnectionContext>({
    authority,
    onSecure: (socket, context) => front.serve(socket, context),
    onFailure: (error, { host, port, refused }) =>
      denied('tls', refused?.reason ?? 'tls.handshake', { host, port, detail: error.message }),
  });

  const expansions = new Expansions(emit);
  const domains = new SessionCache(secrets);
  /** What is found in a name behind those of its domain that were asked before. */
  const ask = (host: string, domain: string, isNew: boolean): readonly Finding[] => {
    const inspection = domains.get(domain).open({ body: 'dns.name', contentEncoding: [] });
    // What is new is followed by itself, too: who asks again may do so to get in between.
    for (const place of isNew ? ['name', 'new name'] : ['name']) {
      inspection.field('dns.name', place, Buffer.from(host, 'latin1'));
    }
    const step = inspection.commit();
    inspection.abort();
    if (step instanceof Promise || step.tooComplex !== undefined) throw new Error('the name cannot be judged');
    return step.findings;
  };
  // What was asked before the sidecar started anew.
  for (const [domain, subdomain] of state?.names.seen ?? []) ask(`${subdomain}.${domain}`, domain, true);
  const dns = serveDns({
    udp: listeners.dnsUdp,
    tcp: listeners.dnsTcp,
    handle: createDnsService({
      engine,
      resolver,
      synthetic,
      budget: nameBudget,
      inspect: async (host) => {
        const inspection = inspector.session(host).open({ body: 'dns.name', contentEncoding: [] });
        const step = await inspection.field('dns.name', 'name', Buffer.from(host));
        inspection.abort();
        if (step.tooComplex !== undefined) throw new Error(step.tooComplex);
        return step.findings;
      },
      ask: async (host, domain, isNew) => ask(host, domain, isNew),
      emit,
      expansions,
      facts: options.facts,
    }),
  });

  const connections = new Connections();
  const rooms: Rooms = {
    engine,
    budgets,
    relays,
    synthetic,
    inspector,
    dialer,
    terminate,
    serveHttp: (socket, context) => front.serve(socket, context),
    emit,
  };
  const stops = listeners.tcp.map((server) =>
    listen(server, {
      connections,
      originalDestination: options.originalDestination,
      onConnection: (socket, destination) => route(socket, destination, rooms),
      onRefused: (reason, destination) => denied('tcp', reason, destination),
      onFailure: (error, destination) => denied('tcp', 'internal', { ...destination, detail: messageOf(error) }),
    }),
  );

  const unsubscribe = policySource.subscribe((policy) => {
    // New connections and requests ask the new engine from here on; what is open is brought to it.
    policyEngine = new PolicyEngine(policy, budgets);
    const { patterns: now = [] } = policy.content;
    // To compile them takes a while, and most changes of a policy are none of this.
    if (canonicalJson(now) !== canonicalJson(patterns)) patternsReport = secrets.setPatterns(now);
    patterns = now;
    secrets.measureOpaque(policy.content.opaqueUploads !== undefined);
    inspectName.forget();
    budgets.useLimits(policy.rules);
    relays.review(policyEngine);
    front.review();
    endIfCutOff('http');
  });
  const stopListening = (): void => {
    for (const stop of stops.splice(0)) stop();
    for (const server of listeners.tcp) server.close();
  };

  return {
    setKnownSecrets(values, minLength) {
      const report = secrets.setKnownSecrets(values, minLength);
      // A name that was clean may hold one of these.
      inspectName.forget();
      return report;
    },
    async replaceKnownSecrets(values, minLength) {
      const report = await secrets.replaceKnownSecrets(values, minLength);
      inspectName.forget();
      return report;
    },
    stats: () => ({
      connections: { active: connections.active, refused: connections.refused },
      relays: { open: relays.size, halfClosed: relays.leftHalfClosed },
      memory: { used: memory.used, max: memory.max, waiting: memory.waiting, refused: memory.refused },
      names: { addresses: synthetic.size, seen: nameBudget.names },
      sent: { hosts: front.sessions, domains: domains.size, texts: budgets.texts.size },
      expansions: expansions.leftOut,
      patterns: patternsReport,
      thread: secrets.thread(),
      cutOff: policyEngine.cutOff() !== undefined,
      budgets,
    }),
    async drain(timeoutMs) {
      stopListening();
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([connections.idle(), enough]);
      clearTimeout(timer);
    },
    async close() {
      unsubscribe();
      stopListening();
      dns.close();
      expansions.flush();
      connections.closeAll();
      front.close();
      await forwarder.close();
      await secrets.close();
    },
  };
}
