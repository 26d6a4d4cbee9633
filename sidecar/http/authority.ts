/** Longest host name in characters (RFC 1035 section 2.3.4, as text). */
export const MAX_HOST_LENGTH = 253;
/** Longest label in characters (RFC 1035 section 2.3.4). */
export const MAX_LABEL_LENGTH = 63;

export interface Authority {
  /** Lower case, no trailing dot. */
  host: string;
  port?: number;
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

/**
 * Parses `host[:port]` as it stands in Host or in an absolute-form target (RFC 9110 section 7.2).
 * No userinfo, no bracketed address, no percent-encoding, no empty port. Undefined when it is anything else.
 */
export function parseAuthority(text: string): Authority | undefined {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  let host = name.toLowerCase();
  if (host.endsWith('.')) host = host.slice(0, -1);
  if (host.length === 0 || host.length > MAX_HOST_LENGTH) return undefined;
  for (const label of host.split('.')) {
    if (label.length > MAX_LABEL_LENGTH || !LABEL.test(label)) return undefined;
  }
  if (colon < 0) return { host };
  const digits = text.slice(colon + 1);
  if (!/^[1-9][0-9]{0,4}$/.test(digits)) return undefined;
  const port = Number(digits);
  return port > 65535 ? undefined : { host, port };
}

/** The port that a scheme means when an authority names none. */
export function defaultPort(secure: boolean): number {
  return secure ? 443 : 80;
}

/** The Host header for a destination: the port only where it is not the scheme's own. */
export function formatAuthority(host: string, port: number, secure: boolean): string {
  return port === defaultPort(secure) ? host : `${host}:${port}`;
}
