/** Most digits in a Content-Length: every such number is exact in a double. */
export const MAX_LENGTH_DIGITS = 15;

export interface Framing {
  body: 'none' | 'length' | 'chunked';
  /** Bytes; only when the request declared them. */
  contentLength?: number;
}

/**
 * How the body of a request ends (RFC 9112 section 6.3), from the values of its framing headers, or what is wrong with them.
 * Stricter than the RFC: Transfer-Encoding is exactly `chunked`, and never together with Content-Length.
 */
export function requestFraming(
  contentLength: string | undefined,
  transferEncoding: string | undefined,
  httpVersion: string,
): Framing | string {
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) return 'both Content-Length and Transfer-Encoding';
    if (httpVersion !== '1.1') return 'Transfer-Encoding in HTTP/1.0';
    if (transferEncoding.toLowerCase() !== 'chunked') return 'Transfer-Encoding is not exactly chunked';
    return { body: 'chunked' };
  }
  if (contentLength === undefined) return { body: 'none' };
  if (!/^(?:0|[1-9][0-9]*)$/.test(contentLength) || contentLength.length > MAX_LENGTH_DIGITS) {
    return 'Content-Length is not a plain number';
  }
  const bytes = Number(contentLength);
  return bytes === 0 ? { body: 'none', contentLength: 0 } : { body: 'length', contentLength: bytes };
}
