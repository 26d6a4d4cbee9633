/** The known secrets that are looked for now. One of them for an inspector; its scanners ask it anew each time. */
import { setImmediate } from 'node:timers/promises';
import type { KnownSecret, KnownSecretsReport } from '../inspector.ts';
import { FilterPlace } from '../scan/simd/filter.ts';
import { atOnce } from '../turns.ts';
import { type Form, formsOf, xoredForm } from './forms.ts';
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
  /** All of the secret, whatever part of it was found. */
  value: Buffer;
}

/** Milliseconds for which traffic waits at a time while an index is built, but for a single large value. */
export const SLICE_MS = 10;

interface Index {
  values: Value[];
  exact: Grams | undefined;
  folded: Grams | undefined;
  xored: Grams | undefined;
}

const PLACES = { exact: new FilterPlace(), folded: new FilterPlace(), xored: new FilterPlace() };
const EMPTY: Index = { values: [], exact: undefined, folded: undefined, xored: undefined };

/** What a scanner asks anew each time. */
export interface KnownIndex {
  readonly isEmpty: boolean;
  /** `undefined`: there is nothing to look for. `folded`: in text in lower case. */
  grams(folded: boolean): Grams | undefined;
}

export class KnownSet implements KnownIndex {
  /** What is looked for in the differences of a text's bytes. */
  readonly xored: KnownIndex;
  #index: Index = EMPTY;
  /** Which replacement is the latest. */
  #latest = 0;

  constructor() {
    const index = (): Index => this.#index;
    this.xored = {
      get isEmpty() {
        return index().xored === undefined;
      },
      grams: () => index().xored,
    };
  }

  replace(secrets: readonly KnownSecret[], minLength: number = DEFAULT_MIN_LENGTH): KnownSecretsReport {
    this.#latest++;
    const { index, report } = atOnce(indexing(secrets, minLength));
    this.#use(index);
    return report;
  }

  /** The same, a slice at a time; until then what was looked for is. The values have to stay as they are for so long. */
  async replaceInSlices(
    secrets: readonly KnownSecret[],
    minLength: number = DEFAULT_MIN_LENGTH,
  ): Promise<KnownSecretsReport> {
    const turn = ++this.#latest;
    const building = indexing(secrets, minLength);
    for (;;) {
      const end = performance.now() + SLICE_MS;
      do {
        const step = building.next();
        if (!step.done) continue;
        const { index, report } = step.value;
        if (turn === this.#latest) this.#use(index);
        else wipe(index);
        return report;
      } while (performance.now() < end);
      await setImmediate();
    }
  }

  #use(index: Index): void {
    wipe(this.#index);
    this.#index = index;
  }

  /** Looks for these from now on, which are those of another set, and no longer for those before. It wipes them when it is done. */
  useValues(values: Value[]): void {
    this.#latest++;
    this.#use(atOnce(indexOf(values)));
  }

  /** What is looked for. */
  get values(): readonly Value[] {
    return this.#index.values;
  }

  get isEmpty(): boolean {
    return this.#index.exact === undefined;
  }

  grams(folded: boolean): Grams | undefined {
    return folded ? this.#index.folded : this.#index.exact;
  }

  /** Where these bytes, in which a detector found its format, are at home as part of a known secret. */
  homesOf(bytes: Buffer): string[] {
    return this.#index.values.flatMap(({ bytes: value, homes }) =>
      homes.filter(({ from, to }) => value.subarray(from, to).includes(bytes)).flatMap(({ hosts }) => hosts),
    );
  }
}

function* indexing(
  secrets: readonly KnownSecret[],
  minLength: number,
): Generator<void, { index: Index; report: KnownSecretsReport }> {
  const { values, report } = yield* valuesOf(secrets, minLength);
  return { index: yield* indexOf(values), report };
}

function* indexOf(values: Value[]): Generator<void, Index> {
  if (values.length === 0) return EMPTY;
  const gramsOf = function* (folded: boolean): Generator<void, Grams> {
    const forms: Form[] = [];
    for (const value of values) {
      forms.push(...formsOf(value, folded));
      yield;
    }
    return yield* Grams.building(forms, folded ? PLACES.folded : PLACES.exact);
  };
  const xored = yield* Grams.building(
    values.flatMap((value) => xoredForm(value) ?? []),
    PLACES.xored,
  );
  return { values, exact: yield* gramsOf(false), folded: yield* gramsOf(true), xored };
}

function wipe({ values, exact, folded, xored }: Index): void {
  for (const grams of [exact, folded, xored]) for (const { bytes } of grams?.forms ?? []) bytes.fill(0);
  for (const { bytes } of values) bytes.fill(0);
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
    value: value.bytes,
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
