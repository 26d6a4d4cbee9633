// Made by crds/generate.ts; do not edit.

export interface Kinds {
  EgressPolicy?: EgressPolicy;
  ClusterEgressPolicy?: ClusterEgressPolicy;
}
/**
 * Where the selected pods of the namespace may talk, and what may be in what they say. All policies that select a pod apply together: rules add up, limits and content rules take the strictest. What no rule allows is denied, and a pod that no policy selects may not talk at all.
 */
export interface EgressPolicy {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: EgressPolicySpec;
}
export interface ObjectMeta {
  name: string;
  namespace?: string;
  [k: string]: unknown;
}
export interface EgressPolicySpec {
  podSelector?: PodSelector;
  /**
   * `Audit` judges and reports, and lets pass. It still refuses private addresses, secrets and what cannot be parsed. A pod is in Enforce unless every policy that selects it is Audit.
   */
  mode?: 'Enforce' | 'Audit';
  /**
   * What is allowed. Absent or empty, nothing is.
   *
   * @maxItems 128
   */
  egress?: EgressRule[];
  content?: ContentRules;
  dns?: DnsRules;
}
/**
 * The pods that the policy is for. Empty or absent: every injected pod of the namespace. `{matchLabels: {stage: build}}` selects a pod labelled `stage: build`, not one labelled `stage: test`.
 */
export interface PodSelector {
  /**
   * Labels that a pod must have, all of them.
   */
  matchLabels?: {
    [k: string]: string;
  };
  /**
   * Conditions on labels, all of which must hold.
   *
   * @maxItems 64
   */
  matchExpressions?: LabelExpression[];
}
export interface LabelExpression {
  /**
   * A label key such as `stage` or `acme.dev/team`, not `acme.dev/`.
   */
  key: string;
  /**
   * `In` and `NotIn` compare the value with `values`; `Exists` and `DoesNotExist` take no `values`. A pod without the label matches `NotIn`.
   */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * @minItems 1
   * @maxItems 64
   */
  values?: string[];
}
export interface EgressRule {
  /**
   * What events, refusals and `suppressions` call the rule. `npm-mirror` is a name, `NPM mirror` is not.
   */
  name: string;
  /**
   * `HTTPS` (decrypted and judged) unless said; `HTTP` is plain; `TLS` is relayed undecrypted after its SNI was judged; `TCP` is relayed unseen. The last two carry bytes that nobody judges, and so need `limits.uploadSize`.
   */
  protocol?: 'HTTPS' | 'HTTP' | 'TLS' | 'TCP';
  to?: Destination;
  preset?: PresetReference;
  /**
   * Requests that are allowed: those that match at least one item. Absent: all, or with a preset all of the preset's; with a preset a request must match both.
   *
   * @minItems 1
   * @maxItems 32
   */
  http?: HttpRule[];
  limits?: Limits;
}
/**
 * Where to. With a preset, each field given here replaces the preset's.
 */
export interface Destination {
  /**
   * Host names. `registry.npmjs.org` is that host alone; `*.acme.dev` is any name under acme.dev, such as `a.acme.dev` and `a.b.acme.dev`, but not `acme.dev`. Addresses such as `192.0.2.1`, and wildcards that a registry sells names under such as `*.com`, are refused.
   *
   * @minItems 1
   * @maxItems 64
   */
  hosts?: string[];
  /**
   * Ports. Absent: 443 for HTTPS and TLS, 80 for HTTP; TCP must say. 53 is refused: DNS has its own judge.
   *
   * @minItems 1
   * @maxItems 16
   */
  ports?: number[];
  /**
   * Where the name may resolve to. `Public` admits public addresses alone; `Private` also RFC 1918, unique local and carrier-grade NAT addresses. Loopback, link-local and metadata addresses are in neither.
   */
  addressScope?: 'Public' | 'Private';
}
/**
 * A tool's needs, known by name: `npm-install` allows reading from a registry, and not publishing to it; `git-fetch` allows clone and fetch, and not push. `http` narrows it.
 */
export interface PresetReference {
  name: string;
}
/**
 * A request matches when it satisfies every field given here.
 */
export interface HttpRule {
  /**
   * Methods, in capitals as HTTP has them. `[GET]` admits GET, and neither HEAD nor POST.
   *
   * @minItems 1
   * @maxItems 16
   */
  methods?: string[];
  /**
   * Globs over the percent-decoded path, without the query. `*` stands for characters within one segment, `**` for any number of segments, `\*` for a star. `/v1/*` matches `/v1/events`, not `/v1/events/1` nor `/v1/`; `/acme/**` matches `/acme`, `/acme/` and `/acme/a/b`, not `/acme2`.
   *
   * @minItems 1
   * @maxItems 64
   */
  paths?: string[];
  /**
   * The parameters that a query must have, each once, and no others. Empty: no parameters. `[{name: service, values: [git-upload-pack]}]` matches `?service=git-upload-pack`, not `?service=git-upload-pack&x=1`.
   *
   * @maxItems 32
   */
  query?: QueryParameter[];
  /**
   * Media types that a request with a body may declare, without parameters. `application/json` also admits `application/json; charset=utf-8`, but not a body without a type.
   *
   * @minItems 1
   * @maxItems 32
   */
  contentTypes?: string[];
  /**
   * Largest request body, as sent. `16Ki` and `16384` are the same, `16K` is not a size; `0` admits no body.
   */
  maxBodySize?: number | string;
  /**
   * Request headers that are forwarded; any other is dropped. Absent: all are. `Accept` and `accept` are the same; `Host`, framing and connection headers are Weir's own.
   *
   * @maxItems 64
   */
  forwardHeaders?: string[];
}
export interface QueryParameter {
  name: string;
  /**
   * Values it may have, decoded. Absent means any.
   *
   * @minItems 1
   * @maxItems 64
   */
  values?: string[];
}
/**
 * What the rule may spend in the life of a pod, over all connections.
 */
