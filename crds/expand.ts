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
 * may allow more than the whole. Lists whose order means nothing come out sorted, and fields
 * in the order of their names, in which they are hashed.
 */
export function expandRule(rule: EgressRule): ExpandedRule | undefined {
  const preset = rule.preset && findPreset(rule.preset.name);
  if (rule.preset && !preset) return undefined;
  const protocol = rule.protocol ?? preset?.protocol ?? 'HTTPS';
  const hosts = expandHosts(rule.to?.hosts ?? preset?.hosts ?? []);
  const ports = [...(rule.to?.ports ?? portsOf(preset, protocol))].sort((a, b) => a - b);
  if (!hosts || hosts.length === 0 || ports.length === 0) return undefined;
  const opaque = protocol === 'TLS' || protocol === 'TCP';
  if (opaque && (preset || rule.http || rule.limits?.uploadSize === undefined)) return undefined;
  const limits: RuntimeRule['limits'] = {};
  if (opaque && rule.limits?.newTextSize !== undefined) return undefined;
  for (const field of ['newTextSize', 'uploadSize'] as const) {
    const size = rule.limits?.[field];
    if (size === undefined) continue;
    const bytes = parseSize(size);
    if (bytes === undefined) return undefined;
    limits[field] = bytes;
  }
  if (rule.limits?.requests !== undefined) limits.requests = rule.limits.requests;
  const http: HttpMatch[][] = [];
  for (const group of [preset && presetGroup(preset), rule.http && httpGroup(rule.http)]) {
    if (group === 'invalid') return undefined;
    if (group) http.push(group);
  }
  return { addressScope: rule.to?.addressScope ?? 'Public', hosts, http, limits, ports, protocol };
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
  return hosts.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : Number(a.wildcard) - Number(b.wildcard)));
}

const presetGroups = new Map<Preset, HttpMatch[] | 'invalid'>();

/** One and the same for all rules that have the preset. */
function presetGroup(preset: Preset): HttpMatch[] | 'invalid' {
  const known = presetGroups.get(preset);
  if (known) return known;
  const group = httpGroup(preset.http.map((match) => ({ forwardHeaders: [...preset.forwardHeaders], ...match })));
  presetGroups.set(preset, deepFreeze(group));
  return group;
}

function httpGroup(rules: readonly HttpRule[]): HttpMatch[] | 'invalid' {
  const matches = rules.map(httpMatch).filter((match) => match !== undefined);
  return matches.length < rules.length ? 'invalid' : sortByJson(matches);
}

function httpMatch(rule: HttpRule): HttpMatch | undefined {
  const { maxBodySize, query, ...lists } = rule;
  const bytes = maxBodySize === undefined ? undefined : parseSize(maxBodySize);
  if (maxBodySize !== undefined && bytes === undefined) return undefined;
  const { contentTypes, forwardHeaders, methods, paths } = lists;
  const match: HttpMatch = {};
  if (contentTypes) match.contentTypes = sorted(contentTypes);
  if (forwardHeaders) match.forwardHeaders = sorted(forwardHeaders.map((name) => name.toLowerCase()));
  if (bytes !== undefined) match.maxBodySize = bytes;
  if (methods) match.methods = sorted(methods);
  if (paths) match.paths = sorted(paths);
  if (query) {
    match.query = sortByJson(query.map(({ name, values }) => (values ? { name, values: sorted(values) } : { name })));
  }
  return match;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const field of Object.values(value)) deepFreeze(field);
  return Object.freeze(value);
}

function sorted(texts: readonly string[]): string[] {
  if (texts.every((text, i) => i === 0 || (texts[i - 1] ?? '') < text)) return [...texts];
  return [...new Set(texts)].sort();
}

function sortByJson<T>(values: T[]): T[] {
  if (values.length < 2) return values;
  return values
    .map((value) => ({ value, key: canonicalJson(value) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ value }) => value);
}
