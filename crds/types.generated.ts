// Made by crds/generate.ts; do not edit.

export interface Kinds {
  EgressPolicy?: EgressPolicy;
  ClusterEgressPolicy?: ClusterEgressPolicy;
}
/**
 * Where the selected pods of the namespace may talk, and what may be in what they say. All policies that select a pod apply together: rules add up, limits and content rules take the strictest. What no rule allows is denied, and a pod that no policy selects may not talk at all.
 */
export interface EgressPolicy {
  /**
   * `weir.dev/v1alpha1`, and not another version.
   */
  apiVersion: string;
  /**
   * `EgressPolicy`, not `egresspolicy`.
   */
  kind: string;
  metadata: ObjectMeta;
  spec: EgressPolicySpec;
  status?: PolicyStatus;
}
export interface ObjectMeta {
  name: string;
  namespace?: string;
  labels?: {
    [k: string]: string;
  };
  annotations?: {
    [k: string]: string;
  };
  creationTimestamp?: unknown;
  deletionGracePeriodSeconds?: unknown;
  deletionTimestamp?: unknown;
  finalizers?: unknown;
  generateName?: unknown;
  generation?: unknown;
  managedFields?: unknown;
  ownerReferences?: unknown;
  resourceVersion?: unknown;
  selfLink?: unknown;
  uid?: unknown;
}
/**
 * What the policy says. `{egress: [{name: api, to: {hosts: [api.acme.dev]}}]}` allows that host, and not another.
 */
export interface EgressPolicySpec {
  podSelector?: PodSelector;
  /**
   * `Audit` judges and reports, and lets pass. It still refuses private addresses, secrets and what cannot be parsed. A pod is in Enforce unless every policy that selects it is Audit: under `Audit` a request that no rule allows is let pass and reported, under `Enforce` it is not let pass.
   */
  mode?: 'Enforce' | 'Audit';
  /**
   * What is allowed: a rule for each destination or purpose. `[{name: npm, preset: {name: npm-install}}]` lets packages be installed, not published, and nothing else be reached. Absent or empty, the policy allows nothing.
   *
   * @maxItems 128
   */
  egress?: EgressRule[];
  content?: ContentRules;
  dns?: DnsRules;
  pod?: PodSettings;
}
/**
 * The pods that the policy is for. Empty or absent: every injected pod that the policy can be for. `{matchLabels: {stage: build}}` selects a pod labelled `stage: build`, not one labelled `stage: test`.
 */
export interface PodSelector {
  /**
   * Labels that must all be there, with these values. `{stage: build}` selects what is labelled `stage: build` and whatever else, not what is labelled `stage: test` or not at all.
   */
  matchLabels?: {
    [k: string]: string;
  };
  /**
   * Conditions on labels, which must all hold. `[{key: stage, operator: In, values: [build, test]}]` selects what is labelled `stage: build` or `stage: test`, not what is labelled `stage: release`.
   *
   * @maxItems 32
   */
  matchExpressions?: LabelExpression[];
}
/**
 * One condition. `{key: team, operator: Exists}` holds for `team: web`, not for `stage: build`.
 */
export interface LabelExpression {
  /**
   * A label key such as `stage` or `acme.dev/team`, not `acme.dev/`.
   */
  key: string;
  /**
   * `In` and `NotIn` compare the value with `values`; `Exists` and `DoesNotExist` take no `values`. What has no such label matches `NotIn`, and does not match `In`.
   */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * Values of the label, for `In` and `NotIn`. `[build, test]` holds for `build`, not for `Build`.
   *
   * @minItems 1
   * @maxItems 64
   */
  values?: string[];
}
/**
 * Allows what satisfies all of its fields. `{name: api, to: {hosts: [api.acme.dev]}}` allows https://api.acme.dev/ with any method and path, not http://api.acme.dev/ nor https://acme.dev/.
 */
