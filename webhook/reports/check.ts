/**
 * A report as it may be believed: read field by field, everything bounded, and no text but printable ASCII. Who sends it has
 * the token of a pod whose owner may be the attacker. Pure.
 */
import { MAX_REPORT_EVENTS } from '../../crds/control.ts';
import { REASONS } from '../../crds/reasons.ts';
import type { Channel, Event, Finding, Reason } from '../../crds/runtime.ts';
import { isRecord } from '../records.ts';

/** Characters of a field; what is longer is cut. */
export const MAX_LENGTHS = {
  rule: 384,
  host: 253,
  method: 32,
  path: 512,
  queryType: 16,
  address: 64,
  detail: 512,
  detector: 64,
  place: 128,
  decoding: 32,
  secret: 320,
} as const;
/** Findings of an event, decoders of a finding. */
export const MAX_FINDINGS = 16;
export const MAX_DECODINGS = 8;
/** More than any counter or size of one event. */
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

const ACTIONS: readonly Event['action'][] = ['allow', 'deny', 'would-deny'];
const LAYERS: readonly Event['layer'][] = ['dns', 'tcp', 'tls', 'http', 'websocket'];
const CHANNEL = /^[a-z]+\.[a-z0-9]+$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const ID = /^[0-9a-f]{16}$/;

export interface CheckedReport {
  events: Event[];
  dropped: number;
  /** Of the batch, those that are no events. */
  malformed: number;
}

/** The report, or a sentence that says why it is none. */
export function checkReport(body: unknown): CheckedReport | { error: string } {
  if (!isRecord(body) || !Array.isArray(body.events)) return { error: 'a report is {"events": [...], "dropped": 0}' };
  if (body.events.length > MAX_REPORT_EVENTS) return { error: `a report has at most ${MAX_REPORT_EVENTS} events` };
  const events = body.events.flatMap((event) => checkEvent(event) ?? []);
  const dropped = count(body.dropped) ?? 0;
  return { events, dropped, malformed: body.events.length - events.length };
}

function checkEvent(value: unknown): Event | undefined {
  if (!isRecord(value)) return undefined;
  const { action, layer, reason, time, id } = value;
  if (!isOneOf(action, ACTIONS) || !isOneOf(layer, LAYERS)) return undefined;
  if (typeof time !== 'string' || !TIME.test(time) || typeof id !== 'string' || !ID.test(id)) return undefined;
  if (reason !== undefined && !(typeof reason === 'string' && Object.hasOwn(REASONS, reason))) return undefined;
  const event: Event = { time, id, action, layer };
  if (reason !== undefined) event.reason = reason as Reason;
  for (const name of ['rule', 'host', 'method', 'path', 'queryType', 'address', 'detail'] as const) {
    const text = shownText(value[name], MAX_LENGTHS[name]);
    if (text !== undefined) event[name] = text;
  }
  for (const name of ['port', 'status', 'bytesUp', 'bytesDown', 'durationMs', 'repeated'] as const) {
    const number = count(value[name]);
    if (number !== undefined) event[name] = number;
  }
  if (Array.isArray(value.findings)) {
    event.findings = value.findings.slice(0, MAX_FINDINGS).flatMap((finding) => checkFinding(finding) ?? []);
  }
  return event;
}

function checkFinding(value: unknown): Finding | undefined {
  if (!isRecord(value)) return undefined;
  const detector = shownText(value.detector, MAX_LENGTHS.detector);
  const { channel, decoding } = value;
  if (detector === undefined || typeof channel !== 'string' || channel.length > 32 || !CHANNEL.test(channel)) {
    return undefined;
  }
  const secret = shownText(value.secret, MAX_LENGTHS.secret);
  const { hash } = value;
  const decodings = Array.isArray(decoding) ? decoding.slice(0, MAX_DECODINGS) : [];
  return {
    detector,
    channel: channel as Channel,
    place: shownText(value.place, MAX_LENGTHS.place) ?? '',
    decoding: decodings.flatMap((name) => shownText(name, MAX_LENGTHS.decoding) ?? []),
    offset: count(value.offset) ?? 0,
    homeHosts: [],
    ...(secret !== undefined && { secret }),
    ...(typeof hash === 'string' && ID.test(hash) && { hash }),
  };
}

/** At most `most` characters, printable ASCII alone: nothing that a terminal, a browser or a reader takes for something else. */
export function shownText(value: unknown, most: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const plain = value.slice(0, most + 1).replace(/[^\x20-\x7e]/g, '?');
  return plain.length > most ? `${plain.slice(0, Math.max(0, most - 3))}...` : plain;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= MAX_NUMBER ? value : undefined;
}

function isOneOf<T extends string>(value: unknown, options: readonly T[]): value is T {
  return options.includes(value as T);
}
