/** The detectors and their literals, compiled once. */
import { DETECTORS } from '../detectors/index.ts';
import type { Detector, Match } from '../detectors/types.ts';
import { compileLiterals, type Literals } from './simd/literals.ts';

export interface DetectorTable {
  /** The text is lower-cased before it comes here. */
  foldCase: boolean;
  literals: Literals;
  /** Detectors by literal number. */
  byLiteral: readonly (readonly Detector[])[];
  confirm(detector: Detector, text: string, at: number): Match | undefined;
}

export function compileTable(detectors: readonly Detector[], foldCase: boolean): DetectorTable {
  const byLiteral = new Map<string, Detector[]>();
  for (const detector of detectors) {
    for (const literal of detector.literals) {
      const key = foldCase ? literal.toLowerCase() : literal;
      const users = byLiteral.get(key) ?? [];
      if (!users.includes(detector)) users.push(detector);
      byLiteral.set(key, users);
    }
  }
  return {
    foldCase,
    literals: compileLiterals([...byLiteral.keys()]),
    byLiteral: [...byLiteral.values()],
    confirm: (detector, text, at) => detector.confirm(text, at, foldCase),
  };
}

export const EXACT_TABLE: DetectorTable = compileTable(DETECTORS, false);
/** For DNS names, whose case is not the sender's to keep. */
export const FOLDED_TABLE: DetectorTable = compileTable(DETECTORS, true);
