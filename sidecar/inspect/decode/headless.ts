/** Compressed data that nothing announces: raw deflate (RFC 1951) and brotli (RFC 7932). A text is what must come of it. */
import { CLASS, NO_TEXT } from '../scan/classes.ts';
import { type Compression, inflater } from './inflater.ts';

/** Compressed bytes that are tried. */
const TRIED = 2048;
/** Bytes among which one at least is no text: text is hardly ever the compression of another. */
const FIRST = 64;
/** Bytes that must come of it, and the share of them that may be no text. */
const LEAST_MADE = 16;
const MOST_NO_TEXT = 1 / 16;

/** How `bytes` were compressed, when what comes of them is text. */
export function unannounced(bytes: Buffer): Compression | undefined {
  if (noText(bytes.subarray(0, FIRST)) === 0) return undefined;
  for (const compression of ['deflate', 'brotli'] as const) {
    // The last of three block types is none (RFC 1951, 3.2.3).
    if (compression === 'deflate' && ((bytes[0] as number) & 6) === 6) continue;
    if (makesText(compression, bytes.subarray(0, TRIED))) return compression;
  }
  return undefined;
}

function makesText(compression: Compression, bytes: Buffer): boolean {
  const tried = inflater(compression);
  let made = 0;
  let strange = 0;
  tried.give(bytes);
  for (let text = tried.next(); text !== undefined; text = tried.next()) {
    made += text.length;
    strange += noText(text);
  }
  const isDamaged = tried.isDamaged;
  tried.close();
  if (isDamaged) return false;
  return made >= LEAST_MADE && strange <= MOST_NO_TEXT * made;
}

function noText(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (((CLASS[byte] as number) & NO_TEXT) !== 0) count++;
  return count;
}
