/** Path segments, one of each class that a set of segment patterns tells apart. Pure. */
import type { SegmentGlob } from '../../crds/globs.ts';
import type { Steps } from './steps.ts';

/** Most states that the search goes through. */
export const MAX_SEGMENT_STATES = 4096;

export interface Segments {
  /** A segment of each class, one that no pattern names first. */
  segments: string[];
  /** A character that no pattern names. */
  fresh: string;
  complete: boolean;
}

/** Literal text between stars; a star stands for any characters. */
interface Pieces {
  pieces: string[];
  /** A star alone: at least one character. */
  notEmpty: boolean;
}

/**
 * Exact patterns stand for themselves. For those with stars, the sets of patterns that one text can match are found by
 * running all of them at once over every text (a product of automata, breadth first), with the characters that they name
 * and one that none does: what a star lets through, it lets through whatever it is.
 */
export function segmentClasses(patterns: readonly SegmentGlob[], steps: Steps): Segments {
  const exact = patterns.flatMap((pattern) => (pattern.kind === 'exact' ? [pattern.text] : []));
  const starred = patterns.flatMap((pattern): Pieces[] => {
    if (pattern.kind === 'any') return [{ pieces: ['', ''], notEmpty: true }];
    if (pattern.kind === 'exact') return [];
    return [{ pieces: [pattern.prefix, ...pattern.middles, pattern.suffix], notEmpty: false }];
  });
  const literal = [...exact, ...starred.flatMap(({ pieces }) => pieces)].join('');
  const fresh = freshCharacter(literal);
  const alphabet = [fresh, ...new Set(starred.flatMap(({ pieces }) => [...pieces.join('')]))];
  const found = new Map<string, string>();
  const seen = new Set<string>();
  // Each pattern's automaton is in a set of (piece, characters of it read).
  let level: { text: string; states: Set<string>[]; isFresh: boolean }[] = [
    { text: '', states: starred.map((pattern) => closure(pattern, ['0:0'])), isFresh: false },
  ];
  let complete = true;
  while (level.length > 0) {
    const next: typeof level = [];
    for (const { text, states, isFresh } of level) {
      const key = `${isFresh}|${states.map((set) => [...set].sort().join(' ')).join('|')}`;
      if (seen.has(key)) continue;
      if (seen.size >= MAX_SEGMENT_STATES || !steps.take(alphabet.length * starred.length)) {
        complete = false;
        break;
      }
      seen.add(key);
      const matched = starred.map((pattern, i) => accepts(pattern, states[i] as Set<string>, text)).join();
      const signature = `${isFresh} ${text === ''} ${matched}`;
      if (!found.has(signature)) found.set(signature, text);
      for (const character of alphabet) {
        next.push({
          text: text + character,
          states: starred.map((pattern, i) => step(pattern, states[i] as Set<string>, character)),
          isFresh: isFresh || character === fresh,
        });
      }
    }
    level = next;
  }
  return { segments: [...new Set([fresh, ...exact, ...found.values(), ''])], fresh, complete };
}

function freshCharacter(used: string): string {
  const letters = [...'xyzqwvkjhgfdsapoiutrelmnbc0123456789'];
  return letters.find((letter) => !used.includes(letter)) ?? '\u00f8';
}

function step(pattern: Pieces, states: Set<string>, character: string): Set<string> {
  const next: string[] = [];
  for (const state of states) {
    const [piece = 0, read = 0] = state.split(':').map(Number);
    const text = pattern.pieces[piece] ?? '';
    // Before any character of a later piece is read, the star in front of it may take one more.
    if (read === 0 && piece > 0) next.push(state);
    if (text[read] === character) next.push(`${piece}:${read + 1}`);
  }
  return closure(pattern, next);
}

/** A piece that was read whole goes on to the next, whose star stands for nothing so far. */
function closure({ pieces }: Pieces, states: readonly string[]): Set<string> {
  const all = new Set<string>();
  const queue = [...states];
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    if (all.has(state)) continue;
    all.add(state);
    const [piece = 0, read = 0] = state.split(':').map(Number);
    if (piece < pieces.length - 1 && read === (pieces[piece] ?? '').length) queue.push(`${piece + 1}:0`);
  }
  return all;
}

function accepts({ pieces, notEmpty }: Pieces, states: Set<string>, text: string): boolean {
  const last = pieces.length - 1;
  return states.has(`${last}:${(pieces[last] ?? '').length}`) && !(notEmpty && text === '');
}
