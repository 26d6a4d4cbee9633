/** Policies from files, with every problem at its place. */
import { readFile } from 'node:fs/promises';
import { checkBetween } from '../crds/check-rules.ts';
import { nameOf } from '../crds/compile.ts';
import { MAX_TEXT_LENGTH, type Problem, parseDocuments } from '../crds/document.ts';
import { error, type Issue, pathText } from '../crds/issues.ts';
import type { EgressPolicy } from '../crds/types.generated.ts';

/** UTF-8 takes at most three bytes for a character that counts as one in a text. */
const MAX_FILE_BYTES = 3 * MAX_TEXT_LENGTH;

const WHAT_TO_WRITE = 'start with apiVersion: weir.dev/v1alpha1 and kind: EgressPolicy';

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
  const problems: Problem[] = [];
  const places = new Map<EgressPolicy, Place>();
  const firstFile = new Map<string, string>();
  for (const file of files) {
    const start: Place = { file: file === '-' ? 'standard input' : file, line: 1, column: 1 };
    const text = await readText(file).catch((reason: unknown) => {
      problems.push(problemAt(start, error([], reason instanceof Error ? reason.message : String(reason))));
    });
    if (text === undefined) continue;
    const found = parseDocuments(text, start.file, detectorNames);
    problems.push(...found.problems);
    if (found.policies.length === 0 && !found.problems.some(({ severity }) => severity === 'error')) {
      problems.push(problemAt(start, error([], 'there is no EgressPolicy in this file', WHAT_TO_WRITE)));
    }
    found.policies.forEach((policy, i) => {
      const place = found.places[i] ?? start;
      const name = nameOf(policy);
      const before = firstFile.get(name);
      if (before === undefined) places.set(policy, place);
      else {
        const message = `the policy "${name}" is in ${before} too`;
        problems.push(problemAt(place, error(['metadata', 'name'], message, 'give it another name')));
      }
      firstFile.set(name, before ?? start.file);
    });
  }
  const policies = [...places.keys()];
  for (const [policy, issues] of checkBetween(policies)) {
    const place = places.get(policy);
    if (place) problems.push(...issues.map((issue) => problemAt(place, issue)));
  }
  return { policies, problems };
}

type Place = Pick<Problem, 'file' | 'line' | 'column'>;

function problemAt(place: Place, { path, message, fix, severity }: Issue): Problem {
  return { ...place, path: pathText(path), message, ...(fix !== undefined && { fix }), severity };
}

/** `file:line:column: error: path: message`, and the fix on a line of its own. */
export function problemText({ file, line, column, severity, path, message, fix }: Problem): string {
  const text = `${file}:${line}:${column}: ${severity}: ${path === '' ? '' : `${path}: `}${message}\n`;
  return fix === undefined ? text : `${text}  fix: ${fix}\n`;
}

async function readText(file: string): Promise<string> {
  const bytes = file === '-' ? await readStandardInput() : await readFile(file);
  if (bytes.length > MAX_FILE_BYTES) throw new Error(`the file is larger than ${MAX_FILE_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('the file is not UTF-8 text');
  }
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_FILE_BYTES) break;
  }
  return Buffer.concat(chunks);
}
