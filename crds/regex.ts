/**
 * What a regular expression says of its matches without being run: texts of which each holds one, and how long they are. Reads
 * the syntax of RE2 (https://github.com/google/re2/wiki/Syntax) that its engine accepted before. Pure.
 */

/** Texts that a part may stand for; beyond that only parts of it are looked at. */
const MAX_TEXTS = 16;
/** Characters of a text that is searched for: longer ones are cut. */
export const MAX_LITERAL = 24;

/** A set of texts, one of which is in every match, in lower case. */
export interface Required {
  texts: readonly string[];
  /** Characters of the match before it, at most. */
  before: number;
}

export interface Shape {
  /** All texts that it matches, in lower case, when they are few. */
  exact: readonly string[] | undefined;
  required: Required | undefined;
  min: number;
  /** Infinity: no bound. */
  max: number;
  /** Characters after which it is known whether it matches: without what may be longer at the end. */
  decided: number;
  /** An assertion about what stands around it: a match is not decided without. */
  isAssertion?: boolean;
}

/** What cannot be searched for within a text. */
export class Unsearchable extends Error {
  readonly fix: string;
  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

const EMPTY: Shape = { exact: [''], required: undefined, min: 0, max: 0, decided: 0 };
const BYTE: Shape = { exact: undefined, required: undefined, min: 1, max: 1, decided: 1 };
const ASSERTION: Shape = { ...EMPTY, isAssertion: true };

const ESCAPED: Record<string, string> = { a: '\x07', f: '\f', t: '\t', n: '\n', r: '\r', v: '\v' };

/** @throws Unsearchable */
export function shapeOf(regex: string): Shape {
  return new Reader(regex).read();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Shape {
    return this.#alternation();
  }

  #alternation(): Shape {
    const branches = [this.#concatenation()];
    while (this.#take('|')) branches.push(this.#concatenation());
    return branches.length === 1 ? (branches[0] as Shape) : anyOf(branches);
  }

  #concatenation(): Shape {
    const parts: Shape[] = [];
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')') {
      parts.push(...this.#quoted(), ...this.#repeated());
    }
    return inRow(parts);
  }

  /** `\Q…\E` */
  #quoted(): Shape[] {
    if (!this.#take('\\Q')) return [];
    const end = this.#text.indexOf('\\E', this.#at);
    const text = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 2;
    // What follows may repeat its last character.
    const characters = [...text].map(character);
    const last = characters.pop();
    return last === undefined ? [] : [...characters, this.#times(last)];
  }

  #repeated(): Shape[] {
    if (this.#at >= this.#text.length || /[|)]/.test(this.#text[this.#at] as string)) return [];
    if (this.#text.startsWith('\\Q', this.#at)) return [];
    return [this.#times(this.#atom())];
  }

  #times(part: Shape): Shape {
    let shape = part;
    for (;;) {
      const found = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(this.#text.slice(this.#at, this.#at + 16));
      if (!found) return shape;
      this.#at += found[0].length;
      const [, sign, from, comma, to] = found;
      if (sign !== undefined)
        shape = repeated(shape, sign === '+' ? 1 : 0, sign === '?' ? 1 : Number.POSITIVE_INFINITY);
      else {
        const least = Number(from);
        shape = repeated(shape, least, comma === undefined ? least : to ? Number(to) : Number.POSITIVE_INFINITY);
      }
    }
  }

  #atom(): Shape {
    const sign = this.#text[this.#at++] as string;
    if (sign === '(') return this.#group();
    if (sign === '[') return this.#class();
    if (sign === '.') return BYTE;
    if (sign === '^' || sign === '$') throw anchored(sign);
    return sign === '\\' ? this.#escape() : character(sign);
  }

  #group(): Shape {
    const flags = /^\?(?:P?<[^>]*>|[a-zA-Z-]*([:)]))/.exec(this.#text.slice(this.#at));
    if (flags) this.#at += flags[0].length;
    // Flags for what follows: none of them makes a match longer, or lets it go without a text (case is folded anyhow).
    if (flags?.[1] === ')') return EMPTY;
    const inner = this.#alternation();
    this.#take(')');
    return inner;
  }

  #escape(): Shape {
    const sign = this.#text[this.#at++] ?? '';
    if (sign === 'A' || sign === 'z' || sign === 'Z') throw anchored(`\\${sign}`);
    if (sign === 'b' || sign === 'B') return ASSERTION;
    if (sign === 'p' || sign === 'P') {
      throw new Unsearchable(
        '\\p is about characters, and text is searched as bytes',
        'write out the characters: [A-Za-z]',
      );
    }
    if (/[dDsSwWC]/.test(sign)) return BYTE;
    const [digits, code] = this.#code(sign);
    if (code === undefined) return character(ESCAPED[sign] ?? sign);
    this.#at += digits;
    if (code > 0xff)
      throw new Unsearchable(
        `\\${sign} is no byte, and text is searched as bytes`,
        'write it as its bytes: \\xC3\\xA9',
      );
    return character(String.fromCharCode(code));
  }

  /** Characters after the sign that are a number, and the number. */
  #code(sign: string): [number, number | undefined] {
    const rest = this.#text.slice(this.#at);
    const hex = sign === 'x' ? /^(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest) : null;
    if (hex) return [hex[0].length, Number.parseInt(hex[1] ?? hex[2] ?? '', 16)];
    if (!/[0-7]/.test(sign)) return [0, undefined];
    const octal = /^[0-7]{0,2}/.exec(rest)?.[0] ?? '';
    return [octal.length, Number.parseInt(sign + octal, 8)];
  }

