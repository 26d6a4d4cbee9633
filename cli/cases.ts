/** A file of cases for `weir test`, from text to questions, with every problem at its line and column. Pure. */
import type { ValidateFunction } from 'ajv';
import { Lines, type Place, type Problem, problemAt } from '../crds/document.ts';
import { error, type Issue } from '../crds/issues.ts';
import type { Reason } from '../crds/runtime.ts';
import { checkShape, shapeValidator } from '../crds/structure.ts';
import { parseYaml, placeOf, type YamlNode } from '../crds/yaml.ts';
import { CASES_SCHEMA, type Verdict } from './cases-schema.ts';
import type { Pod } from './pod.ts';
import { type Question, questionOf } from './question.ts';

export interface Case {
  name: string;
  place: Place;
  question: Question;
  /** Names of headers, in lower case. */
  headers: string[];
  pod: Pod;
  expect: WrittenCase['expect'];
}

export interface CasesFile {
  /** As written: seen from the file. */
  policies: string[];
  cases: Case[];
  /** Every one is an error. */
  problems: Problem[];
}

interface WrittenCase extends Pod {
  name: string;
  request: {
    url: string;
    method?: string;
    contentType?: string;
    bodySize?: string | number;
    headers?: Record<string, string>;
  };
  expect: { verdict: Verdict; rule?: string; reason?: Reason; droppedHeaders?: string[] };
}

let validate: ValidateFunction | undefined;

/** Never throws. With problems, there may be fewer cases than were written. */
export function parseCases(text: string, file: string): CasesFile {
  const lines = new Lines(text);
  const found: CasesFile = { policies: [], cases: [], problems: [] };
  const tell = (start: number, issue: Issue) => found.problems.push(problemAt({ file, ...lines.at(start) }, issue));
  const { documents, problems } = parseYaml(text);
  for (const { start, path, message, fix } of problems) tell(start, error(path, message, fix));
  const [document, second] = documents;
  if (found.problems.length > 0) return found;
  if (!document) tell(0, error([], 'there are no cases in this file', 'start with cases:'));
  if (second) tell(second.start, error([], 'a file of cases is one document'));
  if (!document || second) return found;
  validate ??= shapeValidator(CASES_SCHEMA);
  for (const issue of checkShape(validate, document.value)) tell(placeOf(document, issue.path, issue.atKey), issue);
  if (found.problems.length > 0) return found;
  const { policies = [], cases } = document.value as { policies?: string[]; cases: WrittenCase[] };
  found.policies = policies;
  for (const [i, written] of cases.entries()) {
    const question = questionOf(written.request);
    if ('error' in question) {
      const path = ['cases', i, 'request', question.field];
      tell(placeOf(document, path), error(path, question.error));
    } else found.cases.push(caseOf(written, question, { file, ...lines.at(startOf(document, i)) }));
  }
  return found;
}

function caseOf(written: WrittenCase, question: Question, place: Place): Case {
  const { name, request, expect, labels, namespace, namespaceLabels } = written;
  return {
    name,
    place,
    question,
    headers: Object.keys(request.headers ?? {}).map((header) => header.toLowerCase()),
    pod: {
      ...(labels && { labels }),
      ...(namespace !== undefined && { namespace }),
      ...(namespaceLabels && { namespaceLabels }),
    },
    expect,
  };
}

function startOf(document: YamlNode, index: number): number {
  return placeOf(document, ['cases', index]);
}
