/**
 * Small texts read backwards and shifted by thirteen letters, whole, so that what was encoded before is decoded; and small
 * bytes XORed with what makes them text. In larger ones only literals are looked for that way (scan/dressed.ts).
 */
import { BASE64, CLASS, NO_TEXT } from '../scan/classes.ts';
import { rotated } from '../scan/dressed.ts';
import { type Layer, MAX_DEPTH } from '../scan/layer.ts';
import type { RunScanner } from '../scan/types.ts';

/** Bytes of a text that is read so: for each it is searched up to three times more. */
export const MAX_DRESSED = 4096;
/** Bytes of a message in which they are read so. */
export const MAX_DRESSED_MESSAGE = 16 * 1024;
/** The shortest secret. */
const MIN_DRESSED = 20;

export const REVERSED = 'reversed';
export const ROT13 = 'rot13';
export const XOR = 'xor';

/** Work that a layer of its own is, beside that for its bytes. */
const LAYER_WORK = 256;

/** Bytes that are tried at most, those that make most letters and digits. */
const MOST_KEYS = 4;

export class DressScanner implements RunScanner {
  private readonly layer: Layer;
  private from = 0;
  private to = 0;
  private isStream = false;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  restart(): void {
    // A stream of which the last bytes are looked at again and again is no small text.
    if (this.layer.depth === 0) this.isStream = true;
  }

  needed(): number {
    return Number.POSITIVE_INFINITY;
  }

  decided(): number {
    return Number.POSITIVE_INFINITY;
  }

  scan(bytes: Buffer, base: number, final: boolean): void {
    if (!final || base !== 0 || this.isStream || this.layer.messageBytes > MAX_DRESSED_MESSAGE) return;
    const begins = this.layer.begins();
    const worn = dressesOf(this.layer);
    if (this.layer.depth - worn.length >= MAX_DEPTH) return;
    const isTurned = this.layer.decoder === ROT13;
    for (const [index, from] of begins.entries()) {
      const next = begins[index + 1] ?? bytes.length;
      const to = textEnd(bytes, from, Math.min(next, from + MAX_DRESSED + 1));
      // What follows its text is the next one, behind NULs.
      if (to < next && begins.length === 1 && !worn.includes(XOR)) {
        this.unxor(bytes);
        return;
      }
      if (to - from < MIN_DRESSED || to - from > MAX_DRESSED || !isBlank(bytes, to, next)) continue;
      if (!isDrawn(bytes, from, to)) continue;
      this.from = from;
      this.to = to;
      const text = Buffer.from(bytes.subarray(from, to));
      // Each of the two may stand in the other, in one order.
      if (!worn.includes(ROT13)) this.read(rotated(text), ROT13);
      if (!isTurned && !worn.includes(REVERSED)) this.read(Buffer.from(text).reverse(), REVERSED);
    }
  }

  private read(text: Buffer, decoder: string): void {
    const { from, to } = this;
    // Backwards, where a secret begins depends on how long it is: its place is that of its last byte, or before it.
    const outerOffset = (offset: number) => (decoder === REVERSED ? Math.max(from, to - 1 - offset) : from + offset);
    this.layer.context.budget.charge(LAYER_WORK);
    this.layer.below({ layer: this.layer, decoder, outerOffset }).end(text);
  }

  private unxor(bytes: Buffer): void {
    if (bytes.length < MIN_DRESSED || bytes.length > MAX_DRESSED) return;
    this.from = 0;
    this.to = bytes.length;
    const keys: { key: number; score: number }[] = [];
    for (let key = 1; key < 256; key++) {
      const score = scoreOf(bytes, key);
      if (score >= 0) keys.push({ key, score });
    }
    keys.sort((a, b) => b.score - a.score);
    for (const { key } of keys.slice(0, MOST_KEYS)) this.read(Buffer.from(bytes.map((byte) => byte ^ key)), XOR);
  }
}

/** The dresses that were taken off on the way to a layer: each is once, and they do not count as encodings. */
export function dressesOf(layer: Layer): string[] {
  const worn: string[] = [];
  for (let at: Layer | undefined = layer; at !== undefined; at = at.above) {
    const { decoder } = at;
    if (decoder === REVERSED || decoder === ROT13 || decoder === XOR) worn.push(decoder);
  }
  return worn;
}

/** Letters and digits among bytes that are XORed with `key`; -1 when they are no text. */
function scoreOf(bytes: Buffer, key: number): number {
  let score = 0;
  for (const byte of bytes) {
    const kind = CLASS[byte ^ key] as number;
    if ((kind & NO_TEXT) !== 0) return -1;
    score += kind & BASE64;
  }
  return score;
}

/** Bytes of a half of a window, and how many of a window are digits or capitals in what is encoded; words have fewer. */
const STEP = 16;
const LEAST_DRAWN = 8;
const DRAWN = Uint8Array.from({ length: 256 }, (_, byte) => (/[0-9A-Z]/.test(String.fromCharCode(byte)) ? 1 : 0));

/** Whether something in a text may be encoded, or drawn. */
function isDrawn(bytes: Buffer, from: number, to: number): boolean {
  let before = 0;
  for (let at = from; at < to; at += STEP) {
    let count = 0;
    for (let i = at; i < Math.min(at + STEP, to); i++) count += DRAWN[bytes[i] as number] as number;
    if (count + before >= LEAST_DRAWN) return true;
    before = count;
  }
  return false;
}

function textEnd(bytes: Buffer, from: number, limit: number): number {
  let at = from;
  while (at < limit && ((CLASS[bytes[at] as number] as number) & NO_TEXT) === 0) at++;
  return at;
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}
