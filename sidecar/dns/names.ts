/** From labels on the wire to the host text that policies speak of, and back. */
import type { Labels } from './wire.ts';

/** Letters, digits, hyphen and underscore (service labels, RFC 8552): no dot can hide in a label. */
const HOST_LABEL = /^[A-Za-z0-9_-]{1,63}$/;
/** Text form of a name of 255 wire octets. */
export const MAX_HOST_LENGTH = 253;

export interface HostName {
  /** Lower case, no trailing dot; `''` is the root. What is judged, and all that is ever asked upstream. */
  host: string;
  /** The same in the letters the client sent: base64 keeps its meaning in them. */
  asSent: string;
}

/** Joins labels to a host; undefined (`dns.malformed`) when one has an octet that no host name has. */
export function hostOf(labels: Labels): HostName | undefined {
  const texts = labels.map((label) => label.toString('latin1'));
  const asSent = texts.join('.');
  if (asSent.length > MAX_HOST_LENGTH || !texts.every((text) => HOST_LABEL.test(text))) return undefined;
  return { host: asSent.toLowerCase(), asSent };
}

/** The labels of a host as `hostOf` made it or a policy holds it; undefined when it is not one. */
export function labelsOf(host: string): Buffer[] | undefined {
  if (host.length > MAX_HOST_LENGTH) return undefined;
  const texts = host.split('.');
  if (!texts.every((text) => HOST_LABEL.test(text))) return undefined;
  return texts.map((text) => Buffer.from(text, 'latin1'));
}

/** Whether `host` lies below `domain` (one or more labels more). */
export function isUnder(host: string, domain: string): boolean {
  return host.length > domain.length + 1 && host.endsWith(domain) && host[host.length - domain.length - 1] === '.';
}
