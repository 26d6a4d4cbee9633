/** Takes reports of sidecars: to the log, the metrics and Events on the pod. */
import type { Event } from '../../crds/runtime.ts';
import type { PodItem } from '../watch/objects.ts';
import { Buckets, type Rate } from './bucket.ts';
import { checkReport } from './check.ts';
import { eventNote, eventReason } from './message.ts';
import type { Recorder } from './recorder.ts';

/** Reports of one pod; beyond, it is told to wait. */
export const REPORTS_PER_POD: Rate = { burst: 20, perSecond: 1 };
/** Events of all pods; beyond, every pod is. */
export const EVENTS_OVERALL: Rate = { burst: 20_000, perSecond: 2000 };
/** Pods that are told apart. */
export const MAX_PODS = 16_384;
/** Seconds that a pod is told to wait. */
export const RETRY_SECONDS = 5;

export interface ReportObserver {
  /** Ids of the rules of the pod's policy: a rule is told by them alone, for what a report says may be meant for a reader. */
  rules(pod: PodItem): ReadonlySet<string>;
  /** One line for the log. */
  log(pod: PodItem, event: Event): void;
  event(event: Event): void;
  lost(kind: 'dropped' | 'malformed', count: number): void;
  report(result: 'taken' | 'limited' | 'refused'): void;
}

export type ReportReply =
  | { status: 204 }
  | { status: 400; error: string }
  | { status: 429; error: string; retryAfter: number };

export class ReportService {
  readonly #recorder: Pick<Recorder, 'record'>;
  readonly #observer: ReportObserver;
  readonly #pods = new Buckets(REPORTS_PER_POD, MAX_PODS);
  readonly #all = new Buckets(EVENTS_OVERALL, 1);

  constructor(recorder: Pick<Recorder, 'record'>, observer: ReportObserver) {
    this.#recorder = recorder;
    this.#observer = observer;
  }

  /** `now`: milliseconds of a clock that does not go back. */
  take(pod: PodItem, body: unknown, now: number = performance.now()): ReportReply {
    const report = checkReport(body);
    if ('error' in report) {
      this.#observer.report('refused');
      return { status: 400, error: report.error };
    }
    if (!this.#pods.take(pod.uid, now) || !this.#all.take('', now, report.events.length)) {
      this.#observer.report('limited');
      return { status: 429, error: 'too many reports', retryAfter: RETRY_SECONDS };
    }
    const rules = this.#observer.rules(pod);
    for (const event of report.events) {
      if (event.rule !== undefined && !rules.has(event.rule)) delete event.rule;
      this.#one(pod, event);
    }
    if (report.dropped > 0) this.#observer.lost('dropped', report.dropped);
    if (report.malformed > 0) this.#observer.lost('malformed', report.malformed);
    this.#observer.report('taken');
    return { status: 204 };
  }

  #one(pod: PodItem, event: Event): void {
    this.#observer.event(event);
    this.#observer.log(pod, event);
    if (event.reason === undefined || event.action === 'allow') return;
    const { namespace, name, uid } = pod;
    const about = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
    const type = event.action === 'deny' ? 'Warning' : 'Normal';
    this.#recorder.record({ about, type, reason: eventReason(event), action: 'Egress', note: eventNote(event) });
  }
}
