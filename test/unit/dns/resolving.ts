/** A resolver with nameservers that do as they are told. */
import { ResolveError, Resolver, type ResolverOptions } from '../../../sidecar/dns/resolver.ts';
import { TYPE } from '../../../sidecar/dns/wire.ts';
import { plainEgress } from '../../../sidecar/tcp/egress.ts';
import { a, type Behaviour, type FakeServer, hex, response, soa } from './support.ts';

export const POINTER = hex('c00c');
export const HOST = 'www.example.com';

/** Answers A with one address; AAAA with nothing. */
export const honest: Behaviour = (query) => [
  response(
    query,
    query.type === TYPE.A ? { answers: [a(POINTER, '192.0.2.1', 30)] } : { authority: [soa('example.com', 30, 30)] },
  ),
];
export const silent: Behaviour = () => [];

export function resolver(servers: readonly FakeServer[], options: Partial<ResolverOptions> = {}): Resolver {
  const nameservers = servers.map(({ endpoint }) => endpoint);
  return new Resolver({ nameservers, egress: plainEgress(), timeoutMs: 1000, retryMs: 100, ...options });
}

export async function codeOf(result: Promise<unknown>): Promise<string> {
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ResolveError)) throw new Error(`no ResolveError: ${error}`);
  return error.code;
}
