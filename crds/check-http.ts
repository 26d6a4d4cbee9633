/** What one `http` item may say, beyond what the definition says. For items of the right shape. */
import { error, type Issue, warning } from './issues.ts';
import type { HttpRule } from './types.generated.ts';
import type { Path } from './yaml.ts';

export function checkHttp(http: HttpRule, path: Path): Issue[] {
  const issues: Issue[] = [];
  http.paths?.forEach((text, i) => {
    const at = [...path, 'paths', i];
    if (/[?#]/.test(text))
      issues.push(warning(at, '`?` and `#` here stand for themselves in the path, not for a query', 'use query'));
    else if (/%[0-9a-f]{2}/i.test(text))
      issues.push(warning(at, 'paths are compared decoded, so this matches no plain encoding', decodeFix(text)));
    else if (/\/\/./.test(text))
      issues.push(warning(at, 'this matches a path with an empty segment', text.replaceAll(/\/{2,}/g, '/')));
  });
  const headers = new Set<string>();
  http.forwardHeaders?.forEach((header, i) => {
    const name = header.toLowerCase();
    if (headers.has(name))
      issues.push(error([...path, 'forwardHeaders', i], `${name} is listed twice`, 'remove one of them'));
    headers.add(name);
  });
  return issues;
}

function decodeFix(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
