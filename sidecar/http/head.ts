/**
 * The check of a request head: what passes has one meaning for every server, and is written anew from `Head`.
 * Pure. Node's strict parser comes before it, but nothing here relies on that.
 */
import type { Reason } from '../../crds/runtime.ts';
import { defaultPort, formatAuthority, parseAuthority } from './authority.ts';
import { requestFraming } from './framing.ts';
import { CONNECTION_OPTIONS, HOP_BY_HOP, OVERRIDES, ROUTING, SINGLETONS, WEBSOCKET_OWN } from './header-names.ts';
import { parseTarget } from './target.ts';

/** Most header lines in a request. */
export const MAX_FIELDS = 200;
/** Longest method in characters. */
export const MAX_METHOD_LENGTH = 32;

export interface HeadInput {
  method: string;
  target: string;
  /** Names and values in turn, as node's `rawHeaders`. */
  rawHeaders: readonly string[];
  httpVersion: string;
  secure: boolean;
}

export interface Head {
  method: string;
  host: string;
  /** Undefined: the scheme's own. */
  port?: number;
  path: string;
  query?: string;
  /** End-to-end headers, lower-case names, in canonical order; Host and framing are apart. */
  headers: [string, string][];
  body: 'none' | 'length' | 'chunked';
  contentLength?: number;
  contentType?: string;
  contentEncoding: string[];
  expectContinue: boolean;
  upgrade?: 'websocket';
  /** The client's Sec-WebSocket-Key: answered, never forwarded. */
  websocketKey?: string;
}

export type HeadCheck = { ok: true; head: Head } | { ok: false; reason: Reason; detail: string };

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// RFC 9110 section 5.5: visible characters, obs-text, and blanks only between them.
const VALUE = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;
const MEDIA_TYPE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)[\t ]*(?:;.*)?$/;
const WEBSOCKET_KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** Judges the shape of a head. A failure carries the reason and what was wrong (for the audit log). */
export function checkHead(input: HeadInput): HeadCheck {
  try {
    return { ok: true, head: parse(input) };
  } catch (error) {
    if (error instanceof HeadError) return { ok: false, reason: error.reason, detail: error.message };
    throw error;
  }
}

/** All headers of the request as it is sent to the server: Host first, then framing, then the rest in canonical order. */
export function wireHeaders(head: Head, secure: boolean): [string, string][] {
  const wire: [string, string][] = [['host', formatAuthority(head.host, head.port ?? defaultPort(secure), secure)]];
  if (head.body === 'chunked') wire.push(['transfer-encoding', 'chunked']);
  else if (head.contentLength !== undefined) wire.push(['content-length', String(head.contentLength)]);
  for (const header of head.headers) wire.push(header);
  return wire;
}

/** Path and query as they stand in the request line that is sent. */
export function wireTarget(head: Pick<Head, 'path' | 'query'>): string {
  return head.query === undefined ? head.path : `${head.path}?${head.query}`;
}

class HeadError extends Error {
  readonly reason: Reason;
  constructor(message: string, reason: Reason = 'http.malformed') {
    super(message);
    this.reason = reason;
  }
}

function fail(detail: string, reason?: Reason): never {
  throw new HeadError(detail, reason);
}

function parse(input: HeadInput): Head {
  const { method, httpVersion, secure } = input;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') fail('HTTP version');
  if (method.length > MAX_METHOD_LENGTH || !/^[A-Z][A-Z-]*$/.test(method)) fail('method is not an upper-case word');
  if (method === 'CONNECT') fail('CONNECT');
  const lines = readLines(input.rawHeaders);
  const single = singletons(lines);
  const connection = connectionOptions(lines);
  const target = parseTarget(input.target, secure);
  if (typeof target === 'string') fail(target);

  const hostText = single.get('host');
  if (hostText === undefined) fail('no Host');
  const authority = parseAuthority(hostText);
  if (!authority) fail('Host is malformed');
  if (target.authority) {
    const ownPort = defaultPort(secure);
    const samePort = (target.authority.port ?? ownPort) === (authority.port ?? ownPort);
    if (target.authority.host !== authority.host || !samePort) fail('target and Host name different servers');
  }

  const framing = requestFraming(single.get('content-length'), single.get('transfer-encoding'), httpVersion);
  if (typeof framing === 'string') fail(framing);
  const contentType = single.get('content-type');
  const mediaType = contentType === undefined ? undefined : MEDIA_TYPE.exec(contentType)?.[1]?.toLowerCase();
  if (contentType !== undefined && mediaType === undefined) fail('Content-Type is malformed');
  const expect = single.get('expect');
  if (expect !== undefined && (expect.toLowerCase() !== '100-continue' || httpVersion === '1.0')) fail('Expect');

  const head: Head = {
    method,
    host: authority.host,
    path: target.path,
    headers: endToEnd(lines),
    body: framing.body,
    contentEncoding: contentCodings(lines),
    expectContinue: expect !== undefined,
  };
  if (authority.port !== undefined && authority.port !== defaultPort(secure)) head.port = authority.port;
  if (target.query !== undefined) head.query = target.query;
  if (framing.contentLength !== undefined) head.contentLength = framing.contentLength;
  if (mediaType !== undefined) head.contentType = mediaType;
  checkUpgrade(head, single, connection, httpVersion);
  return head;
}

