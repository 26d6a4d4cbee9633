/**
 * By what the API server is known: it shows no certificate and no token that an installation could set up, but calls the path
 * that its configuration names. So a part of the path is a secret, which only who may read webhook configurations sees. The
 * API server tells the whole URL to whoever makes a pod while we are away ("failed calling webhook: Post https://..."):
 * hence a key is good for a few minutes, and is a function of the time and one secret, so that all replicas have the same.
 * Pure.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Milliseconds after which there is a new key; the last one and the next one are good too: clocks and watches lag. */
export const KEY_MS: number = 5 * 60_000;
/** Bytes of the secret. */
export const SECRET_BYTES = 32;

export type Webhook = 'mutate' | 'validate';

export class AdmissionKey {
  readonly #secret: Buffer;

  constructor(secret: Buffer) {
    if (secret.length !== SECRET_BYTES)
      throw new RangeError(`the secret has ${secret.length} bytes, not ${SECRET_BYTES}`);
    this.#secret = secret;
  }

  /** What the configuration is to say at `now` (milliseconds since the epoch). */
  path(webhook: Webhook, now: number): string {
    return `/${webhook}/${this.#at(webhook, Math.floor(now / KEY_MS))}`;
  }

  /** Whether the configuration may stay as it is: a replica whose clock is ahead may have written it. */
  isCurrent(path: string, webhook: Webhook, now: number): boolean {
    return path === this.path(webhook, now) || path === this.path(webhook, now + KEY_MS);
  }

  /** Whether who calls with this segment read it in the configuration lately. */
  isGood(shown: string, webhook: Webhook, now: number): boolean {
    const period = Math.floor(now / KEY_MS);
    const bytes = Buffer.from(shown);
    let isGood = false;
    for (const each of [period - 1, period, period + 1]) {
      const expected = Buffer.from(this.#at(webhook, each));
      if (bytes.length === expected.length && timingSafeEqual(bytes, expected)) isGood = true;
    }
    return isGood;
  }

  /** Hex: a path's segment has to be a DNS subdomain. */
  #at(webhook: Webhook, period: number): string {
    return createHmac('sha256', this.#secret).update(`${webhook} ${period}`).digest('hex');
  }
}
