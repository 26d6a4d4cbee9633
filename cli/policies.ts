/** Policies from files and directories, with every problem at its place. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBetween } from '../crds/check-rules.ts';
import { MAX_TEXT_LENGTH, type Place, type Problem, parseDocuments, problemAt } from '../crds/document.ts';
import { error } from '../crds/issues.ts';
import { isClusterPolicy, nameOf } from '../crds/kinds.ts';
import type { ClusterEgressPolicy, EgressPolicy } from '../crds/types.generated.ts';
import { shown } from './shown.ts';

/** UTF-8 takes at most three bytes for a character that counts as one in a text. */
const MAX_FILE_BYTES = 3 * MAX_TEXT_LENGTH;

const WHAT_TO_WRITE = 'start with apiVersion: weir.dev/v1alpha1 and kind: EgressPolicy';

export interface LoadedPolicies {
  policies: EgressPolicy[];
  clusterPolicies: ClusterEgressPolicy[];
  problems: Problem[];
}

/**
 * Reads the policies of all files; `-` is standard input, a directory stands for the YAML files in it but those of cases
 * (`*.cases.yaml`). A file that cannot
 * be read or holds no policy, and a name that two files use, are problems like others; in a directory, files without a
 * policy are left out. Does not reject.
 */
export async function loadPolicies(
  paths: readonly string[],
  detectorNames: readonly string[],
): Promise<LoadedPolicies> {
  const problems: Problem[] = [];
  const places = new Map<EgressPolicy, Place>();
  const clusterPolicies: ClusterEgressPolicy[] = [];
  const firstFile = new Map<string, string>();
  for (const { file, named } of await expandPaths(paths)) {
    const start: Place = { file: file === '-' ? 'standard input' : file, line: 1, column: 1 };
    const text = await readText(file).catch((reason: unknown) => {
      problems.push(problemAt(start, error([], whyUnreadable(reason))));
    });
    if (text === undefined) continue;
    const found = parseDocuments(text, start.file, detectorNames);
    const isOther = found.places.size === 0 && !found.problems.some(({ severity }) => severity === 'error');
    if (isOther && !named) continue;
    problems.push(...found.problems);
    if (isOther) problems.push(problemAt(start, error([], 'there is no EgressPolicy in this file', WHAT_TO_WRITE)));
    for (const policy of [...found.policies, ...found.clusterPolicies]) {
      const place = found.places.get(policy) ?? start;
      const name = nameOf(policy);
      const before = firstFile.get(name);
      if (before !== undefined) {
        const message = `the policy "${name}" is in ${before} too`;
        problems.push(problemAt(place, error(['metadata', 'name'], message, 'give it another name')));
      } else if (isClusterPolicy(policy)) clusterPolicies.push(policy);
      else places.set(policy, place);
      firstFile.set(name, before ?? start.file);
    }
  }
  const policies = [...places.keys()];
  for (const [policy, issues] of checkBetween(policies)) {
    const place = places.get(policy);
    if (place) problems.push(...issues.map((issue) => problemAt(place, issue)));
  }
  return { policies, clusterPolicies, problems };
}

/** `file:line:column: error: path: message`, and the fix on a line of its own. */
export function problemText({ file, line, column, severity, path, message, fix }: Problem): string {
  const text = shown(`${file}:${line}:${column}: ${severity}: ${path === '' ? '' : `${path}: `}${message}`);
  return fix === undefined ? `${text}\n` : `${text}\n${shown(`  fix: ${fix}`)}\n`;
}

/** Directories as their files of policies; `named`: the path itself was asked for. */
async function expandPaths(paths: readonly string[]): Promise<{ file: string; named: boolean }[]> {
  const expanded = await Promise.all(
    paths.map(async (path) => {
      const files = await filesIn(path, (name) => /\.ya?ml$/.test(name) && !CASES_FILE.test(name));
      return files?.map((file) => ({ file, named: false })) ?? [{ file: path, named: true }];
    }),
  );
  return expanded.flat();
}

/** What files of cases for `weir test` are called, where a directory stands for them. */
export const CASES_FILE: RegExp = /\.cases\.ya?ml$/;

/** The files of a directory whose names are wanted, sorted; `undefined` when it is not a directory or has none. */
export async function filesIn(path: string, wanted: (name: string) => boolean): Promise<string[] | undefined> {
  const isDirectory = path !== '-' && (await stat(path).catch(() => undefined))?.isDirectory();
  const names = isDirectory ? (await readdir(path)).filter(wanted).sort() : [];
  return names.length === 0 ? undefined : names.map((name) => join(path, name));
}

/** The text of a file, or of standard input for `-`; rejects when it is too large or not UTF-8. */
/** In words; what the system says beyond that is kept as it is. */
function whyUnreadable(reason: unknown): string {
  const { code, message } = reason as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this file may not be read by you';
  return message ?? String(reason);
}

export async function readText(file: string): Promise<string> {
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
