/** What an event may have of a value: equal values can be told to be equal, and no guess can be confirmed. */
import { createHmac, randomBytes } from 'node:crypto';

/** Digits of the hash, of four bits each. */
export const HASH_DIGITS = 16;
const KEY_BYTES = 32;

/** HMAC-SHA-256 (RFC 2104) under a key of its own that nothing else has and that ends with the process, cut to 64 bits. */
export type Fingerprint = (value: Uint8Array) => string;

/** A key that nothing else has. */
export function newKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

export function createFingerprint(key: Uint8Array): Fingerprint {
  return (value) => createHmac('sha256', key).update(value).digest('hex').slice(0, HASH_DIGITS);
}
