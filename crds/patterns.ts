/** `content.patterns`: what can be searched for in linear time, and how. The engine is RE2's, in JavaScript. */
import { RE2JS } from 're2js';
import { shapeOf, Unsearchable } from './regex.ts';
import type { SecretPatternRule } from './runtime.ts';

/** What findings, suppressions and home hosts call a pattern: this and its name. */
export const PATTERN_PREFIX = 'pattern/';
/** Characters that every match must hold as they stand. */
export const MIN_LITERAL = 3;
/** Instructions of a compiled pattern: what a byte costs at most. */
export const MAX_PROGRAM = 1024;
/** Bytes before a literal at which a match may begin, and from there on until it is decided. */
export const MAX_BEFORE = 512;
export const MAX_DECIDED = 1536;
/** Bytes that the states of one pattern may take; beyond that they are made anew. */
const MAX_STATES_SIZE = 256 * 1024;

export interface SearchPlan {
  /** One of them is in every match, in lower case; each MIN_LITERAL characters or more. */
  literals: readonly string[];
  /** Bytes before a literal at which a match begins, at most. */
  before: number;
  /** Bytes from the beginning of a match on after which it is one, or never will be. */
  decided: number;
  exact: RE2JS;
  /** For host names, which are in lower case. */
  folded: RE2JS;
  instructions: number;
}

export interface PatternFault {
  error: string;
  fix: string;
}

/** How to search for a pattern, or why it cannot be. Never throws. */
export function planOf(regex: string): SearchPlan | PatternFault {
  if (!/^[ -~]+$/.test(regex))
    return { error: 'it has characters beyond printable ASCII', fix: 'write them as \\x and two digits' };
  let exact: RE2JS;
  let folded: RE2JS;
  try {
    exact = engineOf(regex, 0);
    folded = engineOf(regex, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    return { error: `it cannot be run: ${descriptionOf(error)}`, fix: 'write it in the syntax of RE2' };
  }
  const instructions = Math.max(exact.programSize(), folded.programSize());
  if (instructions > MAX_PROGRAM) {
    return {
      error: `it takes ${instructions} instructions, and at most ${MAX_PROGRAM} are run`,
      fix: 'repeat less: the first 64 characters of a secret are enough',
    };
  }
  try {
    const { decided, required } = shapeOf(regex);
    const shortest = Math.min(...(required?.texts ?? ['']).map((text) => text.length));
    if (!required || shortest < MIN_LITERAL) {
      return {
        error: `no text of ${MIN_LITERAL} characters is in every match`,
        fix: 'begin with what your secrets begin with, or put what stands before them: acme_[a-z0-9]{32}, acme_key=[a-z0-9]{32}',
      };
    }
    return {
      literals: required.texts,
      before: Math.min(required.before, MAX_BEFORE),
      decided: Math.min(decided, MAX_DECIDED),
      exact,
      folded,
      instructions,
    };
  } catch (error) {
    if (error instanceof Unsearchable) return { error: error.message, fix: error.fix };
    throw error;
  }
}

/** The same rules once each, in the order of names; several of one name are all looked for, and each has its own hosts. */
export function distinctPatterns(rules: readonly SecretPatternRule[]): SecretPatternRule[] {
  const byText = new Map(rules.map((rule) => [JSON.stringify(rule), rule]));
  return [...byText]
    .sort(([a, one], [b, other]) => compare(one.name, other.name) || compare(a, b))
    .map(([, rule]) => rule);
}

function engineOf(regex: string, flags: number): RE2JS {
  const engine = RE2JS.compile(regex, flags);
  const { dfa } = engine.re2();
  dfa.stateBudget = MAX_STATES_SIZE;
  dfa.memBudget = MAX_STATES_SIZE;
  return engine;
}

function descriptionOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
