/** The first engine behind the Inspector seam. */
import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';
import { FieldSearch } from './fields.ts';
import type { Watched } from './findings.ts';
import { createFingerprint, newKey } from './fingerprint.ts';
import type { SecretInspector } from './inspector.ts';
import { ScatteredWords } from './known/scattered.ts';
import { SentPieces } from './known/sent.ts';
import { KnownSet } from './known/set.ts';
import { type Engine, Message } from './message.ts';
import { ShortPieces } from './opaque/short.ts';
import { PatternSet } from './patterns/set.ts';
import { MIN_THREAD_BYTES, THREAD_IDLE_MS, THREAD_LIMITS } from './thread/bounds.ts';
import { JudgeThread } from './thread/thread.ts';

export type {
  Inspector,
  InspectSession,
  KnownSecret,
  KnownSecretsReport,
  MessageContext,
  MessageInspection,
  SecretInspector,
  Step,
} from './inspector.ts';
export type { PatternsReport } from './patterns/set.ts';

/** Bytes of a body that are held whole before any is released; also the unit in which bodies are searched. */
export const BLOCK_SIZE: number = 64 * 1024;

export interface InspectorOptions {
  /** Default BLOCK_SIZE. The verdict does not depend on it. */
  blockSize?: number;
  /** Of fingerprints. Default: one of its own, which nothing else has. */
  key?: Uint8Array;
  /**
   * Bytes from which on a plain body that says so is judged on another thread. Default: MIN_THREAD_BYTES, and never where there is
   * one core. The verdict does not depend on it.
   */
  threadFrom?: number;
  /** Of that thread; default THREAD_LIMITS and THREAD_IDLE_MS. */
  limits?: ResourceLimits;
  idleMs?: number;
}

/** An inspector. Sessions may run side by side. */
export function createInspector(options: InspectorOptions = {}): SecretInspector {
  const { blockSize = BLOCK_SIZE, idleMs = THREAD_IDLE_MS, limits = THREAD_LIMITS } = options;
  const key = options.key ?? newKey();
  const threadFrom = options.threadFrom ?? (availableParallelism() > 1 ? MIN_THREAD_BYTES : Number.POSITIVE_INFINITY);
  const known = new KnownSet();
  const patterns = new PatternSet();
  const watched: Watched = { known, patterns, fingerprint: createFingerprint(key) };
  const fields = new FieldSearch(watched);
  const thread = new JudgeThread({ blockSize, watched: { known, patterns }, key, limits, idleMs });
  const engine: Engine = { fields, blockSize, watched, thread, threadFrom };
  return {
    session: () => {
      const state = { sent: new SentPieces(), short: new ShortPieces(), scattered: new ScatteredWords() };
      return { open: (context) => new Message(context, engine, state) };
    },
    measureOpaque: (measures) => {
      watched.measures = measures;
    },
    setPatterns(rules) {
      const report = patterns.replace(rules);
      thread.patternsChanged();
      return report;
    },
    setKnownSecrets(secrets, minLength) {
      const report = known.replace(secrets, minLength);
      thread.knownChanged();
      return report;
    },
    async replaceKnownSecrets(secrets, minLength) {
      const report = await known.replaceInSlices(secrets, minLength);
      thread.knownChanged();
      return report;
    },
    thread: () => thread.stats,
    close: () => thread.close(),
  };
}
