import { type Authority, parseAuthority } from './authority.ts';

/** Longest request target in characters; node's own bound on the whole head is larger. */
export const MAX_TARGET_LENGTH = 16 * 1024;

export interface Target {
  /** Starts with `/`, percent-encoded as sent. */
  path: string;
  /** Raw, without `?`; undefined when there is no `?`. */
  query?: string;
  /** Present for absolute-form. */
  authority?: Authority;
}

/** Printable ASCII without `#`, `\` and `"`: what can stand in a request line without a parser disagreeing about it. */
const TARGET = /^[!$-[\]-~]+$/;
const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/i;

/**
 * Parses a request target: origin-form, or absolute-form of the connection's own scheme (RFC 9112 section 3.2).
 * Returns a sentence about what is wrong otherwise; asterisk-form and authority-form are wrong here.
 */
export function parseTarget(text: string, secure: boolean): Target | string {
  if (text.length > MAX_TARGET_LENGTH) return 'target too long';
  if (!TARGET.test(text)) return 'target has a character that does not belong there';
  if (text.startsWith('/')) return split(text);
  const absolute = ABSOLUTE.exec(text);
  if (!absolute) return 'target is neither origin-form nor absolute-form';
  const [, scheme = '', authorityText = '', rest = ''] = absolute;
  if (scheme.toLowerCase() !== (secure ? 'https' : 'http')) return 'scheme of the target is not that of the connection';
  const authority = parseAuthority(authorityText);
  if (!authority) return 'authority of the target is malformed';
  return { ...split(rest.startsWith('/') ? rest : `/${rest}`), authority };
}

function split(text: string): Target {
  const mark = text.indexOf('?');
  return mark < 0 ? { path: text } : { path: text.slice(0, mark), query: text.slice(mark + 1) };
}