export interface EgressRule {
  /**
   * What events, refusals and `suppressions` call the rule. `npm-mirror` is a name, `NPM mirror` is not.
   */
  name: string;
  /**
   * `HTTPS` (decrypted and judged) unless said; `HTTP` is plain; `TLS` is relayed undecrypted after its SNI was judged; `TCP` is relayed unseen. The last two carry bytes that nobody judges, and so need `limits.uploadSize`. `TLS` refuses a handshake with ECH, whose name is encrypted, and GREASE ECH with it, since nobody but the server can tell them apart. `HTTPS` matches https://a.dev/, not http://a.dev/; `UDP` is not a value, so nothing matches QUIC.
   */
  protocol?: 'HTTPS' | 'HTTP' | 'TLS' | 'TCP';
  to?: Destination;
  preset?: PresetReference;
  /**
   * Requests that are allowed: those that match at least one item. Absent: all, or with a preset all of the preset's; with a preset a request must match both. `[{methods: [GET]}, {methods: [POST], paths: [/v1/events]}]` matches GET of any path and POST of /v1/events, not POST of /v1/users.
   *
   * @minItems 1
   * @maxItems 32
   */
  http?: HttpRule[];
  limits?: Limits;
}
/**
 * Where to. With a preset, each field given here replaces the preset's. `{hosts: [a.dev], ports: [443, 8443]}` matches a.dev:8443, not a.dev:80 nor b.dev:443.
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
   * Ports. Absent: 443 for HTTPS and TLS, 80 for HTTP; TCP must say. `[5432]` matches port 5432, not 5433. 53 is refused: DNS has its own judge.
   *
   * @minItems 1
   * @maxItems 16
   */
  ports?: number[];
  /**
   * Where the name may resolve to. `Public` matches public addresses such as 93.184.216.34, not 10.0.0.1; `Private` matches those too, that is RFC 1918, unique local and carrier-grade NAT addresses. Loopback, link-local and metadata addresses are in neither.
   */
  addressScope?: 'Public' | 'Private';
}
/**
 * A tool's needs, known by name: `{name: npm-install}` allows reading from a registry, not publishing to it; `{name: git-fetch}` allows clone and fetch, not push. `http` narrows it.
 */
export interface PresetReference {
  /**
   * `npm-install` is a preset, `npm` is not.
   */
  name: string;
}
/**
 * A request matches when it satisfies every field given here. `{methods: [GET], paths: [/a]}` matches GET /a, not POST /a nor GET /b.
 */
export interface HttpRule {
  /**
   * Methods, in capitals as HTTP has them. `[GET]` matches GET, and neither HEAD nor POST.
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
   * Media types that a request with a body may declare, without parameters. `application/json` also matches `application/json; charset=utf-8`, but not a body without a type, nor a WebSocket, whose messages have none.
   *
   * @minItems 1
   * @maxItems 32
   */
  contentTypes?: string[];
  /**
   * Largest request body, as sent. `16Ki` and `16384` are the same, `16K` is not a size; `16Ki` matches a body of 16384 bytes, not one of 16385; `0` admits no body and no WebSocket. Holds for each message of one, control frames included.
   */
  maxBodySize?: number | string;
  /**
   * Request headers that are forwarded; any other is dropped. Absent: all are. `Accept` and `accept` are the same; `[accept]` forwards Accept, not Cookie. `Host`, framing and connection headers are Weir's own, and not given here.
   *
   * @maxItems 32
   */
  forwardHeaders?: string[];
}
/**
 * `{name: q}` matches `?q=1` and `?q=`, not `?Q=1`.
 */
export interface QueryParameter {
  /**
   * Its name, decoded. `a b` matches `?a+b=1` and `?a%20b=1`, not `?ab=1`.
   */
  name: string;
  /**
   * Values it may have, decoded. Absent means any. `[json, "a b"]` matches `json` and `a%20b`, not `JSON`.
   *
   * @minItems 1
   * @maxItems 64
   */
  values?: string[];
}
/**
 * What the rule may spend in the life of a pod, over all connections. `{requests: 2}` admits two requests, not a third.
 */
