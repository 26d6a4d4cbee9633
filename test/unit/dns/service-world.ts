/** The DNS service with a policy, a resolver that says what it is told to, and all that comes of a query. */
import type { Event, Finding, RuntimePolicy, RuntimeRule } from '../../../crds/runtime.ts';
import { shownEvent } from '../../../sidecar/audit/shown.ts';
import { NameBudget } from '../../../sidecar/dns/budget.ts';
import { decodeResponse, type Reply } from '../../../sidecar/dns/codec.ts';
import { Expansions } from '../../../sidecar/dns/expansions.ts';
import { ResolveError, type ResolveErrorCode } from '../../../sidecar/dns/resolver.ts';
import { createDnsService, type DnsServiceOptions } from '../../../sidecar/dns/service.ts';
import { SyntheticAddresses } from '../../../sidecar/dns/synthetic.ts';
import { TYPE } from '../../../sidecar/dns/wire.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';
import { ask, hex, labels } from './support.ts';

export function rule(id: string, hosts: string[]): RuntimeRule {
  return {
    id,
    origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'p', rule: id },
    protocol: 'HTTPS',
    hosts: hosts.map((host) => ({ name: host.replace('*.', ''), wildcard: host.startsWith('*.') })),
    ports: [443],
    addressScope: 'Public',
    http: [],
    limits: {},
  };
}

export function policyOf(changes: Partial<RuntimePolicy> & { dns?: RuntimePolicy['dns'] } = {}): RuntimePolicy {
  return {
    schema: 1,
    hash: 'x',
    mode: 'Enforce',
    policies: ['ci/p'],
    rules: [rule('p/npm', ['registry.npmjs.org']), rule('p/metrics', ['*.metrics.acme.dev', 'main.metrics.acme.dev'])],
    dns: { queryTypes: ['A', 'AAAA'], denied: 'Explain', budget: 40 },
    content: { disabledDetectors: [], homeHosts: [], suppressions: [] },
    ...changes,
  };
}

export const KEY = 'akiaiosfodnn7example';

/** Finds one lower-case key, and one that only shows in the letters sent. */
export function inspectName(host: string): Finding[] {
  if (host.includes('toocomplex')) throw new Error('too complex');
  const found = host.replaceAll('.', '').includes(KEY) || host.includes('QUtJQQ');
  return found
    ? [{ detector: 'aws-key', channel: 'dns.name', place: 'name', decoding: [], offset: 0, homeHosts: ['acme.dev'] }]
    : [];
}

export const inspect = async (host: string): Promise<Finding[]> => inspectName(host);

export interface World {
  events: Event[];
  looked: string[];
  synthetic: SyntheticAddresses;
  options: DnsServiceOptions;
  /** Ends the wait of what may be a search list's work. */
  flush(): void;
  reply(host: string, type?: number): Promise<Reply>;
  answer(host: string, type?: number): Promise<string>;
}

export function world(
  policy = policyOf(),
  failing?: ResolveErrorCode | Error,
  changes: Partial<DnsServiceOptions> = {},
): World {
  const engine = new PolicyEngine(policy, new Budgets());
  const events: Event[] = [];
  const looked: string[] = [];
  const synthetic = new SyntheticAddresses();
  const look = async <T>(host: string, type: string, result: T): Promise<T> => {
    looked.push(`${type} ${host}`);
    if (failing instanceof Error) throw failing;
    if (failing) throw new ResolveError(failing, host);
    return result;
  };
  const emit = (event: Event): void => {
    events.push(shownEvent(event, inspectName));
  };
  const expansions = new Expansions(emit);
  const options: DnsServiceOptions = {
    engine: () => engine,
    resolver: {
      resolve: (host) => look(host, 'address', { addresses: ['192.0.2.1'], ttl: 300 }),
      query: (host, type) => look(host, type, { records: [hex('02 6869')], ttl: 7 }),
    },
    synthetic,
    budget: new NameBudget(),
    inspect,
    ask: async () => [],
    emit,
    expansions,
    facts: { searchDomains: ['ci.svc.cluster.local'], hasIpv6Route: false },
    ...changes,
  };
  const handle = createDnsService(options);
  const reply = async (host: string, type: number = TYPE.A): Promise<Reply> => {
    const message = await handle(ask(host, type), 'udp');
    const decoded = message && decodeResponse(message, { id: 0x1234, labels: labels(host), type }, true);
    if (decoded?.kind !== 'reply') throw new Error(`no reply: ${decoded?.kind}`);
    return decoded;
  };
  return {
    events,
    looked,
    synthetic,
    options,
    flush: () => expansions.flush(),
    reply,
    async answer(host, type) {
      const { rcode, answers } = await reply(host, type);
      return [
        rcode,
        ...answers.map(({ rdata, ttl }) => `${rdata.length === 4 ? rdata.join('.') : rdata.toString('hex')}/${ttl}`),
      ].join(' ');
    },
  };
}
