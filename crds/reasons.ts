/**
 * One table of everything Weir says when it says no: for refusals, events, metrics, the command line and the docs.
 * `sentence` and `help` are shown to the workload, which may be the attacker: they are coarse, and never carry a value.
 */
import type { Reason } from './runtime.ts';

export interface ReasonText {
  /** HTTP status of the refusal (RFC 9110 section 15). */
  status: number;
  /** What happened, as one sentence without a full stop. */
  sentence: string;
  /** What a person can do about it. */
  help: string;
  /**
   * What Audit mode does: `pass` lets it through and reports it. `refuse` holds in every mode: there is nothing sound
   * to forward, or what would leave cannot be taken back.
   */
  audit: 'pass' | 'refuse';
}

export const REASONS: Record<Reason, ReasonText> = {
  'policy.none': {
    status: 403,
    sentence: 'no policy applies here, so nothing may leave',
    help: 'Write an EgressPolicy that selects this pod, or name one with `weir run --policy`.',
    audit: 'pass',
  },
  'host.not-allowed': {
    status: 403,
    sentence: 'no rule allows this host',
    help: 'Add a rule for the host under spec.egress.',
    audit: 'pass',
  },
  'port.not-allowed': {
    status: 403,
    sentence: 'the host is allowed, but not on this port',
    help: 'Add the port to to.ports of the rule.',
    audit: 'pass',
  },
  'protocol.not-allowed': {
    status: 403,
    sentence: 'the host and port are allowed, but not with this protocol',
    help: 'Set the protocol of the rule to what the client speaks: HTTPS, HTTP, TLS or TCP.',
    audit: 'pass',
  },
  'destination.unknown': {
    status: 403,
    sentence: 'the connection goes to an address that no allowed name stands for',
    help: 'Connect by host name: addresses as such are never allowed.',
    audit: 'refuse',
  },
  'destination.self': {
    status: 403,
    sentence: 'the connection goes to Weir itself',
    help: 'Connect to the destination; Weir is in the path already.',
    audit: 'refuse',
  },
  'address.not-allowed': {
    status: 403,
    sentence: 'the name resolves to an address outside the scope of the rule',
    help: 'If the host is meant to be inside your network, set to.addressScope: Private on its rule.',
    audit: 'refuse',
  },
  'address.unresolved': {
    status: 502,
    sentence: 'the name of the host could not be resolved',
    help: 'Check the spelling of the host and that the resolver knows it.',
    audit: 'refuse',
  },
  'http.malformed': {
    status: 400,
    sentence: 'the request is not well-formed HTTP, or can be read in more than one way',
    help: 'Send a request that RFC 9110 and RFC 9112 allow, without dot segments or doubly encoded separators in its path.',
    audit: 'refuse',
  },
  'http.method': {
    status: 403,
    sentence: 'the rule does not allow this method',
    help: 'Add the method to http.methods of the rule, if the build should be able to do this.',
    audit: 'pass',
  },
  'http.path': {
    status: 403,
    sentence: 'the rule does not allow this path',
    help: 'Add the path to http.paths of the rule.',
    audit: 'pass',
  },
  'http.query': {
    status: 403,
    sentence: 'the rule does not allow this query',
    help: 'Add the parameter to http.query of the rule; parameters that are not listed are refused.',
    audit: 'pass',
  },
  'http.content-type': {
    status: 403,
    sentence: 'the rule does not allow a body of this content type',
    help: 'Add the media type to http.contentTypes of the rule.',
    audit: 'pass',
  },
  'http.body-size': {
    status: 413,
    sentence: 'the request body is larger than the rule allows',
    help: 'Raise http.maxBodySize of the rule, or send less.',
    audit: 'pass',
  },
  'http.upgrade': {
    status: 403,
    sentence: 'this protocol upgrade is not allowed',
    help: 'Only upgrades to WebSocket can be judged.',
    audit: 'refuse',
  },
  'http.doh': {
    status: 403,
    sentence: 'DNS over HTTPS is not allowed',
    help: "Use the system's resolver: names are judged there.",
    audit: 'refuse',
  },
  'http.host-mismatch': {
    status: 421,
    sentence: 'the request names another host than the connection',
    help: 'Open a connection of its own for each host.',
    audit: 'refuse',
  },
  'tls.malformed': {
    status: 400,
    sentence: 'the TLS handshake could not be read',
    help: 'Use a client that speaks TLS 1.2 or later.',
    audit: 'refuse',
  },
  'tls.no-sni': {
    status: 403,
    sentence: 'the TLS handshake does not name a server',
    help: 'Use a client that sends SNI (server_name).',
    audit: 'refuse',
  },
  'tls.encrypted-hello': {
    status: 403,
    sentence: 'the TLS handshake may name another server, encrypted',
    help: 'Turn off ECH (Encrypted ClientHello) in the client, GREASE ECH too: they look alike. Under HTTPS both are let be.',
    audit: 'refuse',
  },
  'tls.host-mismatch': {
    status: 421,
    sentence: 'the TLS handshake names another host than the connection',
    help: 'Use the same name for DNS, SNI and Host.',
    audit: 'refuse',
  },
  'tls.handshake': {
    status: 400,
    sentence: 'the client ended the TLS handshake with Weir',
    help: "The client may not trust Weir's authority: see the CA variables that `weir run` sets, and the client's own setting.",
    audit: 'refuse',
  },
  'content.secret': {
    status: 403,
    sentence: 'the content looks like a secret that does not belong to this host',
    help: 'Do not send it. The audit log says which detector fired and where; spec.content has the exceptions.',
    audit: 'refuse',
  },
  'content.too-complex': {
    status: 403,
    sentence: 'the content is encoded in a way that cannot be judged',
    help: 'Send it with fewer layers of encoding or compression.',
    audit: 'refuse',
  },
  'content.opaque': {
    status: 403,
    sentence: 'too many bytes were sent that cannot be read',
    help: 'Send it as text, or raise content.opaqueUploads; a rule that uploads such bytes by design needs a suppression of opaque-upload.',
    audit: 'pass',
  },
  'content.cut-off': {
    status: 403,
    sentence: 'too much was refused here for its content, so nothing may leave any more',
    help: 'Find out in the audit log what was sent, and start anew; content.maxRefusals sets the bound.',
    audit: 'refuse',
  },
  'limit.upload-size': {
    status: 403,
    sentence: 'the rule has no upload bytes left',
    help: 'Raise limits.uploadSize of the rule if the build needs to send this much.',
    audit: 'pass',
  },
  'limit.new-text-size': {
    status: 403,
    sentence: 'the rule has no bytes left for new text in paths, queries and headers',
    help: 'Raise limits.newTextSize of the rule if the build needs to ask for this much, or spell out paths and queries in http.',
    audit: 'pass',
  },
  'limit.requests': {
    status: 429,
    sentence: 'the rule has no requests left',
    help: 'Raise limits.requests of the rule if the build needs this many.',
    audit: 'pass',
  },
  'dns.malformed': {
    status: 400,
    sentence: 'the DNS query could not be read, or its name is not a host name',
    help: 'Look up host names made of letters, digits, hyphens and underscores.',
    audit: 'refuse',
  },
  'dns.name': {
    status: 403,
    sentence: 'no rule allows this host, so its name is not looked up',
    help: 'Add a rule for the host under spec.egress.',
    audit: 'pass',
  },
  'dns.query-type': {
    status: 403,
    sentence: 'DNS records of this type are not looked up',
    help: 'Add the type to spec.dns.queryTypes, if the build needs such records.',
    audit: 'pass',
  },
  'dns.budget': {
    status: 403,
    sentence: 'too many different names were looked up under one domain',
    help: 'Name the hosts instead of a wildcard, or raise spec.dns.budget.',
    audit: 'pass',
  },
  'upstream.tls': {
    status: 502,
    sentence: "the server's certificate or TLS handshake could not be verified",
    help: 'If the server uses a private authority, give its certificate with `--upstream-ca` or SSL_CERT_FILE.',
    audit: 'refuse',
  },
  'upstream.unreachable': {
    status: 502,
    sentence: 'the server could not be reached',
    help: 'The policy allows it; check that the server is up and reachable from here.',
    audit: 'refuse',
  },
  'upstream.timeout': {
    status: 504,
    sentence: 'the server did not answer in time',
    help: 'The policy allows it; check that the server is up, and try again.',
    audit: 'refuse',
  },
  'bound.connections': {
    status: 503,
    sentence: 'too many connections are open at once',
    help: 'Close connections or use fewer of them in parallel.',
    audit: 'refuse',
  },
  'bound.time': {
    status: 503,
    sentence: 'the client took too long',
    help: 'Send the request without long pauses.',
    audit: 'refuse',
  },
  'bound.memory': {
    status: 503,
    sentence: 'too many bodies are being judged at once',
    help: 'Send fewer bodies in parallel, and without long pauses.',
    audit: 'refuse',
  },
  internal: {
    status: 500,
    sentence: 'Weir failed to judge this, so it is refused',
    help: 'This is a defect of Weir: please report it with the line of the audit log.',
    audit: 'refuse',
  },
};