export interface Limits {
  /**
   * Bytes sent: request bodies, and under TLS and TCP everything that the client sends. `10Mi` is a size, `10MB` is not.
   */
  uploadSize?: number | string;
  /**
   * Bytes of text in paths, queries and headers that the host did not get before. A segment, parameter or header costs its length the first time, 2 bytes when it comes again beside others, and nothing when its path, query or headers are the same as before, or when `http` spells it out. `64Ki` admits an install of a thousand packages, not a file in a thousand paths.
   */
  newTextSize?: number | string;
  /**
   * HTTP requests; under TLS and TCP, connections. `5000` admits 5000 of them, not 5001.
   */
  requests?: number;
}
/**
 * What is looked for in content, and exceptions from it. `{suppressions: [{detector: jwt, rule: metrics}]}` lets JWTs through to one rule's destination, not to any other.
 */
export interface ContentRules {
  detectors?: DetectorSettings;
  /**
   * Where a kind of secret belongs, besides where its detector says. `[{detector: github-token, hosts: [ghe.acme.dev]}]` lets such tokens go to ghe.acme.dev, not to x.acme.dev, and never in a host name itself.
   *
   * @maxItems 64
   */
  homeHosts?: HomeHosts[];
  /**
   * Detectors that are off for one rule of this policy. `[{detector: jwt, rule: metrics}]` lets JWTs through in requests of the rule `metrics`, and not in others. In a host name itself, which resolvers and on-path observers read, it counts where the rule spells out that name, not where only a wildcard matches it: with `hosts: [abc.acme.dev, "*.x.dev"]` for abc.acme.dev, not for abc.x.dev.
   *
   * @maxItems 128
   */
  suppressions?: Suppression[];
  knownSecrets?: KnownSecrets;
  /**
   * Refusals for content in the life of a pod after which it is cut off: whatever it asks for then is refused as `content.cut-off`. 20 unless said; of several policies that set it, the smallest applies. Under `3` a pod is cut off after its third refusal for content, not after its second; refusals for other reasons, such as a host that no rule allows, do not count, and a DNS name that is asked for by several types and with search domains counts once.
   */
  maxRefusals?: number;
  opaqueUploads?: OpaqueUploads;
  /**
   * Formats of secrets that only you know, looked for beside the built-in detectors; those of all policies add up. `[{name: acme-key, regex: "acme_[a-z0-9]{32}", hosts: [api.acme.dev]}]` lets such a key go to api.acme.dev, not to www.acme.dev. Suppressions, `homeHosts` and `detectors.disabled` call it `pattern/acme-key`.
   *
   * @maxItems 32
   */
  patterns?: SecretPattern[];
}
/**
 * Detectors for all of the pod's traffic. `{disabled: [jwt]}` turns one off, and does not touch the others.
 */
export interface DetectorSettings {
  /**
   * Detectors that are off for the pod; of several policies for a pod, all must say so. Prefer `homeHosts` and `suppressions`, which are narrower. `[jwt]` lets JWTs through everywhere, not npm tokens.
   *
   * @maxItems 64
   */
  disabled?: string[];
}
/**
 * One kind of secret and its hosts. `{detector: jwt, hosts: ["*.acme.dev"]}` lets JWTs go to a.acme.dev, not to acme.dev.
 */
export interface HomeHosts {
  /**
   * The detector's name. `github-token` is one, `GitHub token` is not.
   */
  detector: string;
  /**
   * Host names as in `to.hosts`. `*.acme.dev` matches a.acme.dev, not acme.dev.
   *
   * @minItems 1
   * @maxItems 64
   */
  hosts: string[];
}
/**
 * One detector for one rule. `{detector: jwt, rule: metrics}` is for the rule `metrics`, not for `metrics-eu`.
 */
export interface Suppression {
  /**
   * The detector's name. `jwt` is one, `JWT` is not.
   */
  detector: string;
  /**
   * The name of a rule of this policy. With a rule named `metrics`, `metrics` is one and `metric` is not.
   */
  rule: string;
  /**
   * Hosts of the rule that it is for, written as in `to.hosts`; absent, all of them. With `hosts: [a.acme.dev]` and a rule for `*.acme.dev`, it is for a.acme.dev, not for b.acme.dev.
   *
   * @minItems 1
   * @maxItems 8
   */
  hosts?: string[];
}
/**
 * The values of the Secrets that the pod itself refers to, which may not leave it in any encoding, nor, but for imagePullSecrets, may a telling part of one. A value may go where its text says that it belongs: to the host of its URL, registry or machine, or where its format is at home; else a suppression of `known-secret` lets it through for one rule. What is plainly no secret, such as a host name, a path, a number or a certificate, is not looked for. `{exclude: [{secretName: npm, keys: [username]}]}` looks for all values but that one, not for those shorter than 12 bytes. Of several policies for a pod, all must leave a value out.
 */
