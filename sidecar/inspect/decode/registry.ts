/** All decoders that work on runs of text. Adding one is adding a line here. */
import { type Layer, MAX_DEPTH } from '../scan/layer.ts';
import type { RunScanner } from '../scan/types.ts';
import { base32Scanner } from './base32.ts';
import { base64Scanner } from './base64.ts';
import { CompressedScanner } from './compressed.ts';
import { DenseScanner } from './dense.ts';
import { DepthGuard } from './depth-guard.ts';
import { DressScanner, dressesOf } from './dressed.ts';
import { FORM, FormScanner } from './form.ts';
import { HexScanner } from './hex.ts';
import { JOINED, JoinScanner } from './joined.ts';
import { NumberScanner } from './numbers.ts';
import { PieceScanner } from './pieces.ts';
import { SparseScanner } from './sparse.ts';
import { StructureScanner } from './structured.ts';
import { MAX_FORMS, UnescapeScanner } from './unescape.ts';
import { Utf16Scanner } from './utf16.ts';

/** Structures are looked into down to this depth: a body, and what a compression or one encoding makes of it. */
const MAX_JOIN_DEPTH = 1;

/** The scanners of a new layer. `isName`: it is a DNS name; `isForm`: it is what a form sends; `isEncoded`: what a content encoding made. */
export function scannersFor(layer: Layer, isName: boolean, isForm: boolean, isEncoded: boolean): readonly RunScanner[] {
  const dresses = dressesOf(layer).length;
  if (layer.depth > MAX_DEPTH) {
    // What a dress makes is text whether it was meant or not.
    if (dresses === 0) return [new DepthGuard()];
    if (layer.depth - dresses > MAX_DEPTH) return [];
  }
  const isStructured = layer.depth <= MAX_JOIN_DEPTH && dresses === 0 && layer.decoder !== JOINED;
  // Base32 is what DNS names carry. Its alphabet is in every word, so elsewhere it would be all text.
  if (isName) return [base32Scanner(layer), new HexScanner(layer)];
  return [
    // Before hex, of which `%` may be a delimiter.
    new UnescapeScanner(layer, { form: false, plusOpens: false, times: 0 }),
    base64Scanner(layer),
    new HexScanner(layer),
    new NumberScanner(layer),
    new UnescapeScanner(layer, { form: true, plusOpens: isForm, times: 0 }),
    new UnescapeScanner(layer, { form: true, plusOpens: false, times: 1 }),
    new UnescapeScanner(layer, { form: true, plusOpens: false, times: MAX_FORMS }),
    new UnescapeScanner(layer, { form: false, plusOpens: false, times: 0, folds: true }),
    ...(isForm || layer.decoder === FORM ? [] : [new FormScanner(layer)]),
    new Utf16Scanner(layer),
    new SparseScanner(layer),
    new DenseScanner(layer, 'nextDense'),
    new DenseScanner(layer, 'nextSingleCase'),
    new DenseScanner(layer, 'nextCapitals'),
    new PieceScanner(layer),
    ...(isStructured && (isForm || !layer.isCut) ? [new JoinScanner(layer, isForm)] : []),
    ...(layer.depth === 0 ? [new JoinScanner(layer, false, true)] : []),
    ...(isStructured ? [new StructureScanner(layer)] : []),
    ...(isEncoded ? [] : [new CompressedScanner(layer)]),
    // Last: what is found without is told without.
    ...(layer.decoder === JOINED ? [] : [new DressScanner(layer)]),
  ];
}
