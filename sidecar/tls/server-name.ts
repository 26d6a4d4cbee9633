/** Host names as they may stand in a server_name extension (RFC 6066 section 3). */

/** RFC 1035 section 2.3.4, without the root's dot. */
export const MAX_NAME = 253;
export const MAX_LABEL = 63;

const LABEL = /^[a-z0-9_-]+$/;
/** A last label that is a number makes the whole an IPv4 address to the parsers of the URL standard. */
const NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/;

/** The name in lower case; undefined when it is not a DNS host name in A-labels, ends in a dot or is an address. */
export function serverNameOf(bytes: Buffer): string | undefined {
  if (bytes.length > MAX_NAME) return undefined;
  const name = bytes.toString('latin1').toLowerCase();
  const labels = name.split('.');
  if (!labels.every((label) => label.length <= MAX_LABEL && LABEL.test(label))) return undefined;
  return NUMBER.test(labels.at(-1) ?? '') ? undefined : name;
}
