/** What a watch has seen: trimmed objects by key and by namespace. Pure; one listener a purpose, called for each change. */

export interface Item {
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Equal for objects whose differences matter to nobody here. */
  readonly version: string;
}

export type Listener<T> = (after: T | undefined, before: T | undefined) => void;

export class Store<T extends Item> {
  readonly #byNamespace = new Map<string, Map<string, T>>();
  readonly #listeners: Listener<T>[] = [];
  readonly #listListeners: (() => void)[] = [];
  #size = 0;
  /** Whether a whole list has been seen. */
  synced = false;

  get size(): number {
    return this.#size;
  }

  listen(listener: Listener<T>): void {
    this.#listeners.push(listener);
  }

  /** Called when a whole list has been taken, also an empty one. */
  onList(listener: () => void): void {
    this.#listListeners.push(listener);
  }

  get(namespace: string, name: string): T | undefined {
    return this.#byNamespace.get(namespace)?.get(name);
  }

  *in(namespace: string): Generator<T> {
    yield* this.#byNamespace.get(namespace)?.values() ?? [];
  }

  *all(): Generator<T> {
    for (const items of this.#byNamespace.values()) yield* items.values();
  }

  put(item: T): void {
    const items = this.#byNamespace.get(item.namespace) ?? new Map<string, T>();
    this.#byNamespace.set(item.namespace, items);
    const before = items.get(item.name);
    if (before?.uid === item.uid && before.version === item.version) return;
    items.set(item.name, item);
    if (!before) this.#size++;
    this.#tell(item, before);
  }

  /** `uid`: only when it is this one that is there. */
  remove(namespace: string, name: string, uid?: string): void {
    const items = this.#byNamespace.get(namespace);
    const before = items?.get(name);
    if (!items || !before || (uid !== undefined && before.uid !== uid)) return;
    items.delete(name);
    if (items.size === 0) this.#byNamespace.delete(namespace);
    this.#size--;
    this.#tell(undefined, before);
  }

  /** A new list: what is not in it is gone. */
  replace(list: readonly T[]): void {
    const keep = new Set(list.map(({ namespace, name }) => `${namespace}/${name}`));
    for (const { namespace, name } of [...this.all()])
      if (!keep.has(`${namespace}/${name}`)) this.remove(namespace, name);
    for (const item of list) this.put(item);
    this.synced = true;
    for (const listener of this.#listListeners) listener();
  }

  #tell(after: T | undefined, before: T | undefined): void {
    for (const listener of this.#listeners) listener(after, before);
  }
}
