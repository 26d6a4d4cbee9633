/**
 * What each header name means to an intermediary. Names are lower case. Plain data; `head.ts` and `response.ts` apply it.
 */

/** Never forwarded in either direction (RFC 9110 section 7.6.1, RFC 9113 section 8.2.2): they speak of one connection. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Request headers that say where a request goes or how it is framed: Weir writes them itself, from what it judged. */
export const ROUTING: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'expect',
  'trailer',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-forwarded-prefix',
  'x-real-ip',
]);

/** They make a server act on another method or path than the ones that were judged: refused. */
export const OVERRIDES: ReadonlySet<string> = new Set([
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-method',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
]);

/** Two of them would let the judge read one and the server another: refused when repeated. */
export const SINGLETONS: ReadonlySet<string> = new Set([
  'authorization',
  'content-disposition',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'date',
  'expect',
  'from',
  'host',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'max-forwards',
  'origin',
  'proxy-authorization',
  'range',
  'referer',
  'sec-websocket-key',
  'sec-websocket-version',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

/** Options of `Connection` that a client needs. Any other names a header to be dropped on the way, and is refused. */
export const CONNECTION_OPTIONS: ReadonlySet<string> = new Set([
  'close',
  'keep-alive',
  'te',
  'upgrade',
  'http2-settings',
]);

/** Negotiated by Weir itself on each side of a WebSocket (RFC 6455 section 4.1). */
export const WEBSOCKET_OWN: ReadonlySet<string> = new Set([
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-version',
]);