function readLines(rawHeaders: readonly string[]): [string, string][] {
  if (rawHeaders.length % 2 !== 0) fail('header without value');
  if (rawHeaders.length / 2 > MAX_FIELDS) fail('too many headers');
  const lines: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const rawName = rawHeaders[index] as string;
    const value = (rawHeaders[index + 1] as string).replace(/^[\t ]+|[\t ]+$/g, '');
    if (!TOKEN.test(rawName)) fail('header name is not a token');
    if (!VALUE.test(value)) fail('header value has a control character');
    const name = rawName.toLowerCase();
    // CGI and WSGI servers read `_` as `-`: a second, unjudged spelling of a header that we decide about.
    const dashed = name.replaceAll('_', '-');
    if (dashed !== name && isReserved(dashed)) fail('header name imitates one that Weir decides about');
    if (OVERRIDES.has(name)) fail('header overrides the method or the path');
    lines.push([name, value]);
  }
  return lines;
}

function isReserved(name: string): boolean {
  return HOP_BY_HOP.has(name) || ROUTING.has(name) || OVERRIDES.has(name) || SINGLETONS.has(name);
}

function singletons(lines: readonly [string, string][]): Map<string, string> {
  const single = new Map<string, string>();
  for (const [name, value] of lines) {
    if (!SINGLETONS.has(name)) continue;
    if (single.has(name)) fail(`${name} is repeated`);
    single.set(name, value);
  }
  return single;
}

function tokens(lines: readonly [string, string][], wanted: string): string[] {
  const found: string[] = [];
  for (const [name, value] of lines) {
    if (name !== wanted) continue;
    for (const part of value.split(',')) {
      const token = part.trim().toLowerCase();
      // RFC 9110 section 5.6.1 lets a list have empty elements.
      if (token === '') continue;
      if (!TOKEN.test(token)) fail(`${wanted} is malformed`);
      found.push(token);
    }
  }
  return found;
}

function connectionOptions(lines: readonly [string, string][]): string[] {
  const options = tokens(lines, 'connection');
  for (const option of options) {
    if (!CONNECTION_OPTIONS.has(option)) fail('Connection names a header');
  }
  return options;
}

function contentCodings(lines: readonly [string, string][]): string[] {
  return tokens(lines, 'content-encoding').filter((coding) => coding !== 'identity');
}

function endToEnd(lines: readonly [string, string][]): [string, string][] {
  return lines
    .filter(([name]) => !HOP_BY_HOP.has(name) && !ROUTING.has(name) && !WEBSOCKET_OWN.has(name))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function checkUpgrade(
  head: Head,
  single: ReadonlyMap<string, string>,
  connection: readonly string[],
  httpVersion: string,
): void {
  const upgrade = single.get('upgrade');
  if (upgrade === undefined) {
    if (connection.includes('upgrade')) fail('Connection: upgrade without Upgrade');
    return;
  }
  if (upgrade.toLowerCase() !== 'websocket') fail('Upgrade to another protocol than WebSocket', 'http.upgrade');
  const key = single.get('sec-websocket-key');
  if (!connection.includes('upgrade') || httpVersion !== '1.1') fail('Upgrade without Connection: upgrade');
  if (head.method !== 'GET' || head.body !== 'none' || head.expectContinue)
    fail('WebSocket upgrade is not a plain GET');
  if (single.get('sec-websocket-version') !== '13') fail('WebSocket version');
  if (key === undefined || !WEBSOCKET_KEY.test(key)) fail('Sec-WebSocket-Key is malformed');
  head.upgrade = 'websocket';
  head.websocketKey = key;
}