  /** A class: its characters when they are few and plain. */
  #class(): Shape {
    const negated = this.#take('^');
    const members = new Set<string>();
    let few = !negated;
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) {
      if (this.#at >= this.#text.length) return BYTE;
      if (this.#text.startsWith('[:', this.#at) && this.#text.indexOf(':]', this.#at) > 0) {
        this.#at = this.#text.indexOf(':]', this.#at) + 2;
        few = false;
        continue;
      }
      const low = this.#member();
      if (this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']') {
        this.#at++;
        this.#member();
        few = false;
      } else if (low === undefined) few = false;
      else members.add(low);
    }
    this.#at++;
    return few && members.size <= MAX_TEXTS ? anyOf([...members].map(character)) : BYTE;
  }

  /** One character of a class; undefined: several. */
  #member(): string | undefined {
    const sign = this.#text[this.#at++] as string;
    if (sign !== '\\') return sign;
    const { exact } = this.#escape();
    return exact?.[0];
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

function anchored(sign: string): Unsearchable {
  return new Unsearchable(`${sign} cannot match, since secrets stand within other text`, 'leave it out, or use \\b');
}

function character(text: string): Shape {
  return {
    exact: [text.replace(/[A-Z]/, (letter) => letter.toLowerCase())],
    required: undefined,
    min: 1,
    max: 1,
    decided: 1,
  };
}

function anyOf(branches: readonly Shape[]): Shape {
  const exact = branches.every((branch) => branch.exact)
    ? distinct(branches.flatMap(({ exact = [] }) => exact))
    : undefined;
  const required = branches.map(asRequired);
  const texts = required.every((each) => each !== undefined) ? distinct(required.flatMap(({ texts }) => texts)) : [];
  return {
    exact: exact && exact.length <= MAX_TEXTS ? exact : undefined,
    required:
      texts.length === 0 || texts.length > MAX_TEXTS
        ? undefined
        : { texts, before: Math.max(...required.map((each) => each?.before ?? 0)) },
    min: Math.min(...branches.map(({ min }) => min)),
    max: Math.max(...branches.map(({ max }) => max)),
    decided: Math.max(...branches.map(({ decided }) => decided)),
    isAssertion: branches.some(({ isAssertion }) => isAssertion),
  };
}

function inRow(parts: readonly Shape[]): Shape {
  let before = 0;
  let run: readonly string[] = [''];
  let runBefore = 0;
  let best: Required | undefined;
  let isExact = true;
  const offer = (texts: readonly string[], at: number) => {
    const cut = distinct(texts.map((text) => text.slice(0, MAX_LITERAL)));
    if (worthOf(cut) > worthOf(best?.texts ?? [])) best = { texts: cut, before: at };
  };
  for (const part of parts) {
    const joined = part.exact && distinct(run.flatMap((start) => (part.exact ?? []).map((text) => start + text)));
    if (joined && joined.length <= MAX_TEXTS && joined.every((text) => text.length <= 4 * MAX_LITERAL)) run = joined;
    else {
      isExact = false;
      offer(run, runBefore);
      if (part.required) offer(part.required.texts, before + part.required.before);
      run = part.exact && part.exact.length <= MAX_TEXTS ? part.exact : [''];
      runBefore = part.exact ? before : before + part.max;
    }
    before += part.max;
  }
  offer(run, runBefore);
  const min = parts.reduce((sum, part) => sum + part.min, 0);
  return {
    exact: isExact ? run : undefined,
    required: best,
    min,
    max: before,
    decided: decidedAfter(parts),
    isAssertion: parts.some(({ isAssertion }) => isAssertion),
  };
}

/** All but the last part that cannot be left out has to be there whole. */
function decidedAfter(parts: readonly Shape[]): number {
  let last = parts.length - 1;
  while (last >= 0 && parts[last]?.decided === 0 && !parts[last]?.isAssertion) last--;
  const whole = parts.slice(0, last).reduce((sum, part) => sum + part.max, 0);
  return whole + (parts[last]?.decided ?? 0);
}

function repeated(part: Shape, least: number, most: number): Shape {
  // Of an assertion the repetition says nothing.
  const max = part.max === 0 ? 0 : most === 0 ? 0 : part.max * most;
  const isExact = part.exact && most === least && least <= 4 * MAX_LITERAL;
  const exact = isExact ? inRow(Array.from({ length: least }, () => part)).exact : undefined;
  const optional = part.exact && least === 0 && most === 1 ? distinct(['', ...part.exact]) : undefined;
  return {
    exact: most === 0 ? [''] : (exact ?? optional),
    required: least === 0 ? undefined : asRequired(part),
    min: part.min * least,
    max,
    decided:
      least === 0
        ? part.isAssertion
          ? max
          : 0
        : part.isAssertion
          ? max
          : (least === 1 ? 0 : (least - 1) * part.max) + part.decided,
    ...(part.isAssertion && { isAssertion: true }),
  };
}

function asRequired({ exact, required }: Shape): Required | undefined {
  const own = exact && exact.length > 0 ? exact.map((text) => text.slice(0, MAX_LITERAL)) : [];
  return worthOf(own) >= worthOf(required?.texts ?? []) && own.length > 0 && worthOf(own) > 0
    ? { texts: own, before: 0 }
    : required;
}

/** The longer its shortest text the better, then the fewer. */
function worthOf(texts: readonly string[]): number {
  if (texts.length === 0) return 0;
  const shortest = Math.min(...texts.map((text) => text.length));
  return shortest === 0 ? 0 : shortest - texts.length / (2 * MAX_TEXTS);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
