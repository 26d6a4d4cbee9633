/** Fills the block of fields before the WebAssembly is asked, and reads what it says there. */
import { block, FIELD, type Field } from './fields.ts';
import type { KnownFilter } from './filter.ts';
import { ALONE, type Literals } from './literals.ts';
import { heap } from './memory.ts';
import { decoded, digitValues, hits, keys, kinds, MOST_HITS, placeLiterals, starts, textClasses } from './places.ts';
import type { PlacedText } from './text.ts';

const {
  TEXT,
  LENGTH,
  MAPS,
  STRIDE,
  DIGITS,
  BELOW_TEXT,
  BELOW_MAPS,
  BELOW_STRIDE,
  KINDS,
  CLASSES,
  LITERALS,
  HITS,
  HITS_ROOM,
  STARTS,
  WORK,
  KEYS,
  OUT,
  MARKS,
  VALUES,
  KNOWN,
  BEGINS,
  TEXT_ID,
  HAS,
} = FIELD;

const first = block >> 2;

function put(field: Field, value: number): void {
  heap.words[first + (field >> 2)] = value;
}

/** What a field says, from 0 to 2 ** 32. */
export function said(field: Field): number {
  return heap.words[first + (field >> 2)] as number;
}

// What is always the same.
put(KINDS, kinds);
put(CLASSES, textClasses);
put(VALUES, digitValues);
put(HITS, hits);
put(HITS_ROOM, MOST_HITS);
put(KEYS, keys);
put(STARTS, starts);

/** The text that is asked about. */
export function describe(text: PlacedText): void {
  put(TEXT, text.bytes.at);
  put(LENGTH, text.length);
  put(MAPS, text.maps.at);
  put(STRIDE, text.stride);
  put(TEXT_ID, text.id);
  put(HAS, text.has);
}

/** The same, and where what is made of it goes: as much as there is of it has room. */
export function describeOutput(text: PlacedText): void {
  decoded.ensure(text.length);
  describe(text);
  put(OUT, decoded.at);
}

/** The text, where what is unescaped goes, and where its marks do. */
export function describeStretch(text: PlacedText, below: PlacedText, marks: number): void {
  describe(text);
  put(OUT, below.bytes.at);
  put(MARKS, marks);
}

/** The text, and where its digits go. */
export function describeDigits(text: PlacedText, digits: number): void {
  describe(text);
  put(DIGITS, digits);
}

/** Where decoded bytes are, and what is looked for there. */
export function describeSearch(below: PlacedText, literals: Literals, known: KnownFilter | undefined): void {
  known?.use();
  const table = placeLiterals(literals);
  put(BELOW_TEXT, below.bytes.at);
  put(BELOW_MAPS, below.maps.at);
  put(BELOW_STRIDE, below.stride);
  put(LITERALS, table);
  put(BEGINS, table + ALONE);
  put(WORK, 0);
  put(KNOWN, known === undefined ? 0 : 1);
}

/** Called with the number of bytes that were decoded. */
export type Work = (bytes: number) => void;
