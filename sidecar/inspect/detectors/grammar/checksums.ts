/** Checksums that tokens carry, by name. */
import { base62Checksum } from '../checksum.ts';

export interface Checksum {
  /** True proves the token. */
  holds(token: string): boolean;
  /** The token with the checksum that belongs to it. */
  complete(token: string): string;
}

/** The last six characters are those of the CRC-32, in base62, of what stands between them and the first `_`. */
function base62Tail(length: number): Checksum {
  const complete = (token: string) => {
    const start = token.indexOf('_') + 1;
    return `${token.slice(0, start + length)}${base62Checksum(token.slice(start, start + length))}`;
  };
  return { complete, holds: (token) => complete(token) === token };
}

export const CHECKSUMS = {
  base62crc50: base62Tail(50),
} as const satisfies Record<string, Checksum>;

export type ChecksumName = keyof typeof CHECKSUMS;
