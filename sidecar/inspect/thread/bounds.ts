/** Bounds of the thread that judges large bodies. */
import type { ResourceLimits } from 'node:worker_threads';

/** Bytes from which on a plain body that says how long it is is judged there: less is judged before the thread has started. */
export const MIN_THREAD_BYTES: number = 4 * 1024 * 1024;
/** Bytes of a body that may be on their way there: then its sender waits. */
export const MAX_UNDER_WAY: number = 2048 * 1024;
/** Bodies there at a time, those that were given up and not let go of yet among them: one more is refused. Each has MAX_UNDER_WAY bytes. */
export const MAX_RINGS = 32;
/**
 * Bytes that decompressors of all of them may hold at once: what one holds is known to the thread that carries it, and counted there,
 * only when more of the body comes.
 */
export const MAX_THREAD_DECODER_MEMORY: number = 64 * 1024 * 1024;
/** Milliseconds without such a body after which the thread ends. */
export const THREAD_IDLE_MS: number = 60 * 1000;
/** MiB of objects (buffers are not among them) that it may have; beyond, it ends. With fewer young ones its start takes half as long again. */
export const THREAD_LIMITS = {
  maxOldGenerationSizeMb: 96,
  maxYoungGenerationSizeMb: 16,
} satisfies ResourceLimits;
/** The same in bytes. Young ones are few beside it. */
export const MAX_THREAD_HEAP: number = THREAD_LIMITS.maxOldGenerationSizeMb * 1024 * 1024;
/** Times within so many milliseconds that it may end by itself: then what needs it is refused until that is over. */
export const MAX_THREAD_FAILURES = 8;
export const THREAD_FAILURES_MS: number = 60 * 1000;
