/** Tables and room in the WebAssembly's memory that all texts share: a search is synchronous. */
import { DIGIT_VALUES } from '../../decode/alphabets.ts';
import { CLASS } from '../classes.ts';
import { type Literals, MAX_CHAIN } from './literals.ts';
import { Area, heap, place, reserve } from './memory.ts';
import { TEXT_CLASSES } from './nibbles.ts';

export const kinds: number = place(CLASS);
export const textClasses: number = place(TEXT_CLASSES);
export const digitValues: number = place(DIGIT_VALUES);

/** Hits of one call: so many that 64 places, a block, have room, plain and XORed, even when there are half as many already. */
export const MOST_HITS: number = 4 * 64 * MAX_CHAIN;
export const hits: number = reserve(8 + 8 * MOST_HITS);
/** Where the alignments of a run begin. */
export const starts: number = reserve(4 * 9);
/** Where `survey` works. */
export const keys: number = reserve(64 + 2 * (4 * 3 * 4096 + 64));

/** What is decoded until it is copied. */
export const decoded: Area = new Area();

/** A copy of the first `length` bytes that were decoded. */
export function copyDecoded(length: number): Buffer {
  return Buffer.from(heap.bytes.subarray(decoded.at, decoded.at + length));
}

/** Where compiled literals are. */
export function placeLiterals(literals: Literals): number {
  literals.address ??= place(literals.table);
  return literals.address;
}
