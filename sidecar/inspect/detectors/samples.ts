/** Made-up secrets for examples and tests, put together at run time so that no scanner finds one in the source. */
import { base62Checksum } from './checksum.ts';

export const DIGITS = '0123456789';
export const LOWER = 'abcdefghijklmnopqrstuvwxyz';
export const UPPER = LOWER.toUpperCase();
export const BASE62: string = DIGITS + UPPER + LOWER;
export const BASE32: string = `${UPPER}234567`;
export const BASE64: string = `${UPPER}${LOWER}${DIGITS}+/`;
export const BASE64URL: string = `${UPPER}${LOWER}${DIGITS}-_`;

/** `length` characters of `alphabet`, the same for the same seed (a 32-bit mixing generator; nothing secret). */
export function characters(seed: number, length: number, alphabet: string): string {
  let state = (seed * 0x9e3779b1 + length) >>> 0;
  let text = '';
  for (let i = 0; i < length; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    text += alphabet.charAt(((mixed ^ (mixed >>> 14)) >>> 0) % alphabet.length);
  }
  return text;
}

/** `prefix`, `length` base62 characters, and their checksum. */
export function checkedToken(prefix: string, seed: number, length = 30): string {
  const body = characters(seed, length, BASE62);
  return `${prefix}${body}${base62Checksum(body)}`;
}