export interface KnownSecrets {
  /**
   * `PodSecrets` (unless said) looks for the values of Secrets that the pod's containers refer to by env, envFrom and volumes, of its imagePullSecrets and of its ServiceAccount token; `weir run` for those of variables that are named like secrets (of the Secret `environment`), and of credential files in the home directory (of `aws`, `npm`, `ssh` and so on). `None` looks for none of them; `Secrets` is not a value.
   */
  source?: 'PodSecrets' | 'None';
  /**
   * Bytes of the shortest value that is looked for, 12 unless said. Under `16` a value of 16 bytes is looked for, one of 15 is not.
   */
  minLength?: number;
  /**
   * Secrets whose values are no secrets, or belong where the build sends them. `[{secretName: npm, keys: [username]}]` leaves out that value, not the Secret's others.
   *
   * @maxItems 64
   */
  exclude?: ExcludedSecret[];
}
/**
 * A Secret, or keys of it. `{secretName: npm}` leaves out all of the Secret `npm`, not the Secret `npm-token`.
 */
export interface ExcludedSecret {
  /**
   * The name of a Secret in the pod's namespace. `npm` is one, `ci/npm` is not.
   */
  secretName: string;
  /**
   * Keys of the Secret that are left out; absent: all. `[username]` leaves out `username`, not `password`.
   *
   * @minItems 1
   * @maxItems 64
   */
  keys?: string[];
}
/**
 * What may be sent in request bodies that no decoder explains: bytes that look drawn at random, as what is encrypted does, and as what is compressed in a way that Weir does not read, images included. Text, and what decompresses to text, does not count. `{maxSize: 64Ki}` lets 64 KiB of such bytes go to a host in the life of a pod, not more. A rule whose uploads are such bytes by design is left out by a suppression of `opaque-upload`. Of several policies that set a field, the smallest applies; absent, it is not bounded.
 */
export interface OpaqueUploads {
  /**
   * Bytes to one host; hosts that the same wildcard admits share it. Under `64Ki` a body of 65536 random bytes fits, one of 70000 does not; a text of 70000 bytes does.
   */
  maxSize?: number | string;
  /**
   * Bytes to all hosts together. Under `1Mi` 512 KiB of random bytes to each of two hosts fit, the same to a third host does not.
   */
  maxPodSize?: number | string;
}
/**
 * One format. `{name: acme-key, regex: "acme_[a-z0-9]{32}"}` finds such a key in any text, encoded or not, not one that is shorter.
 */
export interface SecretPattern {
  /**
   * What findings, suppressions and events call it, behind `pattern/`. `acme-key` is a name, `ACME key` is not.
   */
  name: string;
  /**
   * A regular expression of RE2, searched in text as bytes; `.` is one byte. Every match must hold a fixed text of at least 3 characters. `acme_[a-z0-9]{32}` has `acme_`; `[a-z0-9]{32}` has none and is refused, as are `^` and `$` (secrets stand within other text), backreferences and lookaround. In host names, which have no case, it matches letters of either case.
   */
  regex: string;
  /**
   * Hosts where it belongs, as in `to.hosts`; absent: none. `[api.acme.dev]` lets it go there, not to `x.api.acme.dev`.
   *
   * @minItems 1
   * @maxItems 64
   */
  hosts?: string[];
}
/**
 * How names are looked up. Names that no rule allows never are. Of several policies that set a field, the strictest applies. `{queryTypes: [A]}` answers A queries for allowed names, not AAAA queries.
 */
