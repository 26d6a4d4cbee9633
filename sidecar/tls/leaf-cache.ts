/** Values by host: bounded (least recently used goes first), made once for concurrent callers, renewed by age. */

export interface LeafCacheOptions {
  /** Most entries kept. */
  limit: number;
  /** Milliseconds after which an entry is made anew. */
  lifetimeMs: number;
  now?: () => number;
}

interface Entry<T> {
  value: Promise<T>;
  made: number;
}

export class LeafCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #options: LeafCacheOptions;
  readonly #now: () => number;

  constructor(options: LeafCacheOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The cached value, or `make`'s; a failure is given to all who wait for it, and not kept. */
  get(host: string, make: () => T | Promise<T>): Promise<T> {
    const found = this.#entries.get(host);
    this.#entries.delete(host);
    const age = found === undefined ? 0 : this.#now() - found.made;
    // A negative age: the clock was set back, and the value may not be valid yet.
    const entry = found && age >= 0 && age < this.#options.lifetimeMs ? found : this.#make(host, make);
    this.#entries.set(host, entry);
    this.#evict();
    return entry.value;
  }

  #make(host: string, make: () => T | Promise<T>): Entry<T> {
    const value = new Promise<T>((resolve) => resolve(make()));
    const entry = { value, made: this.#now() };
    value.catch(() => {
      if (this.#entries.get(host) === entry) this.#entries.delete(host);
    });
    return entry;
  }

  #evict(): void {
    if (this.#entries.size <= this.#options.limit) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
