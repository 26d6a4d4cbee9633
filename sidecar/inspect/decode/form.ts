/**
 * Forms that nobody declared, in which `+` is a blank (WHATWG URL, 5.1): `a=b+c&d=e` at the beginning of a text, or anywhere with two fields
 * or more. Those with a per cent sign are read near it by unescape.ts too; most that have words alone have none.
 */
import type { Layer } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';
import type { Origin, RunScanner } from '../scan/types.ts';
import { RunText } from './run-text.ts';
import { AROUND } from './unescape.ts';

/** What it is called in a finding; what came of one has no more blanks to read. */
export const FORM = 'form';
/** Characters of a field's name. */
export const MAX_FIELD_NAME = 64;

const PLUS = 0x2b;
const EQUALS = 0x3d;
const BLANK = 0x20;

const IN_NAME = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]%*~:');
/** Blanks, quotes, brackets and what is not ASCII stand in none. */
const IN_FORM = classOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]%*~:+=&/?#@!$'(),;");

function classOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of Buffer.from(characters)) table[character] = 1;
  return table;
}

export class FormScanner implements RunScanner {
  private readonly layer: Layer;
  /** Made for the first form, which is rare. */
  private made: RunText | undefined;
  private cursor = 0;
  private isOpen = false;
  /** Offset in the layer of the open form. */
  private start = 0;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  private get text(): RunText {
    if (this.made === undefined) {
      const { layer } = this;
      const origin: Origin = { layer, decoder: FORM, outerOffset: (offset) => this.start + offset };
      this.made = new RunText(layer, origin);
    }
    return this.made;
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
    this.made?.restart();
  }

  needed(): number {
    return Math.max(0, this.cursor - AROUND);
  }

  decided(): number {
    return this.isOpen ? this.start + this.text.decided() : this.needed();
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    let at = this.cursor - base;
    while (at < bytes.length) {
      if (this.isOpen) {
        at = this.give(bytes, at, final);
        continue;
      }
      const field = this.nextField(bytes, at, base, final, survey);
      if (field < 0) {
        at = -1 - field;
        break;
      }
      const from = this.beginning(bytes, field, base);
      const to = endOf(bytes, field);
      if (!bytes.subarray(from, to).includes(PLUS)) {
        const mayGoOn = to === bytes.length && !final;
        if (mayGoOn && to - field <= AROUND) {
          at = field;
          break;
        }
        if (!mayGoOn) {
          at = Math.max(to, at + 1);
          continue;
        }
      }
      this.isOpen = true;
      this.start = base + from;
      at = from;
    }
    if (this.isOpen && final) this.close();
    this.cursor = base + at;
  }

  /** Gives the form from `at` on, as far as it is there: up to where. */
  private give(bytes: Buffer, at: number, final: boolean): number {
    const to = endOf(bytes, at);
    const plain = Buffer.from(bytes.subarray(at, to));
    for (let plus = plain.indexOf(PLUS); plus >= 0; plus = plain.indexOf(PLUS, plus + 1)) plain[plus] = BLANK;
    const isLast = to < bytes.length || final;
    this.text.feed(plain, isLast);
    if (isLast) this.isOpen = false;
    return to;
  }

  /** It ended with the window before. */
  private close(): void {
    this.text.feed(Buffer.alloc(0), true);
    this.isOpen = false;
  }

  /** Where a field begins, with its `&` if it is not the first; or -1 - the place from which one may still come. */
  private nextField(bytes: Buffer, from: number, base: number, final: boolean, survey: Survey): number {
    if (base + from === 0) {
      const end = nameEnd(bytes, 0);
      if (end === bytes.length && !final && end < MAX_FIELD_NAME) return -1;
      if (end > 0 && bytes[end] === EQUALS) return 0;
    }
    return survey.nextField(from, MAX_FIELD_NAME, AROUND, final);
  }

  /** Where what a field stands in begins. */
  private beginning(bytes: Buffer, field: number, base: number): number {
    const least = Math.max(0, field - AROUND, this.cursor - AROUND - base);
    let from = field;
    while (from > least && IN_FORM[bytes[from - 1] as number] === 1) from--;
    return from;
  }
}

function nameEnd(bytes: Buffer, from: number): number {
  const most = Math.min(bytes.length, from + MAX_FIELD_NAME);
  let at = from;
  while (at < most && IN_NAME[bytes[at] as number] === 1) at++;
  return at;
}

function endOf(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && IN_FORM[bytes[at] as number] === 1) at++;
  return at;
}
