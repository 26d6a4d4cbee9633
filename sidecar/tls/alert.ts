/** The TLS alerts in OpenSSL's error codes. */

/** OpenSSL names them after the version that brought them, and 3.5 some after none in particular. */
const ALERT = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13|SSL\/TLS)_(?:ALERT_)?([A-Z_]+)$/;

/** The alert that the other side sent, by its name in RFC 8446 section 6.2; undefined when the failure is our own. */
export function alertOf(code: string): string | undefined {
  return ALERT.exec(code)?.[1]?.toLowerCase();
}

/** The `code` of an error of Node; undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
