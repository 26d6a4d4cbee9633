/** The known secrets that are looked for now. One of them for an inspector; its scanners ask it anew each time. */
import type { KnownSecret, KnownSecretsReport } from '../inspector.ts';
import { type Form, formsOf } from './forms.ts';
import { Grams } from './grams.ts';
import { FRAGMENT } from './telling.ts';
import { type Value, valuesOf } from './values.ts';

/** What policies call it. */
export const KNOWN_SECRET = 'known-secret';
/** As in crds/known-secrets.ts. */
export const DEFAULT_MIN_LENGTH = 12;

/** Bytes of a window that may lie outside of what is at home: the `=` before it, the quote behind. */
const SLACK = 4;

/** One report for what was found: a name for the log, and where it is at home. */
export interface KnownFinding {
  name: string;
  secret: string;
  homeHosts: readonly string[];
}

export class KnownSet {
  #values: Value[] = [];
  #exact: Grams | undefined;
  #folded: Grams | undefined;

  replace(secrets: readonly KnownSecret[], minLength: number = DEFAULT_MIN_LENGTH): KnownSecretsReport {
    const { values, report } = valuesOf(secrets, minLength);
    const old = [this.#exact, this.#folded];
    const oldValues = this.#values;
    this.#values = values;
    this.#exact = values.length === 0 ? undefined : new Grams(values.flatMap((value) => formsOf(value, false)));
    this.#folded = values.length === 0 ? undefined : new Grams(values.flatMap((value) => formsOf(value, true)));
    for (const grams of old) for (const { bytes } of grams?.forms ?? []) bytes.fill(0);
    for (const { bytes } of oldValues) bytes.fill(0);
    return report;
  }

  get isEmpty(): boolean {
    return this.#exact === undefined;
  }

  /** `undefined`: there is nothing to look for. `folded`: in text in lower case. */
  grams(folded: boolean): Grams | undefined {
    return folded ? this.#folded : this.#exact;
  }

  /** Where these bytes, in which a detector found its format, are at home as part of a known secret. */
  homesOf(bytes: Buffer): string[] {
    return this.#values.flatMap(({ bytes: value, homes }) =>
      homes.filter(({ from, to }) => value.subarray(from, to).includes(bytes)).flatMap(({ hosts }) => hosts),
    );
  }
}

/** What `[from, to)` of a form gives away: a finding for each home of parts of it, or one without. None: nothing. */
export function judgeRun(
  { bytes, fragment, offsetIn, telling, value, wholeOnly }: Form,
  from: number,
  to: number,
): KnownFinding[] {
  const isWhole = from === 0 && to === bytes.length;
  const windows: number[] = [];
  for (let at = from; at + fragment <= to; at++) if (telling[at] === 1) windows.push(offsetIn(at));
  if (!isWhole && (wholeOnly || windows.length === 0)) return [];
  const finding = (homeHosts: readonly string[]): KnownFinding => ({
    name: KNOWN_SECRET,
    secret: value.name,
    homeHosts: [...new Set(homeHosts)],
  });
  const parts = windows.length > 0 ? windows.map((at) => [at, at + FRAGMENT]) : [[0, value.bytes.length]];
  const homeOf = ([first = 0, last = 0]: number[]) =>
    value.homes.filter((home) => home.from - SLACK <= first && last <= home.to + SLACK);
  // Where all parts of it belong; else each part is judged by itself.
  const shared = parts.map(homeOf).reduce((homes, others) => homes.filter((home) => others.includes(home)));
  if (shared.length > 0) return [finding(shared.flatMap(({ hosts }) => hosts))];
  const each = parts.map((part) => homeOf(part).flatMap(({ hosts }) => hosts));
  const different = new Map(each.map((hosts) => [hosts.join(), hosts]));
  return [...different.values()].map(finding);
}
