/** Which protocol a client begins with, from its first bytes. Sans-IO; what is not certain is 'other', and refused. */

/** Longest method taken for one: the longest registered (UPDATEREDIRECTREF) has 17. */
export const MAX_METHOD_BYTES = 32;

export type Detected = 'tls' | 'http1' | 'h2c' | 'other';

/** RFC 9113 3.4. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const TLS_HANDSHAKE = 22;
const TLS_CLIENT_HELLO = 1;
const TLS_MAX_PLAINTEXT = 2 ** 14;
const SPACE = 0x20;

/**
 * Takes bytes in any pieces and answers once it knows; the answer does not depend on how they were cut, and stays.
 * At most 1 + MAX_METHOD_BYTES + 8 bytes are looked at.
 */
export class Detector {
  #seen: number[] = [];
  #answer: Detected | 'more' = 'more';

  push(bytes: Uint8Array): Detected | 'more' {
    for (const byte of bytes) {
      if (this.#answer !== 'more') break;
      this.#seen.push(byte);
      this.#answer = this.#seen[0] === TLS_HANDSHAKE ? tls(this.#seen) : http(this.#seen);
    }
    return this.#answer;
  }
}

/** A record of type handshake, of at most 2^14 bytes (RFC 8446 5.1), whose first byte begins a ClientHello. Called for each new byte. */
function tls(seen: readonly number[]): Detected | 'more' {
  const byte = seen.at(-1) as number;
  switch (seen.length) {
    case 1:
      return 'more';
    case 2:
      return byte === 3 ? 'more' : 'other';
    case 3:
      return byte <= 4 ? 'more' : 'other';
    case 4:
      return 'more';
    case 5: {
      const length = ((seen[3] as number) << 8) | byte;
      return length > 0 && length <= TLS_MAX_PLAINTEXT ? 'more' : 'other';
    }
    default:
      return byte === TLS_CLIENT_HELLO ? 'tls' : 'other';
  }
}

/**
 * The HTTP/2 preface, or an HTTP/1 request line as far as it sets HTTP apart: a method (RFC 9110 9.1: a token), one space and
 * the beginning of a target (RFC 9112 3.2: origin-form, asterisk, http or https absolute-form; anything after CONNECT).
 * Hence `SSH-2.0-x y` or `EHLO host` is not HTTP. Called for each new byte.
 */
function http(seen: readonly number[]): Detected | 'more' {
  const byte = seen.at(-1) as number;
  const at = seen.length - 1;
  if (byte === PREFACE[at] && seen.every((value, i) => value === PREFACE[i])) {
    return seen.length === PREFACE.length ? 'h2c' : 'more';
  }
  const space = seen.indexOf(SPACE);
  if (space === -1) return isTokenByte(byte) && seen.length <= MAX_METHOD_BYTES ? 'more' : 'other';
  if (space === at) return at > 0 ? 'more' : 'other';
  const method = String.fromCharCode(...seen.slice(0, space));
  if (method === 'PRI') return 'other'; // reserved for the preface, and not in it
  const target = String.fromCharCode(...seen.slice(space + 1));
  if (target === '/' || target === '*' || method === 'CONNECT') return 'http1';
  const lower = target.toLowerCase();
  if (lower === 'http:' || lower === 'https:') return 'http1';
  return 'http:'.startsWith(lower) || 'https:'.startsWith(lower) ? 'more' : 'other';
}

/** tchar, RFC 9110 5.6.2. */
function isTokenByte(byte: number): boolean {
  return /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte));
}
