/**
 * What crosses between the planes: the compiled policy, the verdict, the facts a verdict is about, and the event.
 * Plain data only (it travels as JSON); no code here decides anything.
 */

/** Raised whenever a field of `RuntimePolicy` changes meaning; a data plane that does not know the number denies. */
export const RUNTIME_SCHEMA = 1;

export type Mode = 'Enforce' | 'Audit';
export type Protocol = 'HTTPS' | 'HTTP' | 'TLS' | 'TCP';
export type AddressScope = 'Public' | 'Private';
export type QueryType = 'A' | 'AAAA' | 'TXT' | 'MX' | 'SRV' | 'CAA' | 'NS' | 'SOA' | 'PTR';

/** A normalised host pattern: lower-case ASCII (A-labels), no trailing dot; `wildcard` = `*.name`, one or more labels under it. */
export interface HostPattern {
  name: string;
  wildcard: boolean;
}

/** One alternative of an OR-group. An absent field does not constrain. */
export interface HttpMatch {
  methods?: string[];
  /** Globs over whole path segments: `*` within one segment (also part of one), `**` any number of segments. */
  paths?: string[];
  /** When present, exactly these parameters and no others; each must have one of its values (`values` absent: any). */
  query?: { name: string; values?: string[] }[];
  /** Media types (`type/subtype`, lower case, no parameters) that a request with a body may declare. */
  contentTypes?: string[];
  /** Bytes of request body, as sent. */
  maxBodySize?: number;
  /** When present, header names (lower case) that are forwarded; any other is dropped. Framing, Host and routing are ours in any case. */
  forwardHeaders?: string[];
}

/** Where a rule came from, for messages. */
export interface RuleOrigin {
  kind: 'EgressPolicy' | 'ClusterEgressPolicy';
  namespace: string;
  policy: string;
  rule: string;
  preset?: string;
}

export interface RuntimeRule {
  /** `policy/rule`, unique in a RuntimePolicy; what events, refusals and counters call the rule. */
  id: string;
  origin: RuleOrigin;
  protocol: Protocol;
  hosts: HostPattern[];
  ports: number[];
  addressScope: AddressScope;
  /** AND of OR-groups (the preset's, the rule's own). Empty: any request. Only for HTTPS and HTTP. */
  http: HttpMatch[][];
  limits: {
    uploadSize?: number;
    requests?: number;
    /** Bytes of text in paths, queries and headers that the host did not get before. */
    newTextSize?: number;
  };
}

export interface RuntimePolicy {
  schema: typeof RUNTIME_SCHEMA;
  /** SHA-256 (hex) over the canonical JSON of everything else. */
  hash: string;
  mode: Mode;
  /** Names (`namespace/name` or `name`) of the policies that went in. Empty: nothing matched, everything is denied. */
  policies: string[];
  /** In the order in which they are tried and charged: cluster first, then policy name, then rule name. */
  rules: RuntimeRule[];
  dns: {
    queryTypes: QueryType[];
    denied: 'Explain' | 'NXDomain';
    /** Distinct subdomain characters per registered domain that names under a wildcard may spend in the life of the pod. */
    budget: number;
  };
  content: {
    disabledDetectors: string[];
    homeHosts: { detector: string; hosts: HostPattern[] }[];
    suppressions: { detector: string; rule: string }[];
    /** Those that are for some hosts of their rule alone: apart, so that who does not know them takes none for one of all. */
    hostSuppressions?: { detector: string; hosts: HostPattern[]; rule: string }[];
    /** What of the pod's Secrets is looked for. Absent (from a control plane that does not know of it): the defaults. */
    knownSecrets?: KnownSecretRules;
    /** Refusals for content after which the pod is cut off. Absent: as above, like all that follows here. */
    maxRefusals?: number;
    /** Bytes in request bodies that no decoder explains. Absent, here and below: not bounded. */
    opaqueUploads?: { maxPodSize?: number; maxSize?: number };
    /** The user's own formats, each with where it is at home. */
    patterns?: SecretPatternRule[];
  };
}

export interface SecretPatternRule {
  /** Without the `pattern/` that findings put before it. */
  name: string;
  regex: string;
  hosts: HostPattern[];
}

