/** The user's own formats that are looked for now. One of them for an inspector; its scanners ask it anew each time. */
import { hostText } from '../../../crds/host-patterns.ts';
import { PATTERN_PREFIX, planOf, type SearchPlan } from '../../../crds/patterns.ts';
import type { SecretPatternRule } from '../../../crds/runtime.ts';
import { LiteralIndex } from './literals.ts';

/** Patterns of all policies of a pod. */
export const MAX_PATTERNS = 128;

export interface Pattern extends SearchPlan {
  /** `pattern/<name>`: what findings call it. */
  detector: string;
  homeHosts: readonly string[];
}

/** What became of patterns: a name and why it is not looked for, to be told loudly. */
export interface PatternsReport {
  taken: number;
  refused: { name: string; problem: string }[];
}

export class PatternSet {
  /** As they were given. */
  rules: readonly SecretPatternRule[] = [];
  #index: LiteralIndex<Pattern> | undefined;
  /** Bytes before a literal, and from it on, that a match of any pattern may have. */
  #before = 0;
  #after = 0;

  replace(rules: readonly SecretPatternRule[]): PatternsReport {
    this.rules = rules;
    const refused: PatternsReport['refused'] = [];
    const patterns: Pattern[] = [];
    for (const { name, regex, hosts } of rules) {
      const plan = patterns.length < MAX_PATTERNS ? planOf(regex) : { error: `more than ${MAX_PATTERNS} patterns` };
      if ('error' in plan) refused.push({ name, problem: plan.error });
      else patterns.push({ ...plan, detector: `${PATTERN_PREFIX}${name}`, homeHosts: hosts.map(hostText) });
    }
    const texts = patterns.flatMap((pattern) => pattern.literals.map((literal) => ({ literal, of: pattern })));
    this.#index = texts.length === 0 ? undefined : new LiteralIndex(texts);
    this.#before = Math.max(0, ...patterns.map(({ before }) => before));
    this.#after = Math.max(0, ...patterns.map(({ decided }) => decided));
    return { taken: patterns.length, refused };
  }

  /** `undefined`: there is nothing to look for. */
  get index(): LiteralIndex<Pattern> | undefined {
    return this.#index;
  }

  get before(): number {
    return this.#before;
  }

  get after(): number {
    return this.#after;
  }
}
