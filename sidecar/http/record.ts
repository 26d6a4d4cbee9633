/** The one event of one request, put together while it is judged. */
import type { Denial, Event, Finding, RuntimeRule } from '../../crds/runtime.ts';
import { elapsedMs, newId, timestamp } from '../audit/event.ts';
import { CUT, redactPath } from '../audit/redact.ts';
import { wireTarget } from './head.ts';

export class EventRecord {
  readonly id = newId();
  host: string | undefined;
  port: number | undefined;
  method: string | undefined;
  path: string | undefined;
  query: string | undefined;
  rule: RuntimeRule | undefined;
  /** What Audit mode let pass. */
  audit: Denial | undefined;
  /** What was found in path and query, even if it may pass: the event must not carry it. */
  readonly targetFindings: Finding[] = [];
  /** Path and query could not be judged to the end: the event must not carry them. */
  targetUnjudged = false;
  bytesUp = 0;
  readonly #layer: Event['layer'];
  readonly #emit: (event: Event) => void;
  readonly #time = timestamp();
  readonly #started = performance.now();
  #written = false;

  constructor(layer: Event['layer'], emit: (event: Event) => void) {
    this.#layer = layer;
    this.#emit = emit;
  }

  /** Writes the event of a refused request. Only the first of `deny` and `allow` counts. */
  deny(denial: Denial, findings: readonly Finding[], more: Partial<Event>): void {
    this.#write('deny', denial, findings, more);
  }

  /** Writes the event of a request that was let pass, or would have been denied. */
  allow(more: Partial<Event>): void {
    this.#write(this.audit ? 'would-deny' : 'allow', this.audit, [], more);
  }

  #write(
    action: Event['action'],
    denial: Denial | undefined,
    findings: readonly Finding[],
    more: Partial<Event>,
  ): void {
    if (this.#written) return;
    this.#written = true;
    const rule = denial?.rule ?? this.rule;
    const event: Event = { time: this.#time, id: this.id, action, layer: this.#layer };
    if (denial) event.reason = denial.reason;
    if (rule) event.rule = rule.id;
    if (this.host !== undefined) event.host = this.host;
    if (this.port !== undefined) event.port = this.port;
    if (this.method !== undefined) event.method = this.method;
    if (this.path !== undefined) {
      const target = wireTarget({ path: this.path, ...(this.query === undefined ? {} : { query: this.query }) });
      event.path = this.targetUnjudged ? `/${CUT}` : redactPath(target, [...this.targetFindings, ...findings]);
    }
    if (findings.length > 0) event.findings = [...findings];
    if (denial?.detail !== undefined) event.detail = denial.detail;
    event.bytesUp = this.bytesUp;
    event.durationMs = elapsedMs(this.#started);
    this.#emit({ ...event, ...more });
  }
}
