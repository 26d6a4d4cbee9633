/** What one `http` item may say. For items of the right shape. */
import { parseGlob } from './globs.ts';
import { error, type Issue, warning } from './issues.ts';
import { parseSize } from './sizes.ts';
import type { HttpRule } from './types.generated.ts';
import type { Path } from './yaml.ts';

/** Header fields that Weir writes itself or must never forward (RFC 9110 sections 7.6.1 and 8.6; RFC 9112 section 6). */
const OWN_HEADERS = new Set(
  'connection content-length expect host http2-settings keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);
export function checkHttp(http: HttpRule, path: Path): Issue[] {
  const issues: Issue[] = [];
  http.methods?.forEach((method, i) => {
    if (method === 'CONNECT' || method === 'TRACE')
      issues.push(error([...path, 'methods', i], `${method} is never forwarded`, 'remove it'));
  });
  http.paths?.forEach((text, i) => {
    const at = [...path, 'paths', i];
    const parsed = parseGlob(text);
    if (!parsed.ok) issues.push(error(at, parsed.error, parsed.fix));
    else if (/[?#]/.test(text))
      issues.push(warning(at, '`?` and `#` here stand for themselves in the path, not for a query', 'use query'));
    else if (/%[0-9a-f]{2}/i.test(text))
      issues.push(warning(at, 'paths are compared decoded, so this matches no plain encoding', decodeFix(text)));
    else if (/\/\/./.test(text))
      issues.push(warning(at, 'this matches a path with an empty segment', text.replaceAll(/\/{2,}/g, '/')));
  });
  const names = new Set<string>();
  http.query?.forEach(({ name }, i) => {
    if (names.has(name))
      issues.push(
        error([...path, 'query', i, 'name'], `the parameter "${name}" is listed twice`, 'list its values in one item'),
      );
    names.add(name);
  });
  const headers = new Set<string>();
  http.forwardHeaders?.forEach((header, i) => {
    const name = header.toLowerCase();
    const at = [...path, 'forwardHeaders', i];
    if (OWN_HEADERS.has(name)) issues.push(error(at, `Weir writes or drops ${name} itself`, 'remove it'));
    else if (headers.has(name)) issues.push(error(at, `${name} is listed twice`, 'remove one of them'));
    headers.add(name);
  });
  if (http.maxBodySize !== undefined) issues.push(...checkSize(http.maxBodySize, [...path, 'maxBodySize']));
  return issues;
}

/** A size that the schema admits may still be beyond 2^53. */
export function checkSize(size: string | number, path: Path): Issue[] {
  return parseSize(size) === undefined ? [error(path, 'this size is too large')] : [];
}

function decodeFix(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
