/** Confirms literals that were found in a layer's text: a detector looks at what stands around one. */
import { dressesOf } from '../decode/dressed.ts';
import { CONFIRM_WORK, type Detector } from '../detectors/types.ts';
import { CLASS, WORD } from './classes.ts';
import type { Layer } from './layer.ts';
import { type SearchedText, show } from './shown.ts';
import type { DressedLiteral } from './table.ts';
import type { Found, Report, ScanContext } from './types.ts';

/** Confirms a literal that was found at `at`. */
export function confirm(
  layer: Layer,
  text: SearchedText,
  literal: number,
  at: number,
  part: { from: number; to: number } | undefined,
  context: ScanContext,
  report: Report,
): void {
  const { bytes } = text;
  const { table } = layer;
  if (literal >= table.firstDressed) {
    undress(layer, bytes, literal - table.firstDressed, at, context, report);
    return;
  }
  show(text, at, part);
  const { shown, from: start } = text;
  for (const detector of table.byLiteral[literal] ?? []) {
    context.budget.charge(workOf(detector, bytes, at));
    const match = table.confirm(detector, shown, at - start);
    if (match === undefined) continue;
    const value = bytes.subarray(start + match.start, start + match.end);
    report({ ...withHomes(detector, value, context), value }, start + match.start);
  }
}

/** Confirms a literal that was found in a dress. */
function undress(layer: Layer, bytes: Buffer, index: number, at: number, context: ScanContext, report: Report): void {
  const { dress, literal, detectors, isWord } = layer.table.dressed[index] as DressedLiteral;
  if (isWord && dress.mayTell?.(bytes, at) === false) return;
  if (dressesOf(layer).includes(dress.name)) return;
  const plain = dress.undress(bytes, at, literal, isWord);
  context.budget.charge(plain.text.length >> 3);
  for (const detector of detectors) {
    context.budget.charge(detector.reach ?? CONFIRM_WORK);
    const match = layer.table.confirm(detector, plain.text, plain.at);
    // By chance: machine code and compressed data have as many.
    if (match === undefined || match.weak === true) continue;
    const shift = at - plain.at;
    if (dress.isTelling?.(bytes.subarray(shift + match.start, shift + match.end)) === false) continue;
    const value = Buffer.from(plain.text.slice(match.start, match.end), 'latin1');
    report({ ...detector, value }, at, dress.name);
  }
}

/** A part of a known secret is at home where that is. */
function withHomes(detector: Detector, bytes: Buffer, { known }: ScanContext): Found {
  const homes = known === undefined || known.isEmpty ? [] : known.homesOf(bytes);
  return homes.length === 0
    ? detector
    : { name: detector.name, homeHosts: [...new Set([...detector.homeHosts, ...homes])] };
}

/** What `confirm` is about to read, about, for a literal at `at`. */
function workOf({ isWord, reach = CONFIRM_WORK }: Detector, bytes: Buffer, at: number): number {
  if (isWord !== true) return reach;
  // Source maps are full of what some tokens begin with; nothing is read beyond the word.
  const end = Math.min(bytes.length, at + reach);
  let behind = at;
  while (behind < end && ((CLASS[bytes[behind] as number] as number) & WORD) !== 0) behind++;
  return Math.min(reach, behind - at + LEAST_WORK);
}

/** Work that a literal is charged at least. */
const LEAST_WORK = 16;