export interface DnsRules {
  /**
   * Record types that are looked up for allowed names, `[A, AAAA]` unless said. `[A]` turns IPv6 addresses off, `[A, AAAA, SRV]` adds service records, not TXT; HTTPS and SVCB records never are.
   *
   * @minItems 1
   * @maxItems 9
   */
  queryTypes?: ('A' | 'AAAA' | 'TXT' | 'MX' | 'SRV' | 'CAA' | 'NS' | 'SOA' | 'PTR')[];
  /**
   * Characters of distinct subdomains that may be looked up under one registered domain by names that only a wildcard allows, in the life of a pod; 128 unless said. Under `3`, `a.acme.dev` and `bc.acme.dev` fit, and asking again is free; `d.acme.dev` after them does not fit.
   */
  budget?: number;
  /**
   * What a client is told about a name that no rule allows. `Explain` (unless said) answers with an address where an HTTP client reads the reason; `NXDomain` says that there is no such name. `NXDOMAIN` is not a value.
   */
  denied?: 'Explain' | 'NXDomain';
}
/**
 * What the pod itself may see. Taken when a pod is admitted: a change is for pods made later. Of several policies for a pod, the strictest applies. `{maskedPaths: [/root/.ssh]}` hides that directory of the image, not `/root`.
 */
export interface PodSettings {
  /**
   * Paths that the containers see as empty directories, which nothing can be written to; those of all policies add up. `[/root/.aws]` hides `/root/.aws/credentials`, not `/root/.ssh`. Names of letters, digits and `._@+~-`.
   *
   * @minItems 1
   * @maxItems 32
   */
  maskedPaths?: string[];
  /**
   * `Keep` (unless said) leaves the pod's ServiceAccount token where Kubernetes mounts it; `Remove` takes that mount out of the containers, and not other projected volumes. `Delete` is not a value.
   */
  serviceAccountToken?: 'Keep' | 'Remove';
}
/**
 * What Weir's control plane found, written by it alone. `kubectl get -o yaml` shows it; it is not part of what you write. Without a control plane nothing fills it in.
 */
export interface PolicyStatus {
  pods?: PodCounts;
  /**
   * `Accepted` is True when the policy is compiled as written, and not when a part of it is refused or lies outside a constraint of the cluster. `ResolvedRefs` is True when this version of Weir knows the presets and detectors that the policy names, and not when it does not know one. `PodsCurrent` is True when every pod that it selects runs under it as written, and not when one has to be made anew (`RecreateRequired`).
   *
   * @maxItems 8
   */
  conditions?: Condition[];
}
/**
 * Injected pods, counted now and then. `{matched: 3, current: 2}` says that the policy is for three, not that all three run under it as written.
 */
export interface PodCounts {
  /**
   * Pods that the policy selects. `3` counts three running pods, not one that has ended.
   */
  matched: number;
  /**
   * Of those, pods that have it as written. `2` of three: one has not fetched it yet, or needs to be made anew, and is not counted.
   */
  current: number;
}
/**
 * One condition, as Kubernetes has them. `{type: Accepted, status: "True"}` says yes, `status: yes` is not a value.
 */
export interface Condition {
  /**
   * `Accepted` is a type, `not accepted` is not.
   */
  type: string;
  /**
   * `"True"` is a status, `true` without quotes is not.
   */
  status: 'True' | 'False' | 'Unknown';
  /**
   * The `metadata.generation` that was looked at. With generation 3, `3` is current and `2` is not.
   */
  observedGeneration?: number;
  /**
   * When `status` last changed. `2026-11-25T10:00:00Z` is a time, `yesterday` is not.
   */
  lastTransitionTime: string;
  /**
   * Why, for programs. `ConstraintViolated` is a reason, `constraint violated` is not.
   */
  reason: string;
  /**
   * Why, for people. `rule db lies outside a constraint` is a message, a list is not.
   */
  message: string;
}
/**
 * Constraints on what EgressPolicies may allow, and rules that hold in many namespaces. It selects pods by their namespace's labels and their own; all policies of either kind that select a pod apply together. A pod that only constraints select may not talk at all.
 */
export interface ClusterEgressPolicy {
  /**
   * `weir.dev/v1alpha1`, and not another version.
   */
  apiVersion: string;
  /**
   * `ClusterEgressPolicy`, not `clusteregresspolicy`.
   */
  kind: string;
  metadata: ObjectMeta;
  spec: ClusterEgressPolicySpec;
  status?: PolicyStatus;
}
/**
 * What the policy says. `{constraints: {deniedHosts: [webhook.site]}}` takes rules for that host away, and does not allow any other.
 */
