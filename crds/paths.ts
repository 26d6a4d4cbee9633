/**
 * Paths and queries as the judge sees them. What two servers could read in two ways is refused (`undefined`), so that
 * the path that was judged is the path that any server behind the host acts on.
 */

/** Longest path that is judged, in characters as sent. */
export const MAX_PATH_LENGTH = 16 * 1024;
/** Times that a path may be percent-encoded over itself. */
export const MAX_PATH_ENCODINGS = 3;
/** Longest query that is judged against `http.query`, in characters as sent. */
export const MAX_QUERY_LENGTH = 16 * 1024;

/**
 * The percent-decoded segments of a path (RFC 3986 section 3.3), split at `/`, `%2F`, `\` and `%5C` alike.
 * `undefined` when it is not absolute, is not validly encoded UTF-8, or when any level of decoding up to
 * MAX_PATH_ENCODINGS shows a dot segment, a control character or a further separator, or is not the last.
 */
export function canonicalPath(raw: string): string[] | undefined {
  if (raw.length > MAX_PATH_LENGTH || raw.charCodeAt(0) !== 0x2f || /[?#]/.test(raw)) return undefined;
  // Nothing here decodes to anything else, and no segment can be a dot segment.
  if (/^[\w/+@~!$,.-]*$/.test(raw) && !raw.includes('/.')) return raw.slice(1).split('/');
  let text = decode(raw);
  if (text === undefined) return undefined;
  const segments = text.slice(1).split(/[/\\]/);
  if (!segments.every(isSafe)) return undefined;
  for (let level = 2; ; level++) {
    const next: string | undefined = decodeLeniently(text);
    if (next === text) return segments;
    if (next === undefined || level > MAX_PATH_ENCODINGS) return undefined;
    const deeper: string[] = next.slice(1).split(/[/\\]/);
    if (deeper.length !== segments.length || !deeper.every(isSafe)) return undefined;
    text = next;
  }
}

/**
 * The parameters of a query, in order, as application/x-www-form-urlencoded; `;` separates like `&`, since some servers
 * read it so. `undefined` when it is not validly encoded UTF-8 or has control characters.
 */
export function canonicalQuery(raw: string): { name: string; value: string }[] | undefined {
  if (raw.length > MAX_QUERY_LENGTH) return undefined;
  if (raw === '') return [];
  const parameters: { name: string; value: string }[] = [];
  for (const part of raw.split(/[&;]/)) {
    const text = part.replaceAll('+', ' ');
    const equals = text.indexOf('=');
    const name = decode(equals < 0 ? text : text.slice(0, equals));
    const value = equals < 0 ? '' : decode(text.slice(equals + 1));
    if (name === undefined || value === undefined || hasControl(name) || hasControl(value)) return undefined;
    parameters.push({ name, value });
  }
  return parameters;
}

/** Strict percent-decoding; `undefined` for a stray `%`, invalid UTF-8 (overlong forms too) or bytes above ASCII sent bare. */
function decode(text: string): string | undefined {
  if (/[^\x20-\x7e]/.test(text)) return undefined;
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What a second decoder would make of it: a stray `%` stands for itself, but invalid UTF-8 is not let pass. */
function decodeLeniently(text: string): string | undefined {
  try {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => decodeURIComponent(run));
  } catch {
    return undefined;
  }
}

/** No dot segment in any dress: bare, with blanks, with a path parameter (`..;x`), or as compatibility characters. */
function isSafe(segment: string): boolean {
  if (hasControl(segment)) return false;
  const plain = /^[\x20-\x7e]*$/.test(segment) ? segment : segment.normalize('NFKC');
  if (plain !== segment && /[/\\]/.test(plain)) return false;
  const name = plain.split(';', 1)[0]?.trim();
  return name !== '.' && name !== '..';
}

function hasControl(text: string): boolean {
  return /[\p{Cc}\u2028\u2029]/u.test(text);
}
