/** The detectors and their literals, compiled once. */
import { CONTAINERS } from '../decode/containers.ts';
import { type Beside, either, HEX_DIGITS, hasRow, LETTERS_AND_DIGITS, NOTHING_KNOWN } from '../detectors/beside.ts';
import { DETECTORS } from '../detectors/index.ts';
import type { Detector, Match } from '../detectors/types.ts';
import { DRESSES, type Dress, isDressed } from './dressed.ts';
import { isStrange } from './simd/dull.ts';
import { compileLiterals, type Literals } from './simd/literals.ts';
import { shared } from './simd/shared.ts';

export interface DetectorTable {
  /** The text is lower-cased before it comes here. */
  foldCase: boolean;
  literals: Literals;
  /** Literals from this number on are what compressed data begins with, in the order of CONTAINERS. */
  firstMagic: number;
  /** From this number on literals in a dress. */
  firstDressed: number;
  dressed: readonly DressedLiteral[];
  /** Detectors by literal number. */
  byLiteral: readonly (readonly Detector[])[];
  confirm(detector: Detector, text: string, at: number): Match | undefined;
}

/** A literal as it is and the dress it is looked for in. */
export interface DressedLiteral {
  dress: Dress;
  literal: string;
  detectors: readonly Detector[];
  /** None of them reads beyond the word. */
  isWord: boolean;
}

function compileTable(detectors: readonly Detector[], foldCase: boolean): DetectorTable {
  const byLiteral = new Map<string, Detector[]>();
  for (const detector of detectors) {
    for (const literal of detector.literals) {
      const key = foldCase ? literal.toLowerCase() : literal;
      const users = byLiteral.get(key) ?? [];
      if (!users.includes(detector)) users.push(detector);
      byLiteral.set(key, users);
    }
  }
  // A name has no room for either.
  const magics = foldCase ? [] : CONTAINERS.map(({ magic }) => magic);
  const dressed = foldCase
    ? []
    : DRESSES.flatMap((dress) =>
        [...byLiteral]
          .filter(([literal]) => isDressed(literal, dress) && dress.literal?.(literal) !== literal)
          .map(([literal, detectors]) => {
            const isWord = detectors.every((detector) => detector.isWord === true);
            return { dress, literal, detectors, isWord };
          }),
      );
  const changed = dressed.flatMap(({ dress, literal }) => dress.literal?.(literal) ?? []);
  const xored = dressed.filter(({ dress }) => dress.literal === undefined).map(({ literal }) => literal);
  const kinds = [...byLiteral.keys(), ...magics];
  const besideOf = (number: number): Beside | undefined => {
    const found = dressed[number - kinds.length];
    if (found !== undefined) return besideDressed(besideAll(found.detectors, found.literal), found.dress);
    const literal = kinds[number] as string;
    return number < byLiteral.size ? besideAll(byLiteral.get(literal) ?? [], literal) : undefined;
  };
  const table = shared(foldCase ? 'weir literals, folded' : 'weir literals', () => {
    const strange = [...[...byLiteral.keys()].filter(isStrange), ...magics];
    return compileLiterals([...kinds, ...changed], xored, strange, foldCase ? undefined : besideOf).table;
  });
  return {
    foldCase,
    literals: { table },
    firstMagic: byLiteral.size,
    firstDressed: byLiteral.size + magics.length,
    dressed,
    byLiteral: [...byLiteral.values()],
    confirm: (detector, text, at) => {
      const match = detector.confirm(text, at, foldCase);
      if (match === undefined || detector.alone === true) return match;
      return hasRow(text, Math.min(at, match.start), match.end) ? match : undefined;
    },
  };
}

function besideAll(detectors: readonly Detector[], literal: string): Beside {
  return either(detectors.map(({ beside }) => beside?.(literal) ?? NOTHING_KNOWN));
}

/** Backwards both are the other way round; shifted by thirteen letters, digits of hex are any letters. */
function besideDressed({ before, behind }: Beside, dress: Dress): Beside {
  if (dress.name === 'reversed') return { before: behind, behind: before };
  if (dress.name !== 'rot13') return { before, behind };
  const shifted = (row: Beside['before']) => (row.set === HEX_DIGITS ? { ...row, set: LETTERS_AND_DIGITS } : row);
  return { before: shifted(before), behind: shifted(behind) };
}

export const EXACT_TABLE: DetectorTable = compileTable(DETECTORS, false);
/** For DNS names, whose case is not the sender's to keep. */
export const FOLDED_TABLE: DetectorTable = compileTable(DETECTORS, true);
