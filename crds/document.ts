/** From the text of a file to policies, with every problem at its line and column. */
import { error, type Issue, nearest, pathText, type Severity, warning } from './issues.ts';
import type { EgressPolicy } from './types.generated.ts';
import { validatePolicy } from './validate.ts';
import { parseYaml, placeOf, type YamlNode } from './yaml.ts';

export const API_VERSION = 'weir.dev/v1alpha1';
export const KIND = 'EgressPolicy';
/** Longest text of a file, in characters. */
export const MAX_TEXT_LENGTH = 1024 * 1024;
/** Most problems that are told of one file. */
export const MAX_PROBLEMS = 100;

export interface Problem {
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
  /** `spec.egress[0].to.hosts[1]`; empty: the document as a whole. */
  path: string;
  message: string;
  fix?: string;
  severity: Severity;
}

export interface Documents {
  /** Those without errors, defaults filled in. */
  policies: EgressPolicy[];
  /** Where each of `policies` begins. */
  places: { file: string; line: number; column: number }[];
  problems: Problem[];
}

/**
 * Reads the policies of one YAML file, which may hold several documents. Documents of other kinds are left out with a
 * warning. Never throws; a policy with an error is not among `policies`.
 */
export function parseDocuments(text: string, file: string, detectorNames: readonly string[]): Documents {
  if (text.length > MAX_TEXT_LENGTH) {
    const message = `the file is longer than ${MAX_TEXT_LENGTH} characters`;
    return { policies: [], places: [], problems: [{ file, line: 1, column: 1, path: '', message, severity: 'error' }] };
  }
  const lines = new Lines(text);
  const problems: Problem[] = [];
  const tell = (start: number, { path, message, fix, severity }: Issue) => {
    problems.push({
      file,
      ...lines.at(start),
      path: pathText(path),
      message,
      ...(fix !== undefined && { fix }),
      severity,
    });
  };
  const { documents, problems: flaws } = parseYaml(text);
  const policies: EgressPolicy[] = [];
  const places: Documents['places'] = [];
  const names = new Set<string>();
  if (documents.length === 0) for (const { start, ...flaw } of flaws) tell(start, { ...flaw, severity: 'error' });
  for (const [i, document] of documents.entries()) {
    const end = documents[i + 1]?.start ?? Number.POSITIVE_INFINITY;
    const own = flaws.filter(({ start }) => (i === 0 || start >= document.start) && start < end);
    const issues = checkDocument(document, detectorNames, names);
    const foreign = isForeign(document);
    if (!foreign) for (const { start, ...flaw } of own) tell(start, { ...flaw, severity: 'error' });
    for (const issue of issues) tell(placeOf(document, issue.path, issue.atKey), issue);
    if (foreign || own.length > 0 || issues.some(({ severity }) => severity === 'error')) continue;
    policies.push(document.value as EgressPolicy);
    places.push({ file, ...lines.at(document.start) });
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { policies, places, problems: cut(problems) };
}

function checkDocument(document: YamlNode, detectorNames: readonly string[], names: Set<string>): Issue[] {
  const fault = (...problem: Parameters<typeof error>): Issue[] => [error(...problem)];
  if (typeof document.value !== 'object' || document.value === null || Array.isArray(document.value)) {
    return fault(
      [],
      'a policy is a mapping with apiVersion, kind, metadata and spec',
      `start with apiVersion: ${API_VERSION}`,
    );
  }
  const { apiVersion, kind } = document.value as Record<string, unknown>;
  if (isList(kind))
    return fault(['kind'], 'lists are not read', 'write each policy as a document of its own, separated by ---');
  if (isForeign(document)) {
    return [warning(['kind'], `not a policy of Weir's (${String(apiVersion)} ${String(kind)}): left out`)];
  }
  if (kind !== KIND) {
    return kind === undefined
      ? fault([], 'the field "kind" is missing', `add kind: ${KIND}`)
      : fault(['kind'], `"${String(kind)}" is not a kind of policy`, KIND);
  }
  if (apiVersion !== API_VERSION) {
    return apiVersion === undefined
      ? fault([], 'the field "apiVersion" is missing', `add apiVersion: ${API_VERSION}`)
      : fault(['apiVersion'], `"${String(apiVersion)}" is not a version that this Weir knows`, API_VERSION);
  }
  const issues = validatePolicy(document.value, detectorNames);
  const { metadata } = document.value as Partial<EgressPolicy>;
  const name = `${metadata?.namespace ?? ''}/${metadata?.name}`;
  if (metadata?.name !== undefined && names.has(name)) {
    issues.push({
      path: ['metadata', 'name'],
      message: `two policies are named "${metadata.name}"`,
      fix: 'give it another name',
      severity: 'error',
    });
  }
  names.add(name);
  return issues;
}

/** Whether it is plainly something else than one of our kinds, misspelt ones included. */
function isForeign({ value }: YamlNode): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind } = value as Record<string, unknown>;
  const isOurs = typeof apiVersion === 'string' && apiVersion.startsWith('weir.dev/');
  return !isOurs && typeof kind === 'string' && !isList(kind) && nearest(kind, [KIND]) === undefined;
}

function isList(kind: unknown): boolean {
  return kind === 'List' || kind === `${KIND}List`;
}

function cut(problems: Problem[]): Problem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const kept = problems.slice(0, MAX_PROBLEMS);
  const last = problems[MAX_PROBLEMS] as Problem;
  return [
    ...kept,
    { ...last, path: '', message: `and ${problems.length - MAX_PROBLEMS} more problems`, severity: 'error' },
  ];
}

/** Offsets to lines and columns. */
class Lines {
  readonly #starts = [0];

  constructor(text: string) {
    for (const match of text.matchAll(/\r\n|\n|\r/g)) this.#starts.push(match.index + match[0].length);
  }

  at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}
