/**
 * The block of fields, each a word, in which the WebAssembly is told of a text and of what is looked for, and says what it has to
 * say beside a number. Whoever uses fields takes them out of FIELD once: V8 has only a module's own constants in its code.
 */
import { reserve } from './memory.ts';

/** Bytes from the beginning of the block, as in assembly/block.asm.ts. */
export const FIELD = {
  TEXT: 0,
  LENGTH: 4,
  MAPS: 8,
  STRIDE: 12,
  DIGITS: 16,
  BELOW_TEXT: 20,
  BELOW_MAPS: 24,
  BELOW_STRIDE: 28,
  KINDS: 32,
  CLASSES: 36,
  LITERALS: 40,
  HITS: 44,
  HITS_ROOM: 48,
  STARTS: 52,
  WORK: 56,
  KEYS: 60,
  OUT_LENGTH: 64,
  OUT_LAST: 68,
  OUT_SAW: 72,
  OUT_MARKS: 76,
  OUT: 80,
  MARKS: 84,
  OUT_FIRST: 88,
  VALUES: 92,
  OUT_CODEC: 96,
  KNOWN: 100,
  BEGINS: 104,
  TEXT_ID: 108,
  HAS: 112,
} as const;

export type Field = (typeof FIELD)[keyof typeof FIELD];

export const block: number = reserve(4 * Object.keys(FIELD).length);
