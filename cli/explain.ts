/** `weir explain`: would this request be allowed, by which rule, and if not, what would allow it? */

import { nearest } from '../crds/issues.ts';
import { PATTERN_PREFIX } from '../crds/patterns.ts';
import { REASONS } from '../crds/reasons.ts';
import { DETECTOR_NAMES } from '../sidecar/inspect/detectors/names.ts';
import { answer, originText } from './answer.ts';
import { runCommand } from './arguments.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import type { Answer } from './judge.ts';
import { podOf } from './pod.ts';
import { loadPolicies, problemText } from './policies.ts';
import { type Question, questionOf, subjectOf } from './question.ts';
import { jsonText, shown } from './shown.ts';
import { EXPLAIN } from './table.ts';

/** Rules that are listed; the rest are counted. */
const MAX_RULES = 12;

/** Resolves to the exit status. */
export function explain(argv: string[], io: Io): Promise<number> {
  return runCommand(EXPLAIN, argv, io, async (given) => {
    const url = given.one('url');
    const files = given.all('policy');
    if (url === undefined) throw new UsageError('--url is missing');
    if (files.length === 0) throw new UsageError('--policy is missing');
    const question = questionOf({
      url,
      method: given.one('method'),
      contentType: given.one('content-type'),
      bodySize: given.one('body-size'),
    });
    if ('error' in question) throw new UsageError(question.error);
    const pod = podOf(given);
    const found = given.all('found');
    const { problems, ...set } = await loadPolicies(files, DETECTOR_NAMES);
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      for (const problem of errors) io.stderr(problemText(problem));
      return EXIT.usage;
    }
    const patterns = [...set.policies, ...set.clusterPolicies].flatMap(({ spec }) => spec.content?.patterns ?? []);
    const known = [...DETECTOR_NAMES, ...patterns.map(({ name }) => `${PATTERN_PREFIX}${name}`)];
    const unknown = found.find((detector) => !known.includes(detector));
    if (unknown !== undefined) throw new UsageError(`there is no detector "${unknown}"${didYouMean(unknown, known)}`);
    const result = answer(set, pod, question, found);
    io.stdout(given.has('json') ? jsonText(result) : text(result, question));
    return result.decision === 'deny' ? EXIT.no : EXIT.ok;
  });
}

function didYouMean(detector: string, known: readonly string[]): string {
  const meant = nearest(detector, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

const HEADLINES: Record<Answer['decision'], string> = {
  allow: 'allowed',
  deny: 'denied',
  'would-deny': 'let pass in Audit mode, would be denied',
};

function text(result: Answer, question: Question): string {
  const lines = [`${HEADLINES[result.decision]}: ${subjectOf(question)}`];
  if (result.rule !== undefined) {
    const preset = result.preset === undefined ? '' : ` (preset ${result.preset})`;
    lines.push(`${result.decision === 'allow' ? 'rule' : 'nearest rule'}: ${result.rule}${preset}`);
  }
  if (result.how !== undefined) lines.push(result.how);
  if (result.reason !== undefined) lines.push(`reason: ${result.reason}: ${REASONS[result.reason].sentence}`);
  if (result.reason === 'policy.none') lines.push('no policy selects a pod with these labels');
  lines.push(...rulesText(result), ...droppedText(result), ...adviceText(result));
  return `${lines.map(shown).join('\n')}\n`;
}

function rulesText({ rules }: Answer): string[] {
  if (rules.length === 0) return [];
  const shown = rules.slice(0, MAX_RULES);
  const width = Math.max(...shown.map(({ rule }) => rule.length));
  const reasons = Math.max(...shown.map(({ reason }) => reason.length));
  const rows = shown.map(({ rule, reason, detail = '' }) =>
    `  ${rule.padEnd(width)}  ${reason.padEnd(reasons)}  ${detail}`.trimEnd(),
  );
  const rest = rules.length - shown.length;
  return ['', 'rules, nearest first:', ...rows, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function droppedText({ dropped = [] }: Answer): string[] {
  if (dropped.length === 0) return [];
  const likeliest = [...dropped].sort((a, b) => Number(b.matches) - Number(a.matches));
  const rows = likeliest.map(({ origin, constraint, reason, matches }) => {
    const would = matches ? '; it would allow this request' : '';
    return `  ${originText(origin)}: ${reason} (${constraint.policy}: ${constraint.field})${would}`;
  });
  return ['', 'not in force, by constraints of the cluster:', ...rows];
}

function adviceText({ presetHint, suggestion, constraint, found, exception }: Answer): string[] {
  const lines: string[] = [];
  if (presetHint !== undefined) {
    lines.push('', `the preset ${presetHint} allows it, with what else such tools need: preset: {name: ${presetHint}}`);
  }
  if (suggestion !== undefined)
    lines.push('', 'this item of spec.egress allows exactly it:', ...suggestion.trimEnd().split('\n'));
  if (constraint !== undefined) {
    const { policy, field, reason } = constraint;
    lines.push('', `no EgressPolicy can allow it: ${reason} (${policy}: ${field})`);
  }
  if (exception !== undefined) {
    lines.push(
      '',
      `this, added to ${exception.policy}, allows exactly it, with what was found:`,
      ...exception.yaml.trimEnd().split('\n'),
    );
  } else if (found !== undefined) lines.push('', `no exception of a rule covers this: ${found.join(', ')}`);
  return lines;
}