export interface ClusterEgressPolicySpec {
  namespaceSelector?: NamespaceSelector;
  podSelector?: PodSelector;
  /**
   * What is allowed: a rule for each destination or purpose. `[{name: npm, preset: {name: npm-install}}]` lets packages be installed, not published, and nothing else be reached. Absent or empty, the policy allows nothing.
   *
   * @maxItems 128
   */
  egress?: EgressRule[];
  constraints?: Constraints;
  content?: ContentRules;
  dns?: DnsRules;
  pod?: PodSettings;
}
/**
 * The namespaces that the policy is for. Empty or absent: every injected namespace. `{matchLabels: {tier: ci}}` selects a namespace labelled `tier: ci`, not one labelled `tier: prod`.
 */
export interface NamespaceSelector {
  /**
   * Labels that must all be there, with these values. `{stage: build}` selects what is labelled `stage: build` and whatever else, not what is labelled `stage: test` or not at all.
   */
  matchLabels?: {
    [k: string]: string;
  };
  /**
   * Conditions on labels, which must all hold. `[{key: stage, operator: In, values: [build, test]}]` selects what is labelled `stage: build` or `stage: test`, not what is labelled `stage: release`.
   *
   * @maxItems 32
   */
  matchExpressions?: LabelExpression[];
}
/**
 * What rules may say at most, for the selected pods, in every policy of either kind. Constraints of several policies all hold. A rule outside one is not compiled. `{allowedProtocols: [HTTPS]}` keeps a rule with protocol HTTPS, not one with TCP.
 */
export interface Constraints {
  /**
   * Every host of a rule must lie within one of these. `*.acme.dev` admits a rule for `a.acme.dev` or `*.a.acme.dev`, not one for `acme.dev` or `*.dev`.
   *
   * @minItems 1
   * @maxItems 256
   */
  allowedHosts?: string[];
  /**
   * No host of a rule may be one of these, or cover one. `files.acme.dev` takes away a rule for `files.acme.dev` and one for `*.acme.dev`, not one for `api.acme.dev`.
   *
   * @minItems 1
   * @maxItems 256
   */
  deniedHosts?: string[];
  /**
   * Modes that an EgressPolicy may set. Under `[Enforce]` a policy with Audit is enforced, and not merely reported on.
   *
   * @minItems 1
   * @maxItems 2
   */
  allowedModes?: ('Enforce' | 'Audit')[];
  /**
   * Protocols that a rule may have. `[HTTPS, HTTP]` keeps a rule that says no protocol, which is HTTPS, not one with TLS.
   *
   * @minItems 1
   * @maxItems 4
   */
  allowedProtocols?: ('HTTPS' | 'HTTP' | 'TLS' | 'TCP')[];
  /**
   * Scopes that a rule may have. `[Public]` keeps a rule with addressScope Public, not one with Private.
   *
   * @minItems 1
   * @maxItems 2
   */
  allowedAddressScopes?: ('Public' | 'Private')[];
  maxLimits?: MaxLimits;
  /**
   * `TightenOnly` takes no exceptions from the content rules of an EgressPolicy: its `content` counts where it is stricter, not where it lets more through. Those of ClusterEgressPolicies still do.
   */
  content?: 'TightenOnly';
}
/**
 * Most that one rule may spend; larger limits, and absent ones, become these. Under `{requests: 100}` a rule with `requests: 500` admits 100 requests, not 101.
 */
export interface MaxLimits {
  /**
   * Bytes that one rule may send. Under `10Mi`, a rule may send `10485760` bytes, not one more.
   */
  uploadSize?: number | string;
  /**
   * Bytes of new text in paths, queries and headers of one rule. Under `64Ki`, a rule may send `65536` bytes of it, not one more.
   */
  newTextSize?: number | string;
  /**
   * HTTP requests, or under TLS and TCP connections, of one rule. `20000` admits that many, not `20001`.
   */
  requests?: number;
}
