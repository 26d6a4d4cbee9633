/** Host patterns: from what a person writes to what is compared (RFC 1034, RFC 5890, UTS #46), and the comparison. */
import net from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import { isRegistrySuffix } from './domains.ts';
import type { HostPattern } from './runtime.ts';

export { registrableDomain } from './domains.ts';

/** RFC 1035 section 2.3.4, in text form without the trailing dot. */
export const MAX_HOST_LENGTH = 253;
export const MAX_LABEL_LENGTH = 63;

/** `fix` is what to write instead, ready to paste, or advice in words. */
export type HostResult = HostPattern | { error: string; fix?: string };

/**
 * Normalises one host of a policy: `GitHub.com.` → `github.com`, `*.bücher.example` → `*.xn--bcher-kva.example`.
 * Refuses addresses in every textual form (WHATWG URL section 3.5 counts decimal, octal, hexadecimal and short
 * forms), and wildcards that a registry sells names under. Never throws.
 */
export function normaliseHost(text: string): HostResult {
  const wildcard = text.startsWith('*.');
  const bare = wildcard ? text.slice(2) : text;
  const name = isPlainAscii(bare) ? bare : nameOf(text, wildcard);
  if (typeof name !== 'string') return name;
  if (wildcard && isRegistrySuffix(name)) {
    return {
      error: `anyone can register a name under "${name}", so "*.${name}" would allow everyone`,
      fix: `"*.example.${name}"`,
    };
  }
  return { name, wildcard };
}

/** The name in a host that is not plain, as it is compared. */
function nameOf(text: string, wildcard: boolean): string | { error: string; fix?: string } {
  const decorated = undecorate(text);
  if (decorated) return decorated;
  const given = (wildcard ? text.slice(2) : text).replace(/\.$/, '');
  if (given === '*' || text === '*')
    return { error: 'a wildcard for every host is not allowed', fix: 'name a domain: "*.example.com"' };
  if (given.includes('*')) {
    const rest = given.slice(given.lastIndexOf('*') + 1).replace(/^[^.]*\./, '');
    // One label alone would be a top-level domain, which is refused in its turn.
    const fix = isPlain(rest) && rest.includes('.') ? `*.${rest}` : 'name a domain: "*.example.com"';
    return { error: '`*` is only allowed as the whole first label', fix };
  }
  if (given.startsWith('.'))
    return { error: 'a host cannot start with a dot', ...(isPlain(given.slice(1)) && { fix: `*${given}` }) };
  return toAscii(given);
}

/** Whether the text is a host that every step of the normalisation leaves as it is: most are. */
function isPlainAscii(text: string): boolean {
  return (
    text.length <= MAX_HOST_LENGTH &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(text) &&
    !text.includes('xn--') &&
    !text.endsWith('.localhost')
  );
}

/** What people paste instead of a host: URLs, ports, addresses, blanks. */
function undecorate(text: string): { error: string; fix?: string } | undefined {
  if (text === '') return { error: 'the host is empty', fix: 'write a host name such as registry.npmjs.org' };
  if (text.length > 4 * MAX_HOST_LENGTH) return { error: `a host has at most ${MAX_HOST_LENGTH} characters` };
  if (net.isIP(text.replace(/^\[|\]$/g, '')) !== 0) return address(text);
  const url = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/@]*@)?([^/?#:]*)(?::(\d+))?/i.exec(text);
  if (url) return withFix('write the host alone, without scheme and path', url[2]);
  const path = /^([^/?#]+)[/?#]/.exec(text);
  if (path) return withFix('write the host alone; paths go to http.paths', path[1]?.replace(/:\d+$/, ''));
  const port = /^([^:]+):(\d+)$/.exec(text);
  if (port) return withFix(`write the host alone, and the port as ports: [${port[2]}]`, port[1]);
  if (/\s/.test(text)) return withFix('a host has no blanks', text.replace(/\s+/g, ''));
  return undefined;
}

function toAscii(given: string): string | { error: string; fix?: string } {
  if (given === '') return { error: 'the host has no name' };
  const strange = /[^a-z0-9._-]/i.exec(given.replace(/\P{ASCII}/gu, ''));
  if (strange) return { error: `a host cannot contain ${JSON.stringify(strange[0])}` };
  // UTS #46 drops some invisible characters and maps look-alike dots; in a policy either is a mistake or a trick.
  if (/[\p{C}\p{Z}\u3002\uff0e\uff61]/u.test(given.normalize('NFC'))) {
    return { error: 'the host contains an invisible or look-alike character', fix: 'type the name again' };
  }
  const name = domainToASCII(given).toLowerCase();
  if (name === '') {
    return /(^|\.)(\d+|0x[0-9a-f]*)$/i.test(given)
      ? address(given)
      : { error: 'this is not a valid internationalised domain name (UTS #46)' };
  }
  const labels = name.split('.');
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return address(given);
  if (name.length > MAX_HOST_LENGTH)
    return { error: `a host has at most ${MAX_HOST_LENGTH} characters, this one has ${name.length}` };
  for (const label of labels) {
    const error = labelError(label);
    if (error) return { error };
  }
  // As it was written, too: Punycode hides a hyphen at either end (RFC 5891 section 4.2.3.1).
  const hyphen = given.split('.').find((label) => label.startsWith('-') || label.endsWith('-'));
  if (hyphen !== undefined) return { error: `a label cannot start or end with a hyphen: "${hyphen}"` };
  if (name === 'localhost' || name.endsWith('.localhost')) {
    return { error: 'loopback never leaves the pod, so there is nothing to allow', fix: 'remove it' };
  }
  return name;
}

function labelError(label: string): string | undefined {
  if (label === '') return 'a host cannot have an empty label (two dots in a row)';
  if (label.length > MAX_LABEL_LENGTH)
    return `a label has at most ${MAX_LABEL_LENGTH} characters, "${label.slice(0, 20)}…" has ${label.length}`;
  if (!/^[a-z0-9_-]+$/.test(label)) return `"${label}" is not a label of a host name`;
  if (label.startsWith('xn--')) {
    const unicode = domainToUnicode(label);
    if (unicode === label || domainToASCII(unicode) !== label) return `"${label}" is not valid Punycode (RFC 3492)`;
  }
  if (label.startsWith('-') || label.endsWith('-')) return `a label cannot start or end with a hyphen: "${label}"`;
  return undefined;
}

function address(text: string): { error: string; fix: string } {
  return {
    error: `"${text}" is an address: only names can be allowed, since Weir resolves them itself`,
    fix: 'write the host name that the client uses',
  };
}

function withFix(error: string, host: string | undefined): { error: string; fix?: string } {
  return host !== undefined && isPlain(host.replace(/^\*\./, '')) ? { error, fix: host } : { error };
}

/** Whether a fix can be offered as it stands: it is itself a valid host. */
function isPlain(name: string): boolean {
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name) && net.isIP(name) === 0 && typeof toAscii(name) === 'string';
}
