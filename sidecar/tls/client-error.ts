/** Why a handshake with a client failed, in words that help its owner. */
import { alertOf, codeOf } from './alert.ts';

export type ClientTlsFailure =
  | 'distrusts-authority'
  | 'no-common-protocol'
  | 'server-name'
  | 'timeout'
  | 'closed'
  | 'malformed';

const SENTENCES: Record<ClientTlsFailure, string> = {
  'distrusts-authority': "the client does not trust Weir's certificate authority",
  'no-common-protocol': 'the client offers no protocol or cipher that Weir speaks',
  'server-name': 'the handshake asked for another host than the one that was judged',
  timeout: 'the client did not finish the handshake in time',
  closed: 'the client closed the connection during the handshake',
  malformed: 'the handshake failed',
};

/** What clients send when they do not take our certificate. */
const DISTRUST = new Set(['unknown_ca', 'certificate_unknown', 'bad_certificate', 'unsupported_certificate']);

/** OpenSSL's and Node's codes; what is not here is 'malformed'. */
const FAILURES: Record<string, ClientTlsFailure> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'no-common-protocol',
  ERR_SSL_NO_SHARED_CIPHER: 'no-common-protocol',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'no-common-protocol',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'no-common-protocol',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'no-common-protocol',
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: 'no-common-protocol',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
};

export class ClientTlsError extends Error {
  override readonly name = 'ClientTlsError';
  readonly failure: ClientTlsFailure;

  constructor(failure: ClientTlsFailure, cause?: unknown) {
    super(SENTENCES[failure], { cause });
    this.failure = failure;
  }

  static from(error: unknown): ClientTlsError {
    if (error instanceof ClientTlsError) return error;
    const code = codeOf(error) ?? '';
    const distrust = DISTRUST.has(alertOf(code) ?? '');
    return new ClientTlsError(distrust ? 'distrusts-authority' : (FAILURES[code] ?? 'malformed'), error);
  }
}
