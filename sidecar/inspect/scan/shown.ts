/** What detectors are shown of a text that is being searched: strings are dear, so as little of it as they may look at. */
import { LOOK_AHEAD, LOOK_BEHIND } from '../detectors/types.ts';

/** Bytes that are made a string beyond what a detector may look at: the next literal is hardly ever far. */
const TEXT_AHEAD = 1024;

export interface SearchedText {
  readonly bytes: Buffer;
  /** In latin1, what of them was shown last. */
  shown: string;
  from: number;
  to: number;
}

export function searched(bytes: Buffer): SearchedText {
  return { bytes, shown: '', from: 0, to: -1 };
}

/** Makes `text` show what a detector may look at for a literal at `at`, and no more than `part`. */
export function show(
  text: SearchedText,
  at: number,
  part: { from: number; to: number } = { from: 0, to: text.bytes.length },
): void {
  const from = Math.max(part.from, at - LOOK_BEHIND);
  const to = Math.min(part.to, at + LOOK_AHEAD);
  if (from >= text.from && to <= text.to && text.from >= part.from && text.to <= part.to) return;
  text.from = from;
  text.to = Math.min(part.to, to + TEXT_AHEAD);
  text.shown = text.bytes.toString('latin1', text.from, text.to);
}
