/**
 * Whether the objects of this thread are so many that work which is begun had better be finished, one after the other, before more
 * is begun: a block that is half judged can have some megabytes of them.
 */
import { getHeapStatistics } from 'node:v8';

/** Bytes of objects from which on it is, dead ones among them: which of those that were just made live on, nobody knows. */
export const FULL_HEAP: number = 64 * 1024 * 1024;
/** Part of what they may have, where that is more: there are few pods that have so much. */
export const FULL_SHARE = 0.25;

/** Bytes of this thread's objects, and how many are too many. Costs less than a microsecond. */
export function heapUse(): { used: number; full: number } {
  const { heap_size_limit: most, used_heap_size: used } = getHeapStatistics();
  return { used, full: Math.max(FULL_HEAP, FULL_SHARE * most) };
}

export function isFull(): boolean {
  const { full, used } = heapUse();
  return used > full;
}
