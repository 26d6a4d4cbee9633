/** What validation finds: where, what, and what to write instead. */
import type { Path } from './yaml.ts';

export type Severity = 'error' | 'warning';

/**
 * Who refuses it: `schema` and `cel` are what the definition itself says, so a cluster's API server refuses the same;
 * `semantic` is what only Weir's own validation knows, here and at admission.
 */
export type Code = 'schema' | 'cel' | 'semantic';

export interface Issue {
  path: Path;
  message: string;
  /** What to write or do instead. */
  fix?: string;
  severity: Severity;
  code: Code;
  /** The problem is with the field's name rather than with its value. */
  atKey?: boolean;
}

export function error(path: Path, message: string, fix?: string): Issue {
  return { path, message, severity: 'error', code: 'semantic', ...(fix !== undefined && { fix }) };
}

export function warning(path: Path, message: string, fix?: string | undefined): Issue {
  return { ...error(path, message, fix), severity: 'warning' };
}

/** `['spec', 'egress', 0, 'to']` → `spec.egress[0].to`. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Longest word that is compared: the work grows with the square. */
const MAX_COMPARED = 64;

/** The option that was most likely meant: the same but for case, or a few typing errors away. */
export function nearest(word: string, options: readonly string[]): string | undefined {
  if (word.length > MAX_COMPARED) return undefined;
  let best: { option: string; distance: number } | undefined;
  for (const option of options) {
    const distance = editDistance(word.toLowerCase(), option.toLowerCase());
    if (!best || distance < best.distance) best = { option, distance };
  }
  return best && best.distance <= Math.max(1, Math.floor(Math.min(word.length, best.option.length) / 3))
    ? best.option
    : undefined;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
