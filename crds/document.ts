/** From the text of a file to policies, with every problem at its line and column. */
import { type Code, error, type Issue, nearest, pathText, type Severity, warning } from './issues.ts';
import { API_VERSION, isClusterPolicy, KINDS, type Kind, type Policy } from './kinds.ts';
import type { ClusterEgressPolicy, EgressPolicy } from './types.generated.ts';
import { validatePolicy } from './validate.ts';
import { parseYaml, placeOf, type YamlNode, type YamlProblem } from './yaml.ts';

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
  code: Code;
}

export type Place = Pick<Problem, 'file' | 'line' | 'column'>;

export interface Documents {
  /** Those without errors, defaults filled in. */
  policies: EgressPolicy[];
  clusterPolicies: ClusterEgressPolicy[];
  /** Where each policy of either kind begins. */
  places: Map<Policy, Place>;
  problems: Problem[];
}

/**
 * Reads the policies of one YAML file, which may hold several documents. Documents of other kinds are left out with a
 * warning. Never throws; a policy with an error is not among `policies`.
 */
export function parseDocuments(text: string, file: string, detectorNames: readonly string[]): Documents {
  const found: Documents = { policies: [], clusterPolicies: [], places: new Map(), problems: [] };
  const lines = new Lines(text.length > MAX_TEXT_LENGTH ? '' : text);
  const tell = (start: number, issue: Issue) => {
    found.problems.push(problemAt({ file, ...lines.at(start) }, issue));
  };
  if (text.length > MAX_TEXT_LENGTH) {
    tell(0, error([], `the file is longer than ${MAX_TEXT_LENGTH} characters`));
    return found;
  }
  const { documents, problems: flaws } = parseYaml(text);
  const names = new Set<string>();
  if (documents.length === 0) for (const flaw of flaws) tell(flaw.start, flawIssue(flaw));
  const inOrder = flaws.toSorted((a, b) => a.start - b.start);
  let told = 0;
  for (const [i, document] of documents.entries()) {
    const end = documents[i + 1]?.start ?? Number.POSITIVE_INFINITY;
    const from = told;
    while ((inOrder[told]?.start ?? end) < end) told++;
    const own = inOrder.slice(from, told);
    const issues = checkDocument(document, detectorNames, names);
    const foreign = isForeign(document);
    if (!foreign) for (const flaw of own) tell(flaw.start, flawIssue(flaw));
    for (const issue of issues) tell(placeOf(document, issue.path, issue.atKey), issue);
    if (foreign || own.length > 0 || issues.some(({ severity }) => severity === 'error')) continue;
    const policy = document.value as Policy;
    if (isClusterPolicy(policy)) found.clusterPolicies.push(policy);
    else found.policies.push(policy);
    found.places.set(policy, { file, ...lines.at(document.start) });
  }
  found.problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { ...found, problems: cut(found.problems) };
}

/** The issue, told at a place of a file. */
export function problemAt(place: Place, { path, message, fix, severity, code }: Issue): Problem {
  return { ...place, path: pathText(path), message, ...(fix !== undefined && { fix }), severity, code };
}

function flawIssue({ path, message, fix }: YamlProblem): Issue {
  return error(path, message, fix);
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
  if (!KINDS.includes(kind as Kind)) {
    return kind === undefined
      ? fault([], 'the field "kind" is missing', `add kind: ${KINDS[0]}`)
      : fault(['kind'], `"${String(kind)}" is not a kind of policy`, nearest(String(kind), KINDS) ?? KINDS[0]);
  }
  if (apiVersion !== API_VERSION) {
    return apiVersion === undefined
      ? fault([], 'the field "apiVersion" is missing', `add apiVersion: ${API_VERSION}`)
      : fault(['apiVersion'], `"${String(apiVersion)}" is not a version that this Weir knows`, API_VERSION);
  }
  const issues = validatePolicy(document.value, detectorNames);
  const { metadata } = document.value as Partial<Policy>;
  const name = `${String(kind)} ${metadata?.namespace ?? ''}/${metadata?.name}`;
  if (metadata?.name !== undefined && names.has(name)) {
    issues.push(error(['metadata', 'name'], `two policies are named "${metadata.name}"`, 'give it another name'));
  }
  names.add(name);
  return issues;
}

/** Whether it is plainly something else than one of our kinds, misspelt ones included. */
function isForeign({ value }: YamlNode): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind } = value as Record<string, unknown>;
  const isOurs = typeof apiVersion === 'string' && apiVersion.startsWith('weir.dev/');
  return !isOurs && typeof kind === 'string' && !isList(kind) && nearest(kind, KINDS) === undefined;
}

function isList(kind: unknown): boolean {
  return kind === 'List' || KINDS.some((one) => kind === `${one}List`);
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
export class Lines {
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
