/** Policies from files, with every problem at its place. */
import { readFile } from 'node:fs/promises';
import { nameOf } from '../crds/compile.ts';
import { MAX_TEXT_LENGTH, type Problem, parseDocuments } from '../crds/document.ts';
import type { EgressPolicy } from '../crds/types.generated.ts';

/** UTF-8 takes at most three bytes for a character that counts as one in a text. */
const MAX_FILE_BYTES = 3 * MAX_TEXT_LENGTH;

export interface LoadedPolicies {
  policies: EgressPolicy[];
  problems: Problem[];
}

/**
 * Reads the policies of all files; `-` is standard input. A file that cannot be read or holds no policy, and a name that
 * two files use, are problems like others. Does not reject.
 */
export async function loadPolicies(
  files: readonly string[],
  detectorNames: readonly string[],
): Promise<LoadedPolicies> {
  const policies: EgressPolicy[] = [];
  const problems: Problem[] = [];
  const firstPlace = new Map<string, string>();
  for (const file of files) {
    const shown = file === '-' ? 'standard input' : file;
    const tell = (message: string, fix: string | undefined, place = { line: 1, column: 1 }, path = '') => {
      problems.push({
        file: shown,
        line: place.line,
        column: place.column,
        path,
        message,
        ...(fix !== undefined && { fix }),
        severity: 'error',
      });
    };
    const text = await readText(file).catch((error: unknown) => {
      tell(error instanceof Error ? error.message : String(error), undefined);
      return undefined;
    });
    if (text === undefined) continue;
    const found = parseDocuments(text, shown, detectorNames);
    problems.push(...found.problems);
    if (found.policies.length === 0 && !found.problems.some(({ severity }) => severity === 'error')) {
      tell('there is no EgressPolicy in this file', 'start with apiVersion: weir.dev/v1alpha1 and kind: EgressPolicy');
    }
    found.policies.forEach((policy, i) => {
      const place = found.places[i];
      const name = nameOf(policy);
      const before = firstPlace.get(name);
      if (before !== undefined)
        tell(`the policy "${name}" is in ${before} too`, 'give it another name', place, 'metadata.name');
      else policies.push(policy);
      firstPlace.set(name, before ?? shown);
    });
  }
  return { policies, problems };
}

/** `file:line:column: error: path: message`, and the fix on a line of its own. */
export function problemText({ file, line, column, severity, path, message, fix }: Problem): string {
  const text = `${file}:${line}:${column}: ${severity}: ${path === '' ? '' : `${path}: `}${message}\n`;
  return fix === undefined ? text : `${text}  fix: ${fix}\n`;
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file === '-' ? '/dev/stdin' : file);
  if (bytes.length > MAX_FILE_BYTES) throw new Error(`the file is larger than ${MAX_FILE_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('the file is not UTF-8 text');
  }
}
