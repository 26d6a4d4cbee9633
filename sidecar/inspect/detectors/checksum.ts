import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 of `body` in base62, six characters, zero-padded: the tail of GitHub and npm tokens (GitHub's "token formats" post, 2021). */
export function base62Checksum(body: string): string {
  let value = crc32(body);
  let text = '';
  for (let i = 0; i < 6; i++) {
    text = DIGITS.charAt(value % 62) + text;
    value = Math.floor(value / 62);
  }
  return text;
}

/** Whether the last six of the `length` + 6 characters after `prefix` are the checksum of those before. */
export function hasBase62Checksum(token: string, prefix: string, length: number): boolean {
  const body = token.slice(prefix.length, prefix.length + length);
  return base62Checksum(body) === token.slice(prefix.length + length, prefix.length + length + 6);
}
