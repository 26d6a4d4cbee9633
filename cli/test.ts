/** `weir test`: do the policies say of each request what they should? */
import { dirname, isAbsolute, join } from 'node:path';
import { type Place, problemAt } from '../crds/document.ts';
import { error } from '../crds/issues.ts';
import { DETECTOR_NAMES } from '../sidecar/inspect/detectors/names.ts';
import { answer } from './answer.ts';
import { runCommand } from './arguments.ts';
import { type Case, type CasesFile, parseCases } from './cases.ts';
import type { Verdict } from './cases-schema.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import type { Answer } from './judge.ts';
import type { PolicySet } from './pod.ts';
import { CASES_FILE, filesIn, loadPolicies, problemText, readText } from './policies.ts';
import { subjectOf } from './question.ts';
import { jsonText, shown } from './shown.ts';
import { TEST } from './table.ts';

/** What is said of a request, as cases write it. */
export type Finding = Case['expect'];

export interface CaseResult extends Place {
  name: string;
  request: string;
  ok: boolean;
  expected: Finding;
  /** The fields that were expected, as they are. */
  found: Finding;
}

/** Resolves to the exit status. */
export function test(argv: string[], io: Io): Promise<number> {
  return runCommand(TEST, argv, io, async (given) => {
    if (given.operands.length === 0) throw new UsageError('name at least one file of cases');
    const results: CaseResult[] = [];
    let broken = false;
    const shared = given.all('policy');
    const isCases = (name: string) => CASES_FILE.test(name);
    const files = await Promise.all(given.operands.map(async (path) => (await filesIn(path, isCases)) ?? [path]));
    for (const file of files.flat()) {
      const { problems, ...loaded } = await loadCases(file, shared);
      for (const problem of problems) io.stderr(problemText(problem));
      broken ||= problems.length > 0;
      results.push(...loaded.cases.map((each) => runCase(loaded.set, each)));
    }
    if (broken) return EXIT.usage;
    const failed = results.filter(({ ok }) => !ok).length;
    io.stdout(given.has('json') ? json(results, failed) : tap(results));
    return failed === 0 ? EXIT.ok : EXIT.no;
  });
}

/** The cases of a file with the policies they are for; `problems` are errors. */
async function loadCases(
  file: string,
  shared: readonly string[],
): Promise<{ cases: Case[]; set: PolicySet; problems: CasesFile['problems'] }> {
  const none: PolicySet = { policies: [], clusterPolicies: [] };
  const start: Place = { file: file === '-' ? 'standard input' : file, line: 1, column: 1 };
  const text = await readText(file).catch((reason: unknown) => reason as Error);
  if (text instanceof Error) return { cases: [], set: none, problems: [problemAt(start, error([], text.message))] };
  const { cases, policies, problems } = parseCases(text, start.file);
  const base = file === '-' ? '.' : dirname(file);
  const paths = shared.length > 0 ? shared : policies.map((path) => (isAbsolute(path) ? path : join(base, path)));
  if (problems.length > 0) return { cases: [], set: none, problems };
  if (paths.length === 0) {
    const issue = error([], 'the file names no policies', 'add policies: [...], or name them with -f');
    return { cases: [], set: none, problems: [problemAt(start, issue)] };
  }
  const loaded = await loadPolicies(paths, DETECTOR_NAMES);
  const errors = loaded.problems.filter(({ severity }) => severity === 'error');
  return { cases: errors.length > 0 ? [] : cases, set: loaded, problems: errors };
}

/** Judges one case. Pure. */
export function runCase(set: PolicySet, { name, place, question, headers, pod, expect }: Case): CaseResult {
  const { rule, reason, ...result } = answer(set, pod, question);
  const found: Finding = { verdict: VERDICTS[result.decision] };
  if (expect.rule !== undefined && rule !== undefined) found.rule = rule;
  // Of a denial the reason is told even if none was expected: it is the first thing to look at.
  if (reason !== undefined && (expect.reason !== undefined || expect.verdict !== found.verdict)) found.reason = reason;
  if (expect.droppedHeaders) found.droppedHeaders = droppedOf(headers, result.forwardHeaders);
  const ok =
    found.verdict === expect.verdict &&
    found.rule === expect.rule &&
    found.reason === expect.reason &&
    equalSets(found.droppedHeaders, expect.droppedHeaders);
  return { ...place, name, request: subjectOf(question), ok, expected: expect, found };
}

const VERDICTS: Record<Answer['decision'], Verdict> = { allow: 'Allow', deny: 'Deny', 'would-deny': 'WouldDeny' };

function droppedOf(headers: readonly string[], kept: readonly string[] | undefined): string[] {
  return kept === undefined ? [] : headers.filter((header) => !kept.includes(header)).sort();
}

function equalSets(a: readonly string[] = [], b: readonly string[] = []): boolean {
  const lower = new Set(b.map((name) => name.toLowerCase()));
  return a.length === lower.size && a.every((name) => lower.has(name));
}

/** TAP 14 (testanything.org/tap-version-14-specification.html). */
function tap(results: readonly CaseResult[]): string {
  const lines = ['TAP version 14', `1..${results.length}`];
  results.forEach(({ ok, name, file, line, request, expected, found }, i) => {
    lines.push(`${ok ? 'ok' : 'not ok'} ${i + 1} - ${name.replaceAll(/[\\#]/g, '\\$&')}`);
    if (ok) return;
    lines.push(
      '  ---',
      `  at: ${JSON.stringify(`${file}:${line}`)}`,
      `  request: ${JSON.stringify(request)}`,
      `  expected: ${JSON.stringify(expected)}`,
      `  found: ${JSON.stringify(found)}`,
      '  ...',
    );
  });
  const failed = results.filter(({ ok }) => !ok).length;
  return `${[...lines, `# ${results.length - failed} passed, ${failed} failed`].map(shown).join('\n')}\n`;
}

function json(results: readonly CaseResult[], failed: number): string {
  const counts = { ok: failed === 0, passed: results.length - failed, failed };
  return jsonText({ ...counts, cases: results });
}