export interface KnownSecretRules {
  source: 'PodSecrets' | 'None';
  /** Bytes of the shortest value that is looked for. */
  minLength: number;
  /** By name of the Secret; without `keys`, all of it. */
  exclude: { keys?: string[]; secretName: string }[];
}

/** Every way Weir says no. Sentences, HTTP status and help are in `reasons.ts`, once for all users. */
export type Reason =
  | 'policy.none'
  | 'host.not-allowed'
  | 'port.not-allowed'
  | 'protocol.not-allowed'
  | 'destination.unknown'
  | 'destination.self'
  | 'address.not-allowed'
  | 'address.unresolved'
  | 'http.malformed'
  | 'http.method'
  | 'http.path'
  | 'http.query'
  | 'http.content-type'
  | 'http.body-size'
  | 'http.upgrade'
  | 'http.doh'
  | 'http.host-mismatch'
  | 'tls.malformed'
  | 'tls.handshake'
  | 'tls.no-sni'
  | 'tls.encrypted-hello'
  | 'tls.host-mismatch'
  | 'content.secret'
  | 'content.too-complex'
  | 'content.opaque'
  | 'content.cut-off'
  | 'limit.upload-size'
  | 'limit.new-text-size'
  | 'limit.requests'
  | 'dns.malformed'
  | 'dns.name'
  | 'dns.query-type'
  | 'dns.budget'
  | 'upstream.tls'
  | 'upstream.unreachable'
  | 'upstream.timeout'
  | 'bound.connections'
  | 'bound.time'
  | 'bound.memory'
  | 'internal';

/** The one verdict type. `allow` with `reason` is an Audit pass: it would have been denied. */
export type Verdict = { allow: true; rule?: RuntimeRule; audit?: Denial } | ({ allow: false } & Denial);

export interface Denial {
  reason: Reason;
  /** The nearest rule, when one was near. */
  rule?: RuntimeRule;
  /** What the reason is about, for the audit log only (never sent to the workload): e.g. the method, the address. */
  detail?: string;
}

/** The facts of one HTTP request, after the head check: everything the judge may look at. */
export interface RequestFacts {
  protocol: 'HTTPS' | 'HTTP';
  host: string;
  port: number;
  method: string;
  /** Path as it will be sent (percent-encoded, without query). */
  path: string;
  /** Raw query without `?`; undefined when there is none. */
  query?: string;
  /** Lower-cased media type without parameters. */
  contentType?: string;
  hasBody: boolean;
  /** Bytes; undefined when chunked. */
  contentLength?: number;
  /** Becomes a WebSocket: its messages have no content type, and are bodies by their size. */
  upgrade?: boolean;
}

/** A place in a message where something was found. */
export type Channel =
  | 'dns.name'
  | 'tls.sni'
  | 'tcp.bytes'
  | 'tls.bytes'
  | 'http.method'
  | 'http.path'
  | 'http.query'
  | 'http.header'
  | 'http.body'
  | 'websocket.message';

export interface Finding {
  detector: string;
  channel: Channel;
  /** Header name, parameter name…; never the value. */
  place: string;
  /** Decoders applied, outermost first, e.g. ['base64', 'hex']. */
  decoding: string[];
  /** Byte offset in the channel, before decoding. */
  offset: number;
  /** Registrable-domain-or-host patterns where this kind of secret is at home. */
  homeHosts: string[];
  /** Of a known secret: what it is called, `secret/key`. For the audit log and reports; never told to the workload. */
  secret?: string;
  /**
   * 16 hexadecimal digits of HMAC-SHA-256 over the value under a key that the process made up and keeps: equal values of one
   * run can be told to be equal, and none can be confirmed by a guess.
   */
  hash?: string;
}

/** One decision. The only event type: log, metrics, summary and reports are made from it. */
export interface Event {
  time: string;
  /** Correlates a refusal that the workload sees with the log. */
  id: string;
  action: 'allow' | 'deny' | 'would-deny';
  layer: 'dns' | 'tcp' | 'tls' | 'http' | 'websocket';
  reason?: Reason;
  rule?: string;
  host?: string;
  port?: number;
  method?: string;
  path?: string;
  queryType?: string;
  address?: string;
  status?: number;
  bytesUp?: number;
  bytesDown?: number;
  durationMs?: number;
  findings?: Finding[];
  detail?: string;
  /** The line stands for so many events of this layer and reason under this host, which is then their registrable domain. */
  repeated?: number;
}
