/**
 * The inner loops of the search, in AssemblyScript: compiled to WebAssembly with SIMD by compile.ts, and called by
 * what is beside this folder alone.
 *
 * Memory belongs to the caller: pointers and sizes are trusted, every text has 64 bytes of room behind it, and bits of the
 * bitmaps beyond a text are zero.
 */
export { survey } from './survey.asm';
export { nextRun, runEnd } from './bitmaps.asm';
export { copy, decode, decodeTogether } from './digits.asm';
export { nextLoudHex, takeHex } from './hex.asm';
export { isLoudBelow, loudAlignments } from './loud.asm';
export { nextLoud } from './runs.asm';
export { completeMaps } from './maps.asm';
export { nextNumbers, readNumbers } from './numbers.asm';
export { nextSoftBreak } from './breaks.asm';
export { joinForm, joinJson } from './joins.asm';
export { nextField } from './fields.asm';
export { knownHash, nextKnown, useKnown } from './known.asm';
export { isNoise } from './noise.asm';
export { escapeAt } from './escape.asm';
export { nextStretch, unescapeStretch } from './escapes.asm';
export { nextCapitals } from './capitals.asm';
export { nextDense } from './dense.asm';
export { nextPieces } from './pieces.asm';
export { nextSingleCase } from './letters.asm';
export { nextAlternating, nextSparse } from './sparse.asm';

/** Where the memory begins that is the caller's. */
export function owned(): usize {
  return __heap_base;
}
