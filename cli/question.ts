/** A request as people write it, to what the policy is asked. Pure. */
import { DEFAULT_PORTS } from '../crds/expand.ts';
import { normaliseHost } from '../crds/hosts.ts';
import type { Protocol, RequestFacts } from '../crds/runtime.ts';
import { parseSize } from '../crds/sizes.ts';

export interface Question extends Omit<RequestFacts, 'protocol' | 'host'> {
  /** `DNS`: the look-up of the name, before any connection. */
  protocol: Protocol | 'DNS';
  /** Normalised; absent when it is an address or not a host. */
  host: string | undefined;
  /** As it was asked. */
  shownHost: string;
}

export interface WrittenRequest {
  url: string;
  method?: string | undefined;
  contentType?: string | undefined;
  bodySize?: string | number | undefined;
}

const SCHEMES: Record<string, Question['protocol']> = {
  'https:': 'HTTPS',
  'http:': 'HTTP',
  'tls:': 'TLS',
  'tcp:': 'TCP',
  'dns:': 'DNS',
};
const PORTS: Record<Question['protocol'], readonly number[]> = { ...DEFAULT_PORTS, DNS: [53] };

/** The question, or what is wrong with the request and with which of its fields. */
export function questionOf(request: WrittenRequest): Question | { field: keyof WrittenRequest; error: string } {
  const { url: text, method = 'GET', contentType, bodySize } = request;
  const url = URL.parse(text);
  const protocol = url && SCHEMES[url.protocol];
  if (!url || !protocol || url.hostname === '')
    return { field: 'url', error: `"${text}" is not a URL with https:, http:, tls:, tcp: or dns:` };
  const port = url.port === '' ? PORTS[protocol][0] : Number(url.port);
  if (port === undefined) return { field: 'url', error: 'tcp: needs a port, as in tcp://db.acme.dev:5432' };
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$/.test(method))
    return { field: 'method', error: `"${method}" is not a method` };
  const size = bodySize === undefined ? undefined : parseSize(bodySize);
  if (bodySize !== undefined && size === undefined)
    return { field: 'bodySize', error: `"${bodySize}" is not a size: bytes, or a number with Ki, Mi or Gi` };
  const host = normaliseHost(url.hostname);
  const hasBody = size !== undefined ? size > 0 : contentType !== undefined;
  return {
    protocol,
    host: 'name' in host && !host.wildcard ? host.name : undefined,
    shownHost: url.hostname,
    port,
    method,
    path: sentPath(text, url),
    hasBody,
    ...(url.search !== '' && { query: url.search.slice(1) }),
    ...(contentType !== undefined && { contentType: (contentType.split(';', 1)[0] ?? '').trim().toLowerCase() }),
    ...(size !== undefined && hasBody && { contentLength: size }),
  };
}

/**
 * The path as a client could send it. The URL parser resolves dot segments, which a client need not do, and which the
 * judge refuses.
 */
function sentPath(text: string, url: URL): string {
  const written = /^[a-z]+:\/\/[^/?#\\]*([^?#]*)/i.exec(text)?.[1] ?? '';
  const hasDots = /(^|[/\\])(\.|%2e){1,2}([/\\]|$)/i.test(written);
  if (hasDots) return written.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent);
  return url.pathname === '' ? '/' : url.pathname;
}

/** `GET https://acme.dev/x`, `TCP db.acme.dev:5432`. */
export function subjectOf({ protocol, shownHost, port, method, path, query }: Question): string {
  if (protocol === 'DNS') return `the look-up of ${shownHost}`;
  if (protocol === 'TLS' || protocol === 'TCP') return `${protocol} ${shownHost}:${port}`;
  const authority = DEFAULT_PORTS[protocol].includes(port) ? shownHost : `${shownHost}:${port}`;
  return `${method} ${protocol.toLowerCase()}://${authority}${path}${query === undefined ? '' : `?${query}`}`;
}
