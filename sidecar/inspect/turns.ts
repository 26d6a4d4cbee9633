/**
 * Long work in turns: everything that inspects shares the time of one turn of the event loop, so that other connections
 * get theirs however many messages are being judged.
 */

import { isFull } from './pressure.ts';

/** Milliseconds of work after which other connections get their turn. */
export const MAX_TURN_MS = 5;

/** Work that stops at each `yield` for as long as it is left. A piece between two takes a few milliseconds at most. */
export type Work<T> = Generator<void, T, void>;

interface Waiter {
  isBegun: boolean;
  goOn(): void;
}

/** Who waits for a turn; one a turn of the event loop is let go on. */
const waiting: Waiter[] = [];
/** When the first work of this turn began. */
let began: number | undefined;

function begin(): void {
  if (began !== undefined) return;
  began = performance.now();
  setImmediate(nextTurn);
}

function nextTurn(): void {
  began = undefined;
  const next = takeNext();
  if (next === undefined) return;
  began = performance.now();
  setImmediate(nextTurn);
  next.goOn();
}

function takeNext(): Waiter | undefined {
  const begun = mustFinish() ? waiting.findIndex(({ isBegun }) => isBegun) : 0;
  return waiting.splice(Math.max(0, begun), 1)[0];
}

/** What is begun is finished before anything else is gone on with. */
function mustFinish(): boolean {
  return waiting.length > 0 && isFull();
}

function turn(isBegun: boolean): Promise<void> {
  return new Promise((goOn) => {
    const waiter = { isBegun, goOn };
    if (isBegun && mustFinish()) waiting.unshift(waiter);
    else waiting.push(waiter);
    begin();
  });
}

/** What `work` returns; a promise of it when it takes more than what is left of this turn. */
export function inTurns<T>(work: Work<T>): T | Promise<T> {
  begin();
  // However short it is: many begin in one turn.
  if (isOver(2 * MAX_TURN_MS) || mustFinish()) return goOn(work, false);
  return run(work, () => waiting.length > 0 || isOver());
}

/** Steps of work that are done at once however long they take: so many are never much. */
export const LEAST_STEPS = 32;

/** The same with the time of two turns of its own to begin with: for what is hardly ever long. */
export function inOwnTurn<T>(work: Work<T>): T | Promise<T> {
  const start = performance.now();
  let steps = 0;
  return run(work, () => ++steps >= LEAST_STEPS && performance.now() - start >= 2 * MAX_TURN_MS);
}

function run<T>(work: Work<T>, isSpent: () => boolean): T | Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (isSpent()) return goOn(work, true);
  }
}

async function goOn<T>(work: Work<T>, isBegun: boolean): Promise<T> {
  for (let isLater = isBegun; ; isLater = true) {
    await turn(isLater);
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (!isOver());
  }
}

/** In a turn that was given: who else waits gets the next. */
function isOver(milliseconds: number = MAX_TURN_MS): boolean {
  return began === undefined || performance.now() - began >= milliseconds;
}

/** What `work` returns, however long it takes: for what is short by its nature. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
