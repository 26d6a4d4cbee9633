/** Why a TLS connection to an upstream server failed, said as it is. */
import type { Reason } from '../../crds/runtime.ts';
import { alertOf, codeOf } from './alert.ts';

export type UpstreamTlsFailure =
  | 'expired'
  | 'not-yet-valid'
  | 'unknown-issuer'
  | 'self-signed'
  | 'name-mismatch'
  | 'unsuitable-certificate'
  | 'no-common-protocol'
  | 'refused-by-server'
  | 'not-tls'
  | 'closed'
  | 'timeout'
  | 'aborted'
  | 'handshake';

const SENTENCES: Record<UpstreamTlsFailure, string> = {
  expired: "the server's certificate, or one in its chain, has expired",
  'not-yet-valid': "the server's certificate, or one in its chain, is not valid yet",
  'unknown-issuer': "the issuer of the server's certificate is not known here",
  'self-signed': 'the server shows a self-signed certificate that is not trusted here',
  'name-mismatch': "the server's certificate is for other names",
  'unsuitable-certificate': "the server's certificate, or one in its chain, is not fit for the purpose",
  'no-common-protocol': 'the server speaks no protocol or cipher that is allowed here (TLS 1.2 at least)',
  'refused-by-server': 'the server refused the handshake',
  'not-tls': 'the server does not speak TLS on this port',
  closed: 'the server closed the connection during the handshake',
  timeout: 'the server did not finish the handshake in time',
  aborted: 'the handshake was given up',
  handshake: 'the handshake failed',
};

/** Codes of Node and OpenSSL, by what they mean. */
const FAILURES: Record<string, UpstreamTlsFailure> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown-issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown-issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown-issuer',
  CERT_UNTRUSTED: 'unknown-issuer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'self-signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name-mismatch',
  HOSTNAME_MISMATCH: 'name-mismatch',
  INVALID_CA: 'unsuitable-certificate',
  INVALID_PURPOSE: 'unsuitable-certificate',
  PATH_LENGTH_EXCEEDED: 'unsuitable-certificate',
  CERT_REJECTED: 'unsuitable-certificate',
  CERT_SIGNATURE_FAILURE: 'unsuitable-certificate',
  CA_MD_TOO_WEAK: 'unsuitable-certificate',
  CA_KEY_TOO_SMALL: 'unsuitable-certificate',
  EE_KEY_TOO_SMALL: 'unsuitable-certificate',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'no-common-protocol',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'no-common-protocol',
  ERR_SSL_DH_KEY_TOO_SMALL: 'no-common-protocol',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-tls',
  ERR_SSL_RECORD_LAYER_FAILURE: 'not-tls',
  ERR_SSL_BAD_RECORD_TYPE: 'not-tls',
  ERR_SSL_UNEXPECTED_MESSAGE: 'not-tls',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ERR_SSL_UNEXPECTED_EOF_WHILE_READING: 'closed',
};

/** Alerts of a server that might do with other offers; with any other it refuses. */
const NOTHING_IN_COMMON = new Set([
  'handshake_failure',
  'insufficient_security',
  'no_application_protocol',
  'protocol_version',
]);

export class UpstreamTlsError extends Error {
  override readonly name = 'UpstreamTlsError';
  readonly host: string;
  readonly failure: UpstreamTlsFailure;
  /** What events and refusals call it. */
  readonly reason: Reason;
  /** Node's or OpenSSL's code, for the log. */
  readonly code: string | undefined;

  constructor(host: string, failure: UpstreamTlsFailure, cause?: unknown) {
    super(`${host}: ${SENTENCES[failure]}`, { cause });
    this.host = host;
    this.failure = failure;
    this.reason = failure === 'timeout' ? 'upstream.timeout' : 'upstream.tls';
    this.code = codeOf(cause);
  }

  static from(host: string, error: unknown): UpstreamTlsError {
    if (error instanceof UpstreamTlsError) return error;
    return new UpstreamTlsError(host, failureOf(codeOf(error) ?? ''), error);
  }
}

function failureOf(code: string): UpstreamTlsFailure {
  const alert = alertOf(code);
  if (alert === undefined) return FAILURES[code] ?? 'handshake';
  return NOTHING_IN_COMMON.has(alert) ? 'no-common-protocol' : 'refused-by-server';
}
