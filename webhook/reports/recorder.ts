/**
 * Kubernetes Events (events.k8s.io/v1): the same text on the same object is one Event with a count, and neither one pod nor
 * all together can fill the API server with them.
 */
import { randomBytes } from 'node:crypto';
import type { V1ObjectReference } from '@kubernetes/client-node';
import { type KubeClient, KubeError, MERGE } from '../kube/client.ts';
import { microTime } from '../kube/time.ts';
import { Buckets, type Rate } from './bucket.ts';

/** New Events of one object, and of all. */
export const PER_OBJECT: Rate = { burst: 10, perSecond: 1 / 30 };
export const OVERALL: Rate = { burst: 200, perSecond: 10 };
/** Texts that are remembered, so that they are counted and not written anew. */
export const MAX_SERIES = 4096;
/** Milliseconds between writes of counts. */
export const COUNT_EVERY_MS = 10_000;
/** Milliseconds after which a text is an Event of its own again: the API server forgets Events after an hour. */
export const SERIES_MS: number = 30 * 60_000;
/** Writes of counts at one time. */
const MAX_COUNTS = 100;

const CONTROLLER = 'weir.dev/control-plane';

export interface Note {
  about: V1ObjectReference;
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note: string;
}

interface Series {
  namespace: string;
  name: string;
  /** `performance.now()` of the first. */
  began: number;
  count: number;
  written: number;
  /** Milliseconds since the epoch. */
  last: number;
}

export type Recorded = 'created' | 'counted' | 'updated' | 'limited' | 'failed';

export class Recorder {
  readonly #client: KubeClient;
  readonly #instance: string;
  readonly #observe: (reason: string, result: Recorded) => void;
  readonly #objects = new Buckets(PER_OBJECT, MAX_SERIES);
  readonly #all = new Buckets(OVERALL, 1);
  readonly #series = new Map<string, Series>();
  readonly #timer: NodeJS.Timeout;

  /** `instance`: the name of this replica's pod. */
  constructor(client: KubeClient, instance: string, observe: (reason: string, result: Recorded) => void) {
    this.#client = client;
    this.#instance = instance.slice(0, 128) || 'weir';
    this.#observe = observe;
    this.#timer = setInterval(() => void this.flush(), COUNT_EVERY_MS);
  }

  /** Does not throw, and does not wait. */
  record(event: Note): void {
    const now = performance.now();
    const key = `${event.about.uid} ${event.reason} ${event.note}`;
    const known = this.#series.get(key);
    if (known && now - known.began < SERIES_MS) {
      known.count++;
      known.last = Date.now();
      this.#observe(event.reason, 'counted');
      return;
    }
    if (!this.#objects.take(event.about.uid ?? '', now) || !this.#all.take('', now)) {
      this.#observe(event.reason, 'limited');
      return;
    }
    // An object that is in no namespace has its Events in this one.
    const namespace = event.about.namespace ?? 'default';
    const name = `${(event.about.name ?? 'unknown').slice(0, 200)}.${randomBytes(8).toString('hex')}`;
    this.#series.delete(key);
    this.#series.set(key, { namespace, name, began: now, count: 1, written: 1, last: Date.now() });
    if (this.#series.size > MAX_SERIES) this.#series.delete(this.#series.keys().next().value as string);
    void this.#create(key, namespace, name, event);
  }

  /** Writes the counts that are not written yet. Does not throw. */
  async flush(): Promise<void> {
    const due = [...this.#series].filter(([, { count, written }]) => count > written).slice(0, MAX_COUNTS);
    for (const [key, series] of due) {
      const { namespace, name, count, last } = series;
      const body = { series: { count, lastObservedTime: microTime(last) } };
      try {
        await this.#client.call('PATCH', `${eventsIn(namespace)}/${name}`, { body, contentType: MERGE });
        series.written = count;
        this.#observe('series', 'updated');
      } catch (error) {
        // Gone: the next one of its kind is a new Event.
        if (error instanceof KubeError && error.status === 404) this.#series.delete(key);
        this.#observe('series', 'failed');
      }
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #create(key: string, namespace: string, name: string, { about, type, reason, action, note }: Note) {
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name, namespace },
      eventTime: microTime(Date.now()),
      reportingController: CONTROLLER,
      reportingInstance: this.#instance,
      regarding: about,
      type,
      reason,
      action,
      note,
    };
    try {
      await this.#client.call('POST', eventsIn(namespace), { body });
      this.#observe(reason, 'created');
    } catch {
      this.#series.delete(key);
      this.#observe(reason, 'failed');
    }
  }
}

function eventsIn(namespace: string): string {
  return `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
}
