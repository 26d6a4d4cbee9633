/** Which replica writes what one is enough for (status, sweeps): the holder of a Lease, as the controllers of Kubernetes do it. */
import type { V1Lease } from '@kubernetes/client-node';
import { type KubeClient, KubeError } from './client.ts';
import { microTime } from './time.ts';

/** Seconds after which a holder that says nothing is taken for gone. */
export const LEASE_SECONDS = 15;
/** Milliseconds between attempts and renewals. */
export const RENEW_MS = 5000;

export interface LeaderOptions {
  namespace: string;
  name: string;
  /** The name of this replica's pod. */
  identity: string;
  changed: (isLeader: boolean) => void;
}

export class Leader {
  readonly #client: KubeClient;
  readonly #options: LeaderOptions;
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;
  /** `performance.now()` of the last renewal that was taken. */
  #renewed = Number.NEGATIVE_INFINITY;
  /** The holder's last sign of life, and when this replica's clock saw it: their clock may be another. */
  #seen: { sign: string; at: number } | undefined;
  #was = false;

  constructor(client: KubeClient, options: LeaderOptions) {
    this.#client = client;
    this.#options = options;
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`;
  }

  get isLeader(): boolean {
    return performance.now() - this.#renewed < LEASE_SECONDS * 1000 - RENEW_MS / 2;
  }

  start(): void {
    const attempt = async (): Promise<void> => {
      await this.#attempt().catch(() => undefined);
      if (this.isLeader !== this.#was) {
        this.#was = this.isLeader;
        this.#options.changed(this.#was);
      }
      this.#timer = setTimeout(() => void attempt(), RENEW_MS * (0.9 + Math.random() / 5));
    };
    void attempt();
  }

  /** Gives the Lease back, so that another replica need not wait. Does not throw. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.isLeader) return;
    this.#renewed = Number.NEGATIVE_INFINITY;
    const { name } = this.#options;
    try {
      const lease = await this.#client.call<V1Lease>('GET', `${this.#path}/${name}`);
      if (lease.spec?.holderIdentity !== this.#options.identity) return;
      const body = { ...lease, spec: { ...lease.spec, holderIdentity: '' } };
      await this.#client.call('PUT', `${this.#path}/${name}`, { body });
    } catch {
      // It runs out by itself.
    }
  }

  async #attempt(): Promise<void> {
    const { name, namespace, identity } = this.#options;
    const asked = performance.now();
    const times = { leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(Date.now()) };
    let lease: V1Lease;
    try {
      lease = await this.#client.call<V1Lease>('GET', `${this.#path}/${name}`);
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace },
        spec: { holderIdentity: identity, acquireTime: times.renewTime, leaseTransitions: 0, ...times },
      };
      await this.#client.call('POST', this.#path, { body });
      this.#renewed = asked;
      return;
    }
    const { holderIdentity: holder = '', renewTime, leaseTransitions = 0 } = lease.spec ?? {};
    const isOurs = holder === identity;
    if (!isOurs && holder !== '' && !this.#hasExpired(`${holder} ${renewTime}`, asked)) return;
    const taken = isOurs ? {} : { acquireTime: times.renewTime, leaseTransitions: leaseTransitions + 1 };
    const body = { ...lease, spec: { ...lease.spec, holderIdentity: identity, ...taken, ...times } };
    await this.#client.call('PUT', `${this.#path}/${name}`, { body });
    this.#renewed = asked;
  }

  #hasExpired(sign: string, now: number): boolean {
    if (this.#seen?.sign !== sign) this.#seen = { sign, at: now };
    return now - this.#seen.at > LEASE_SECONDS * 1000;
  }
}
