/** TLS towards the outside: our own hello, TLS 1.2 or later, the certificate verified in full. */
import type net from 'node:net';
import tls from 'node:tls';
import { UpstreamTlsError } from './upstream-error.ts';

export { UpstreamTlsError } from './upstream-error.ts';

export const UPSTREAM_HANDSHAKE_TIMEOUT_MS = 10_000;

export interface UpstreamTlsOptions {
  /** The name that was judged: goes out as SNI and must be in the certificate. */
  host: string;
  /** PEM of the trust anchors, and no others. Give the same array each time: it is parsed once. */
  roots: readonly string[];
  /** Protocols to offer, e.g. ['http/1.1']; the one chosen is `alpnProtocol` of the socket. */
  alpn: readonly string[];
  signal?: AbortSignal;
  timeoutMs?: number;
}

/**
 * A handshake over the connected `socket`. Rejects with UpstreamTlsError; the socket is destroyed then. An 'error'
 * listener for what comes later is the caller's to attach, at once.
 */
export function connectTls(socket: net.Socket, options: UpstreamTlsOptions): Promise<tls.TLSSocket> {
  const { host, signal } = options;
  return new Promise((resolve, reject) => {
    if (socket.destroyed) throw new UpstreamTlsError(host, 'closed');
    const secure = tls.connect({
      socket,
      servername: host,
      secureContext: contextOf(options.roots),
      ALPNProtocols: [...options.alpn],
      rejectUnauthorized: true,
      checkServerIdentity,
    });
    const fail = (error: unknown): void => {
      settle();
      // Destroying can bring a second error.
      secure.on('error', () => {});
      secure.destroy();
      socket.destroy();
      reject(UpstreamTlsError.from(host, error));
    };
    const onSecure = (): void => {
      settle();
      secure.disableRenegotiation();
      resolve(secure);
    };
    const onClose = (): void => fail(new UpstreamTlsError(host, 'closed'));
    const onAbort = (): void => fail(new UpstreamTlsError(host, 'aborted', signal?.reason));
    const timer = setTimeout(
      () => fail(new UpstreamTlsError(host, 'timeout')),
      options.timeoutMs ?? UPSTREAM_HANDSHAKE_TIMEOUT_MS,
    );
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      secure.off('secureConnect', onSecure).off('error', fail).off('close', onClose);
    };
    secure.on('secureConnect', onSecure).on('error', fail).on('close', onClose);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
  });
}

/** Node would fall back to the common name, which RFC 9525 section 2 rules out. */
function checkServerIdentity(host: string, certificate: tls.PeerCertificate): Error | undefined {
  return certificate.subjectaltname === undefined
    ? new UpstreamTlsError(host, 'name-mismatch')
    : tls.checkServerIdentity(host, certificate);
}

/** Building a context from a hundred roots takes milliseconds. */
const contexts = new WeakMap<readonly string[], tls.SecureContext>();

function contextOf(roots: readonly string[]): tls.SecureContext {
  let context = contexts.get(roots);
  if (!context) {
    context = tls.createSecureContext({ ca: [...roots], minVersion: 'TLSv1.2' });
    contexts.set(roots, context);
  }
  return context;
}
