/**
 * What was sent to a host in short pieces: a secret may be sent a piece in each request. Of a value only what is new is
 * kept, without what it has in common with the one before it at the same place (`{"d":"` and `"}`). Bounded.
 */
import type { Channel, Finding } from '../../../crds/runtime.ts';
import { unescaped } from './unescaped.ts';

/** Places of one host that are told apart; what is new in all of them is followed in any case. */
export const MAX_PLACES = 32;
/** Characters of a value that is compared with the next. */
export const MAX_SENT_VALUE = 512;
/** Characters of a piece; longer ones are judged by themselves. */
export const MAX_SENT_PIECE = 64;
/** Characters of the pieces before that are kept: twelve bytes of a secret, however they are written. */
export const MAX_SENT_TAIL = 256;

/** A value of a message and where it stands. In latin1. */
export interface SentValue {
  channel: Channel;
  place: string;
  text: string;
}

/** Pieces in the order in which they were sent, oldest first; the last ones are about to be. Channel and place are those of the last. */
export interface Stream {
  key: string;
  channel: Channel;
  place: string;
  pieces: readonly string[];
  /** How many of them are about to be sent. */
  fresh: number;
  /** What was found in it before: whatever goes on is more of it. */
  spent: Finding | undefined;
}

interface Place {
  value: string;
  /** Of the first it cannot be known what was new. */
  isFirst: boolean;
}

interface Kept {
  pieces: readonly string[];
  spent: Finding | undefined;
}

/** A message that is about to be sent: the streams that it goes on with. */
export interface Draft {
  streams: readonly Stream[];
  /** It is sent. */
  keep(): void;
  /** Some of a secret was found in the stream: nothing more goes on in it. */
  spend(stream: Stream, found: Finding): void;
}

/** The stream of what is new in any place. */
const ALL = '';
const EMPTY: Kept = { pieces: [], spent: undefined };

export class SentPieces {
  readonly #places = new Map<string, Place>();
  readonly #kept = new Map<string, Kept>();

  draft(values: readonly SentValue[]): Draft {
    const places = new Map<string, Place>();
    const streams = new Map<string, { channel: Channel; place: string; pieces: string[] }>();
    const add = (key: string, { channel, place }: SentValue, piece: string): void => {
      const stream = streams.get(key);
      streams.set(key, { channel, place, pieces: [...(stream?.pieces ?? []), piece] });
    };
    for (const value of values) {
      const { text } = value;
      if (text === '' || text.length > MAX_SENT_VALUE) continue;
      const key = `${value.channel} ${value.place}`;
      const before = places.get(key) ?? this.#places.get(key);
      if (before?.value === text) continue;
      const isFollowed = before !== undefined || this.#places.size + places.size < MAX_PLACES;
      if (isFollowed) places.set(key, { value: text, isFirst: before === undefined });
      for (const piece of newIn(text, before)) {
        const compact = piece.replaceAll(NO_DIGIT, '');
        if (compact === '' || piece.length > MAX_SENT_PIECE) continue;
        add(ALL, value, compact);
        if (!isFollowed) continue;
        add(key, value, compact);
        const word = longestWord(piece);
        if (word.length < compact.length) add(`${key} word`, value, word);
      }
    }
    const goingOn = [...streams].map(([key, { pieces, ...at }]): Stream => {
      const kept = this.#kept.get(key) ?? EMPTY;
      return { key, ...at, pieces: [...kept.pieces, ...pieces], fresh: pieces.length, spent: kept.spent };
    });
    return {
      streams: goingOn,
      keep: () => {
        for (const [key, { isFirst, value }] of places) this.#places.set(key, { isFirst, value: copied(value) });
        for (const { key, pieces, spent } of goingOn) this.#kept.set(key, { pieces: tailOf(pieces), spent });
      },
      spend: ({ key }, found) => {
        this.#kept.set(key, { pieces: this.#kept.get(key)?.pieces ?? [], spent: found });
      },
    };
  }
}

/** The values of a field whose pieces may be sent apart: segments of a path, parameters, the value of a header. */
export function sentValues(channel: Channel, name: string, text: string): SentValue[] {
  switch (channel) {
    case 'http.path':
      if (!text.startsWith('/')) return [];
      return text
        .slice(1)
        .split('/')
        .map((segment, i) => ({ channel, place: `segment ${i + 1}`, text: unescaped(segment) }));
    case 'http.query':
      if (name !== 'query') return [];
      return text.split(/[&;]/).map((part, i) => {
        const at = part.indexOf('=') + 1;
        return { channel, place: `parameter ${i + 1}`, text: unescaped(part.slice(at)) };
      });
    case 'http.header':
      return text.includes('\n') ? [] : [{ channel, place: name.slice(0, MAX_SENT_PIECE), text }];
    case 'dns.name':
    case 'websocket.message':
      return [{ channel, place: name, text }];
    default:
      return [];
  }
}

/** What no encoding of text writes. */
const NO_DIGIT = /[^A-Za-z0-9+/=_-]/g;

/** What of a value is new, after the one before it; with what turns out to have been new in that. */
function newIn(text: string, before: Place | undefined): string[] {
  if (before === undefined) return [text];
  const [from, to] = affixes(before.value, text);
  const fresh = (of: string): string => of.slice(from, of.length - to);
  return before.isFirst && from + to > 0 ? [fresh(before.value), fresh(text)] : [fresh(text)];
}

/** The last pieces of MAX_SENT_TAIL characters in all. */
function tailOf(pieces: readonly string[]): string[] {
  let size = 0;
  let from = pieces.length;
  while (from > 0 && size + (pieces[from - 1] as string).length <= MAX_SENT_TAIL) {
    size += (pieces[--from] as string).length;
  }
  return pieces.slice(from).map(copied);
}

/** Characters that two values begin and end with alike, as far as whole words go. */
function affixes(before: string, text: string): [from: number, to: number] {
  const most = Math.min(before.length, text.length);
  let from = 0;
  let word = 0;
  for (; from < most && before[from] === text[from]; from++) if (isSeparator(text[from])) word = from + 1;
  from = word;
  let to = 0;
  word = 0;
  for (; to < most - from && before.at(-1 - to) === text.at(-1 - to); to++)
    if (isSeparator(text.at(-1 - to))) word = to + 1;
  return [from, word];
}

function isSeparator(character: string | undefined): boolean {
  return character === undefined || !/[A-Za-z0-9]/.test(character);
}

/** The last of the longest ones. */
function longestWord(text: string): string {
  let longest = '';
  for (const [word] of text.matchAll(/[A-Za-z0-9+/=]+/g)) if (word.length >= longest.length) longest = word;
  return longest;
}

/** In memory of its own: a part of a text would keep all of it. */
function copied(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
