/** The one way to an upstream: our own resolution of the judged name, the scope of each address, the connection, TLS. */
import type net from 'node:net';
import { messageOf } from '../crds/errors.ts';
import type { AddressScope, Reason } from '../crds/runtime.ts';
import type { Resolver } from './dns/resolver.ts';
import { decideAddress } from './policy/index.ts';
import { dial } from './tcp/dial.ts';
import type { Egress } from './tcp/types.ts';
import { connectTls } from './tls/upstream.ts';

/** Milliseconds for all attempts at all addresses of a name. */
export const DIAL_TIMEOUT_MS = 30_000;

/** No address may be, or could be, dialled. `reason` is what events and refusals call it. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly reason: Reason;
  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface DialerOptions {
  resolver: Pick<Resolver, 'resolve'>;
  egress: Egress;
  /** PEM of the trust anchors for upstream TLS. */
  roots: readonly string[];
  timeoutMs?: number;
}

export class Dialer {
  readonly #options: DialerOptions;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /**
   * A connection to the judged (host, port), TLS verified for `host` when `secure`. The address is our own resolution of
   * the name, and within `scope`.
   * @throws ConnectError, DialError, UpstreamTlsError: each has a `reason`.
   */
  async connect(host: string, port: number, secure: boolean, scope: AddressScope): Promise<net.Socket> {
    const { resolver, egress, roots, timeoutMs } = this.#options;
    const { addresses } = await resolver.resolve(host).catch((error: unknown) => {
      throw new ConnectError('address.unresolved', messageOf(error));
    });
    const admitted = addresses.filter((address) => decideAddress(scope, address) === undefined);
    if (admitted.length === 0) throw new ConnectError('address.not-allowed', `${host} is at ${addresses.join(', ')}`);
    const socket = await dial(egress, admitted, port, { timeoutMs: timeoutMs ?? DIAL_TIMEOUT_MS });
    return secure ? connectTls(socket, { host, roots, alpn: ['http/1.1'] }) : socket;
  }
}