export interface Limits {
  /**
   * Bytes sent: request bodies, and under TLS and TCP everything that the client sends. `10Mi` is a size, `10MB` is not.
   */
  uploadSize?: number | string;
  /**
   * HTTP requests; under TLS and TCP, connections.
   */
  requests?: number;
}
/**
 * Exceptions from the inspection of content.
 */
export interface ContentRules {
  detectors?: DetectorSettings;
  /**
   * Where a kind of secret belongs, besides where its detector says. `{detector: github-token, hosts: [ghe.acme.dev]}` lets such tokens go to ghe.acme.dev, not to x.acme.dev, and never in a DNS name.
   *
   * @maxItems 64
   */
  homeHosts?: HomeHosts[];
  /**
   * Detectors that are off for one rule of this policy. `{detector: jwt, rule: metrics}` lets JWTs through in requests of the rule `metrics`, and in no others.
   *
   * @maxItems 128
   */
  suppressions?: Suppression[];
}
export interface DetectorSettings {
  /**
   * Detectors that are off for the pod; of several policies for a pod, all must say so. Prefer `homeHosts` and `suppressions`, which are narrower.
   *
   * @maxItems 64
   */
  disabled?: string[];
}
export interface HomeHosts {
  detector: string;
  /**
   * @minItems 1
   * @maxItems 64
   */
  hosts: string[];
}
export interface Suppression {
  detector: string;
  rule: string;
}
/**
 * How names are looked up. Names that no rule allows never are. Of several policies that set a field, the strictest applies.
 */
export interface DnsRules {
  /**
   * Record types that are looked up for allowed names, `[A, AAAA]` unless said. `[A]` turns IPv6 addresses off, `[A, AAAA, SRV]` adds service records; HTTPS and SVCB records never are.
   *
   * @minItems 1
   * @maxItems 9
   */
  queryTypes?: ('A' | 'AAAA' | 'TXT' | 'MX' | 'SRV' | 'CAA' | 'NS' | 'SOA' | 'PTR')[];
  /**
   * Characters of distinct subdomains that may be looked up under one registered domain by names that only a wildcard allows, in the life of a pod; 128 unless said. `a.acme.dev` and `bc.acme.dev` together cost 3; asking again is free.
   */
  budget?: number;
  /**
   * What a client is told about a name that no rule allows. `Explain` (unless said) answers with an address where an HTTP client reads the reason; `NXDomain` says that there is no such name.
   */
  denied?: 'Explain' | 'NXDomain';
}
/**
 * Constraints and shared allows of the platform, for the selected pods of the selected namespaces.
 */
export interface ClusterEgressPolicy {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: ClusterEgressPolicySpec;
}
export interface ClusterEgressPolicySpec {
  namespaceSelector?: NamespaceSelector;
  podSelector?: PodSelector;
  /**
   * What is allowed. Absent or empty, nothing is.
   *
   * @maxItems 128
   */
  egress?: EgressRule[];
  constraints?: Constraints;
  content?: ContentRules;
  dns?: DnsRules;
}
/**
 * The pods that the policy is for. Empty or absent: every injected pod of the namespace. `{matchLabels: {stage: build}}` selects a pod labelled `stage: build`, not one labelled `stage: test`.
 */
export interface NamespaceSelector {
  /**
   * Labels that a pod must have, all of them.
   */
  matchLabels?: {
    [k: string]: string;
  };
  /**
   * Conditions on labels, all of which must hold.
   *
   * @maxItems 64
   */
  matchExpressions?: LabelExpression[];
}
/**
 * What rules may say at most.
 */
export interface Constraints {
  /**
   * Hosts within which every host of a rule must lie.
   *
   * @minItems 1
   * @maxItems 256
   */
  allowedHosts?: string[];
  /**
   * Hosts that no rule may name or cover.
   *
   * @minItems 1
   * @maxItems 256
   */
  deniedHosts?: string[];
  /**
   * Modes that a policy may set.
   *
   * @minItems 1
   * @maxItems 2
   */
  allowedModes?: ('Enforce' | 'Audit')[];
  /**
   * Protocols that a rule may have.
   *
   * @minItems 1
   * @maxItems 4
   */
  allowedProtocols?: ('HTTPS' | 'HTTP' | 'TLS' | 'TCP')[];
  /**
   * Scopes that a rule may have.
   *
   * @minItems 1
   * @maxItems 2
   */
  allowedAddressScopes?: ('Public' | 'Private')[];
  maxLimits?: MaxLimits;
  /**
   * TightenOnly takes no exceptions from the content rules of EgressPolicies.
   */
  content?: 'TightenOnly';
}
/**
 * Most that one rule may spend.
 */
export interface MaxLimits {
  uploadSize?: number | string;
  requests?: number;
}
