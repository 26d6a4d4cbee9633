/**
 * Keeps a store like what the API server has: a list, then a watch from its version on, resumed where it ended, listed
 * anew when that version is gone (410). Connections that die without a word are noticed after WATCH_SECONDS + GRACE_MS.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesListObject, KubernetesObject } from '@kubernetes/client-node';
import { type KubeClient, KubeError, METADATA, METADATA_LIST } from '../kube/client.ts';
import { Lines } from './lines.ts';
import type { Item, Store } from './store.ts';

/** Objects in one page of a list. */
export const PAGE_SIZE = 500;
/** Seconds after which the server ends a watch: it is resumed at once, and one that is not ended then is dead. */
export const WATCH_SECONDS = 60;
export const GRACE_MS = 10_000;
/** Milliseconds: a watch that ends before and said nothing is a failure. */
const MIN_WATCH_MS = 1000;
/** Milliseconds between attempts: doubled up to the last, with jitter. */
export const BACKOFF_MS = { first: 200, last: 3000 };

export interface Source<T extends Item> {
  /** For logs and metrics. */
  kind: string;
  path: string;
  labelSelector?: string;
  fieldSelector?: string;
  metadataOnly?: boolean;
  /** What is kept of an object; `undefined`: it is none of ours. */
  trim(object: KubernetesObject): T | undefined;
}

export interface Observer {
  listed(kind: string, count: number): void;
  failed(kind: string, error: Error, retryMs: number): void;
  resumed(kind: string): void;
}

interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubernetesObject & { code?: number; reason?: string; message?: string };
}

export class Reflector<T extends Item> {
  readonly #client: KubeClient;
  readonly #source: Source<T>;
  readonly #store: Store<T>;
  readonly #observer: Observer;
  readonly #abort = new AbortController();
  #version: string | undefined;

  constructor(client: KubeClient, source: Source<T>, store: Store<T>, observer: Observer) {
    this.#client = client;
    this.#source = source;
    this.#store = store;
    this.#observer = observer;
  }

  /** Resolves when it is stopped; does not throw. */
  async run(): Promise<void> {
    const { signal } = this.#abort;
    let backoff: number = BACKOFF_MS.first;
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list();
        await this.#watch();
        backoff = BACKOFF_MS.first;
        this.#observer.resumed(this.#source.kind);
      } catch (error) {
        if (signal.aborted) return;
        const isGone = error instanceof KubeError && (error.status === 410 || error.reason === 'Expired');
        if (isGone) this.#version = undefined;
        const asked = error instanceof KubeError ? (error.retryAfter ?? 0) * 1000 : 0;
        const wait = Math.max(asked, backoff * (0.75 + Math.random() / 2));
        backoff = Math.min(backoff * 2, BACKOFF_MS.last);
        this.#observer.failed(this.#source.kind, error as Error, wait);
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  async #list(): Promise<void> {
    const items: T[] = [];
    let token: string | undefined;
    let version: string | undefined;
    do {
      const page: KubernetesListObject<KubernetesObject> = await this.#client.call('GET', this.#source.path, {
        query: { ...this.#selectors(), limit: String(PAGE_SIZE), ...(token !== undefined && { continue: token }) },
        ...(this.#source.metadataOnly && { accept: METADATA_LIST }),
        timeoutMs: 30_000,
      });
      for (const object of page.items) {
        const item = this.#source.trim(object);
        if (item) items.push(item);
      }
      version = page.metadata?.resourceVersion;
      token = (page.metadata as { continue?: string } | undefined)?.continue;
    } while (token);
    this.#store.replace(items);
    this.#version = version;
    this.#observer.listed(this.#source.kind, items.length);
  }

  /** Until the server ends it. Throws KubeError, also when it ends at once and says nothing. */
  async #watch(): Promise<void> {
    const began = performance.now();
    const query = {
      ...this.#selectors(),
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCH_SECONDS),
      resourceVersion: this.#version ?? '',
    };
    const dead = AbortSignal.timeout(WATCH_SECONDS * 1000 + GRACE_MS);
    const signal = AbortSignal.any([this.#abort.signal, dead]);
    const stream = await this.#client.stream(
      this.#source.path,
      { query, ...(this.#source.metadataOnly && { accept: METADATA }) },
      signal,
    );
    const lines = new Lines();
    let heard = false;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        for (const line of lines.push(chunk)) this.#take(JSON.parse(line) as WatchEvent);
        heard = true;
      }
    } finally {
      stream.destroy();
    }
    if (!heard && performance.now() - began < MIN_WATCH_MS)
      throw new KubeError(0, 'Unreachable', 'the watch ended at once');
  }

  #take({ type, object }: WatchEvent): void {
    if (type === 'ERROR') throw new KubeError(object.code ?? 0, object.reason ?? '', object.message ?? 'watch error');
    const { namespace = '', name = '', uid, resourceVersion } = object.metadata ?? {};
    if (type !== 'BOOKMARK') {
      const item = type === 'DELETED' ? undefined : this.#source.trim(object);
      if (item) this.#store.put(item);
      else this.#store.remove(namespace, name, uid);
    }
    this.#version = resourceVersion ?? this.#version;
  }

  #selectors(): Record<string, string> {
    const { labelSelector, fieldSelector } = this.#source;
    return { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
  }
}
