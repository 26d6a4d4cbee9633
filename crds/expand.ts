/** One rule as it is enforced: the preset put in, defaults filled, everything normalised. */
import { canonicalJson } from './canonical.ts';
import { normaliseHost } from './hosts.ts';
import { findPreset, type Preset } from './presets.ts';
import type { HostPattern, HttpMatch, Protocol, RuntimeRule } from './runtime.ts';
import { parseSize } from './sizes.ts';
import type { EgressRule, HttpRule } from './types.generated.ts';

/** Ports of a protocol when neither rule nor preset says; TCP has none. */
export const DEFAULT_PORTS: Record<Protocol, readonly number[]> = { HTTPS: [443], TLS: [443], HTTP: [80], TCP: [] };

export type ExpandedRule = Pick<RuntimeRule, 'protocol' | 'hosts' | 'ports' | 'addressScope' | 'http' | 'limits'>;

/**
 * `undefined` when the rule is not valid: it then allows nothing. A rule is never compiled in part, since half a rule
 * may allow more than the whole. Lists whose order means nothing come out sorted.
 */
export function expandRule(rule: EgressRule): ExpandedRule | undefined {
  const preset = rule.preset && findPreset(rule.preset.name);
  if (rule.preset && !preset) return undefined;
  const protocol = rule.protocol ?? preset?.protocol ?? 'HTTPS';
  const hosts = expandHosts(rule.to?.hosts ?? preset?.hosts ?? []);
  const ports = [...(rule.to?.ports ?? portsOf(preset, protocol))].sort((a, b) => a - b);
  if (!hosts || hosts.length === 0 || ports.length === 0) return undefined;
  const groups = [preset && presetGroup(preset), rule.http?.map(httpMatch)].filter((group) => group !== undefined);
  const opaque = protocol === 'TLS' || protocol === 'TCP';
  if (opaque && (groups.length > 0 || rule.limits?.uploadSize === undefined)) return undefined;
  const limits: RuntimeRule['limits'] = {};
  if (rule.limits?.uploadSize !== undefined) {
    const bytes = parseSize(rule.limits.uploadSize);
    if (bytes === undefined) return undefined;
    limits.uploadSize = bytes;
  }
  if (rule.limits?.requests !== undefined) limits.requests = rule.limits.requests;
  const http: HttpMatch[][] = [];
  for (const group of groups) {
    const matches = group.filter((match) => match !== undefined);
    if (matches.length < group.length) return undefined;
    http.push(sortByJson(matches));
  }
  return { protocol, hosts, ports, addressScope: rule.to?.addressScope ?? 'Public', http, limits };
}

function portsOf(preset: Preset | undefined, protocol: Protocol): readonly number[] {
  return preset && preset.protocol === protocol ? preset.ports : DEFAULT_PORTS[protocol];
}

/** `undefined` when any host is not valid. */
export function expandHosts(texts: readonly string[]): HostPattern[] | undefined {
  const hosts: HostPattern[] = [];
  for (const text of texts) {
    const host = normaliseHost(text);
    if (!('name' in host)) return undefined;
    if (!hosts.some(({ name, wildcard }) => name === host.name && wildcard === host.wildcard)) hosts.push(host);
  }
  return sortByJson(hosts);
}

function presetGroup(preset: Preset): (HttpMatch | undefined)[] {
  return preset.http.map((match) => httpMatch({ forwardHeaders: [...preset.forwardHeaders], ...match }));
}

function httpMatch(rule: HttpRule): HttpMatch | undefined {
  const { maxBodySize, query, ...lists } = rule;
  const match: HttpMatch = {};
  if (lists.methods) match.methods = sorted(lists.methods);
  if (lists.paths) match.paths = sorted(lists.paths);
  if (lists.contentTypes) match.contentTypes = sorted(lists.contentTypes);
  if (lists.forwardHeaders) match.forwardHeaders = sorted(lists.forwardHeaders.map((name) => name.toLowerCase()));
  if (query) {
    match.query = sortByJson(query.map(({ name, values }) => (values ? { name, values: sorted(values) } : { name })));
  }
  if (maxBodySize !== undefined) {
    const bytes = parseSize(maxBodySize);
    if (bytes === undefined) return undefined;
    match.maxBodySize = bytes;
  }
  return match;
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function sortByJson<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, key: canonicalJson(value) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ value }) => value);
}
