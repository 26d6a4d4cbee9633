/** The YAML that would allow what was denied. */
import { DEFAULT_PORTS } from './expand.ts';
import { globOf, MAX_GLOB_SEGMENTS } from './globs.ts';
import { normaliseHost } from './hosts.ts';
import { canonicalPath, canonicalQuery } from './paths.ts';
import type { AddressScope, Protocol } from './runtime.ts';
import { formatSize } from './sizes.ts';

export interface SuggestionFacts {
  protocol: Protocol;
  host: string;
  port: number;
  method?: string;
  /** As sent, without query. */
  path?: string;
  /** As sent, without `?`. */
  query?: string;
  /** Media type; parameters are left out. */
  contentType?: string;
  /** `false`: the suggestion admits no body. */
  hasBody?: boolean;
  /** Bytes; absent when the length is not known. */
  contentLength?: number;
  addressScope?: AddressScope;
  /** Becomes a WebSocket, whose messages no content type may bind. */
  upgrade?: boolean;
}

/** Bytes that a suggested opaque rule may send: enough for a handshake and some queries, little for a leak. */
const OPAQUE_UPLOAD_SIZE = 1024 * 1024;
/** Bounds of the schema (egresspolicy.yaml) that a request may exceed. */
const MAX_NAME = 63;
const MAX_GLOB = 1024;
const MAX_PARAMETERS = 32;
const MAX_PARAMETER_NAME = 256;
const MAX_PARAMETER_VALUE = 1024;
const MAX_CONTENT_TYPE = 255;
const MAX_SIZE = 999_999_999_999_999;

/**
 * One item of `spec.egress` that allows exactly this request, indented to be pasted under a two-space `egress:`, with a
 * name that `existingNames` does not have. What a policy cannot say exactly is generalised: a path beyond the bounds
 * ends in `**`, a query with a repeated name is not constrained.
 * Empty when no rule can allow it: an address instead of a host, DNS, CONNECT or TRACE, a path that is refused as malformed.
 */
export function suggestRule(facts: SuggestionFacts, existingNames: readonly string[]): string {
  const host = normaliseHost(facts.host);
  if (!('name' in host) || host.wildcard || facts.port === 53) return '';
  const opaque = facts.protocol === 'TLS' || facts.protocol === 'TCP';
  const http = opaque ? [] : httpFields(facts);
  if (!http) return '';
  const to = [`hosts: [${scalar(host.name)}]`];
  if (!DEFAULT_PORTS[facts.protocol].includes(facts.port)) to.push(`ports: [${facts.port}]`);
  if (facts.addressScope === 'Private') to.push('addressScope: Private');
  const lines = [`- name: ${freeName(host.name, existingNames)}`];
  if (facts.protocol !== 'HTTPS') lines.push(`  protocol: ${facts.protocol}`);
  lines.push(`  to: {${to.join(', ')}}`);
  if (http.length > 0) lines.push('  http:', ...http.map((field, i) => `  ${i === 0 ? '- ' : '  '}${field}`));
  if (opaque) lines.push(`  limits: {uploadSize: ${formatSize(OPAQUE_UPLOAD_SIZE)}}`);
  return lines.map((line) => `  ${line}\n`).join('');
}

/** The discard service (RFC 863), which nobody runs: the port of a rule to which nothing may connect. */
const NO_PORT = 9;

/**
 * One item of `spec.egress`, like those of `suggestRule`, that allows the look-up of this very name and no connection to
 * it. Empty when no rule can name it.
 */
export function suggestLookUp(written: string, existingNames: readonly string[]): string {
  const host = normaliseHost(written);
  if (!('name' in host) || host.wildcard) return '';
  return [
    // Rules are named in logs, where a name in which something was found is cut.
    `- name: ${freeName('look-up', existingNames)}`,
    '  protocol: TCP',
    `  to: {hosts: [${scalar(host.name)}], ports: [${NO_PORT}]}`,
    '  limits: {uploadSize: 0} # the look-up alone: nothing may be sent',
  ]
    .map((line) => `  ${line}\n`)
    .join('');
}

/** `undefined` when no rule can allow the request. */
function httpFields(facts: SuggestionFacts): string[] | undefined {
  const fields: string[] = [];
  if (facts.method !== undefined) {
    if (!/^[A-Z][A-Z-]{0,31}$/.test(facts.method) || facts.method === 'CONNECT' || facts.method === 'TRACE')
      return undefined;
    fields.push(`methods: [${scalar(facts.method)}]`);
  }
  if (facts.path !== undefined) {
    const segments = canonicalPath(facts.path);
    if (!segments) return undefined;
    fields.push(`paths: [${scalar(boundedGlob(segments))}]`);
    const query = queryField(facts.query);
    if (query !== undefined) fields.push(query);
  }
  if (facts.upgrade) return fields;
  if (facts.hasBody === false) return [...fields, 'maxBodySize: 0'];
  const type = facts.contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (
    type !== undefined &&
    type.length <= MAX_CONTENT_TYPE &&
    /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(type)
  ) {
    fields.push(`contentTypes: [${scalar(type)}]`);
  }
  if (facts.contentLength !== undefined && facts.contentLength <= MAX_SIZE)
    fields.push(`maxBodySize: ${formatSize(facts.contentLength)}`);
  return fields;
}

function boundedGlob(segments: readonly string[]): string {
  const glob = globOf(segments);
  if (glob.length <= MAX_GLOB && segments.length <= MAX_GLOB_SEGMENTS) return glob;
  let kept = segments.slice(0, MAX_GLOB_SEGMENTS - 1);
  while (globOf([...kept, '']).length + 2 > MAX_GLOB) kept = kept.slice(0, -1);
  return kept.length === 0 ? '/**' : `${globOf(kept)}/**`;
}

/** `undefined`: the query cannot be said, or its bounds are exceeded. */
function queryField(raw: string | undefined): string | undefined {
  const parameters = canonicalQuery(raw ?? '');
  if (!parameters || parameters.length > MAX_PARAMETERS) return undefined;
  if (new Set(parameters.map(({ name }) => name)).size < parameters.length) return undefined;
  if (parameters.some(({ name }) => name.length > MAX_PARAMETER_NAME)) return undefined;
  const items = parameters.map(({ name, value }) =>
    value.length > MAX_PARAMETER_VALUE
      ? `{name: ${scalar(name)}}`
      : `{name: ${scalar(name)}, values: [${scalar(value)}]}`,
  );
  return `query: [${items.join(', ')}]`;
}

function freeName(host: string, existingNames: readonly string[]): string {
  const base =
    host
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, MAX_NAME)
      .replaceAll(/^-+|-+$/g, '') || 'rule';
  if (!existingNames.includes(base)) return scalar(base);
  for (let i = 2; ; i++) {
    const name = `${base.slice(0, MAX_NAME - 1 - String(i).length).replace(/-+$/, '')}-${i}`;
    if (!existingNames.includes(name)) return scalar(name);
  }
}

/** Plain when every YAML reader takes it for the same text; else double-quoted, in ASCII. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z/][A-Za-z0-9._/-]*$/.test(text) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text);
  return isPlain ? text : quoted(text);
}

function quoted(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, '\\$&').replaceAll(/[^\x20-\x7e]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
