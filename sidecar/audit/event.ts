import { randomBytes } from 'node:crypto';

/** An id that ties a refusal which the workload sees to its line in the log: 16 hex digits, random, so that it says nothing. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}

/** The time of an event: ISO 8601, UTC, milliseconds. */
export function timestamp(at: Date = new Date()): string {
  return at.toISOString();
}

/** Whole microseconds since `started` (of `performance.now()`), in milliseconds. */
export function elapsedMs(started: number, now: number = performance.now()): number {
  return Math.round((now - started) * 1000) / 1000;
}
