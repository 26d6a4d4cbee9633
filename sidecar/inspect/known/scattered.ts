/**
 * Parts of known secrets in host names, in any order and with anything between them. A part that is short stands in a name by
 * chance, and how likely that is can be said: what several of them say together, in bits, decides. For names alone, whose number
 * is bounded (`dns.budget`).
 */
import type { Form } from './forms.ts';
import type { Value } from './values.ts';

/** Characters of the shortest word that is looked for. */
export const MIN_WORD = 4;
/** Different words of the names under one domain that are counted; when there were more, nothing can be said. */
export const MAX_WORDS = 1024;
/** Bits that say that it is no chance, besides those that say which secret: one domain in ten millions. */
export const LEAST_BITS = 24;

/** Digits of what a form is written in. */
const ALPHABETS: Readonly<Record<string, number>> = { '': 36, hex: 16, base32: 32 };

/** What the words of a name add. */
export interface ScatteredDraft {
  /** The value that enough of was said. */
  found: Value | undefined;
  keep(): void;
}

export class ScatteredWords {
  readonly #words = new Set<string>();
  /** By what secrets are called. */
  readonly #bits = new Map<string, number>();
  /** Of which too much was said: no word of it goes on, new or not. */
  #spent: Value | undefined;

  /** `forms`: what is looked for in host names. */
  draft(name: string, forms: readonly Form[]): ScatteredDraft {
    const words = [...new Set(name.toLowerCase().split(/[^a-z0-9]+/))].filter((word) => word.length >= MIN_WORD);
    const fresh = words.filter((word) => !this.#words.has(word));
    const trials = this.#words.size + fresh.length;
    const added = new Map<string, number>();
    const spent = this.#spent;
    let found = forms.some((form) => form.value.name === spent?.name && words.some((word) => isPart(word, form)))
      ? spent
      : undefined;
    if (trials <= MAX_WORDS) {
      const held = forms.filter(({ wholeOnly }) => !wholeOnly);
      const places = new Map<Value, number>();
      for (const { bytes, value } of held) places.set(value, (places.get(value) ?? 0) + bytes.length);
      const least = LEAST_BITS + Math.log2(Math.max(1, places.size));
      for (const word of fresh) {
        const said = new Map<Value, number>();
        for (const form of held) {
          // Forwards or backwards, at any of its places, with any of the words.
          const chances = 2 * trials * (places.get(form.value) ?? 0);
          const bits = word.length * Math.log2(ALPHABETS[form.encoding] ?? 36) - Math.log2(chances);
          if (bits > (said.get(form.value) ?? 0) && isPart(word, form)) said.set(form.value, bits);
        }
        for (const [value, bits] of said) {
          added.set(value.name, (added.get(value.name) ?? 0) + bits);
          if ((this.#bits.get(value.name) ?? 0) + (added.get(value.name) ?? 0) >= least) found = value;
        }
      }
    }
    this.#spent ??= found;
    return {
      found,
      keep: () => {
        for (const word of fresh) if (this.#words.size < MAX_WORDS) this.#words.add(word);
        for (const [name, bits] of added) this.#bits.set(name, (this.#bits.get(name) ?? 0) + bits);
      },
    };
  }
}

/** Whether a word stands in a form, either way, within a fragment that tells. */
function isPart(word: string, { bytes, fragment, telling }: Form): boolean {
  for (const part of new Set([word, [...word].reverse().join('')])) {
    for (let at = bytes.indexOf(part, 0, 'latin1'); at >= 0; at = bytes.indexOf(part, at + 1, 'latin1')) {
      const first = Math.max(0, at + part.length - Math.max(fragment, part.length));
      if (telling.subarray(first, at + 1).includes(1)) return true;
    }
  }
  return false;
}
