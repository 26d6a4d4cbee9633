/** The first engine behind the Inspector seam. */
import { FieldSearch } from './fields.ts';
import type { Watched } from './findings.ts';
import { createFingerprint, type Fingerprint } from './fingerprint.ts';
import type { SecretInspector } from './inspector.ts';
import { ScatteredWords } from './known/scattered.ts';
import { SentPieces } from './known/sent.ts';
import { KnownSet } from './known/set.ts';
import { Message } from './message.ts';
import { ShortPieces } from './opaque/short.ts';
import { PatternSet } from './patterns/set.ts';

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
  /** Default: one of its own, which nothing else has. */
  fingerprint?: Fingerprint;
}

/** An inspector. Sessions may run side by side. */
export function createInspector(options: InspectorOptions = {}): SecretInspector {
  const blockSize = options.blockSize ?? BLOCK_SIZE;
  const known = new KnownSet();
  const patterns = new PatternSet();
  const watched: Watched = { known, patterns, fingerprint: options.fingerprint ?? createFingerprint() };
  const fields = new FieldSearch(watched);
  return {
    session: () => {
      const state = { sent: new SentPieces(), short: new ShortPieces(), scattered: new ScatteredWords() };
      return { open: (context) => new Message(context, fields, blockSize, watched, state) };
    },
    measureOpaque: (measures) => {
      watched.measures = measures;
    },
    setPatterns: (rules) => patterns.replace(rules),
    setKnownSecrets: (secrets, minLength) => known.replace(secrets, minLength),
    replaceKnownSecrets: (secrets, minLength) => known.replaceInSlices(secrets, minLength),
  };
}
