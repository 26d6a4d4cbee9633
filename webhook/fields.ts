/** Reads a settings file field by field; an error names the field and says what it should be. Pure. */

const UNITS: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };
const DURATION = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/;

export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** `path`: of this mapping, for messages; empty at the top. An absent mapping is an empty one. */
  constructor(values: unknown, path: string) {
    if (values !== undefined && values !== null && (typeof values !== 'object' || Array.isArray(values))) {
      throw new Error(`${path || 'settings'}: is not a mapping`);
    }
    this.#values = (values ?? {}) as Record<string, unknown>;
    this.#path = path;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#values).length === 0;
  }

  fields(name: string): Fields {
    return new Fields(this.#values[name], this.#at(name));
  }

  /** Without a fallback it is required. */
  text(name: string, fallback?: string): string {
    const value = this.#values[name] ?? fallback;
    if (value === undefined) throw new Error(`${this.#at(name)}: is missing`);
    if (typeof value !== 'string') throw new Error(`${this.#at(name)}: is not a text: write it in quotes`);
    return value;
  }

  oneOf<T extends string>(name: string, options: readonly T[], fallback: T): T {
    const value = this.text(name, fallback);
    const found = options.find((option) => option === value);
    if (found === undefined) throw new Error(`${this.#at(name)}: is not one of ${options.join(', ')}`);
    return found;
  }

  optionalNumber(name: string, least: number, most: number): number | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      throw new Error(`${this.#at(name)}: is not a number from ${least} to ${most}`);
    }
    return value;
  }

  number(name: string, least: number, most: number, fallback: number): number {
    return this.optionalNumber(name, least, most) ?? fallback;
  }

  texts(name: string, fallback: readonly string[]): readonly string[] {
    const value = this.#values[name] ?? fallback;
    if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
      throw new Error(`${this.#at(name)}: is not a list of texts`);
    }
    return value as string[];
  }

  /** Kubernetes quantities by name; numbers are taken as their digits. */
  quantities(name: string): Record<string, string> | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null) return undefined;
    const entries = Object.entries(new Fields(value, this.#at(name)).#values);
    return Object.fromEntries(
      entries.map(([resource, quantity]) => {
        const isSound = typeof quantity === 'string' || typeof quantity === 'number';
        if (!isSound) throw new Error(`${this.#at(name)}.${resource}: is not a quantity such as 100m or 64Mi`);
        return [resource, String(quantity)];
      }),
    );
  }

  /** A duration (GEP-2257: `1h30m`, `10s`), in seconds. */
  seconds(name: string, fallback: string): number {
    const text = this.text(name, fallback);
    if (!DURATION.test(text)) throw new Error(`${this.#at(name)}: is not a duration such as 24h, 90m or 10s`);
    let sum = 0;
    for (const [, digits, unit] of text.matchAll(/([0-9]+)(ms|[hms])/g))
      sum += Number(digits) * (UNITS[unit ?? ''] ?? 0);
    if (sum <= 0) throw new Error(`${this.#at(name)}: is not longer than 0`);
    return sum;
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
