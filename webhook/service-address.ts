/** The address that sidecars connect to: that of our Service, which a sidecar cannot look up before it has a policy. */
import { isIPv6 } from 'node:net';
import type { V1Service } from '@kubernetes/client-node';
import type { KubeClient } from './kube/client.ts';

/** Milliseconds until the next attempt; later, until it is looked at again: a Service that was made anew has another. */
const RETRY_MS = 1000;
const AGAIN_MS = 60_000;

export class ServiceAddress {
  readonly #client: KubeClient;
  readonly #path: string;
  readonly #isFixed: boolean;
  readonly #log: (message: string, more?: object) => void;
  #timer: NodeJS.Timeout | undefined;
  #url: string | undefined;

  /** `fixed`: what is known without asking. */
  constructor(
    client: KubeClient,
    namespace: string,
    name: string,
    fixed: string | undefined,
    log: (message: string, more?: object) => void,
  ) {
    this.#client = client;
    this.#path = `/api/v1/namespaces/${namespace}/services/${name}`;
    this.#isFixed = fixed !== undefined;
    this.#url = fixed;
    this.#log = log;
  }

  /** `https://10.96.0.7:443`; undefined until it is known. */
  get url(): string | undefined {
    return this.#url;
  }

  start(): void {
    if (!this.#isFixed) void this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const { spec } = await this.#client.call<V1Service>('GET', this.#path);
      const address = spec?.clusterIP;
      const port = spec?.ports?.find(({ name }) => name === 'https')?.port ?? 443;
      if (!address || address === 'None') throw new Error('the Service has no cluster address');
      this.#url = `https://${isIPv6(address) ? `[${address}]` : address}:${port}`;
    } catch (error) {
      this.#log('address of the Service', { error: (error as Error).message });
    }
    this.#timer = setTimeout(() => void this.#look(), this.#url === undefined ? RETRY_MS : AGAIN_MS);
  }
}
