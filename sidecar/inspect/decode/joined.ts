/**
 * A secret in pieces: the values of a JSON text or a form are looked at one after the other too, as whoever gets them can put
 * them together.
 */

import type { Layer } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';
import type { Origin, RunScanner } from '../scan/types.ts';
import { MAX_DRESSED_MESSAGE } from './dressed.ts';

/** Bytes that are held back at most for a value that may still come. */
export const MAX_JOIN_HOLD = 64 * 1024;

/** Places kept of where what is joined was: beyond that every second is forgotten. What is found is said to be at the one before. */
export const MAX_MARKS = 256;

export const JOINED = 'joined';

interface Mark {
  made: number;
  offset: number;
}

export class JoinScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly mayBeForm: boolean;
  private readonly all: boolean;
  private isForm = false;
  private readonly origin: Origin;
  private cursor = 0;
  private made = 0;
  private marks: Mark[] = [];
  private child: Layer | undefined;
  /** Whether the text is of the kind; undefined: not known yet. */
  private applies: boolean | undefined;

  /** `all`: values of JSON that are more than a word, too; in small messages alone. */
  constructor(layer: Layer, isForm: boolean, all = false) {
    this.layer = layer;
    this.mayBeForm = isForm;
    this.all = all;
    this.origin = { layer, decoder: JOINED, outerOffset: (made) => this.offsetOf(made) };
  }

  restart(): void {
    this.cursor = 0;
    this.made = 0;
    this.marks = [];
    this.child = undefined;
    this.applies = undefined;
  }

  needed(): number {
    return this.applies === false ? Number.POSITIVE_INFINITY : this.cursor;
  }

  decided(): number {
    if (this.child === undefined) return this.needed();
    return Math.max(this.offsetOf(this.child.decided()), this.cursor - MAX_JOIN_HOLD);
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    this.applies ??= this.kindOf(bytes, base, final);
    if (!this.applies) return;
    const { at, bytes: joined } = survey.join(this.cursor - base, this.isForm, final, this.all);
    if (joined.length > 0) this.mark();
    this.cursor = base + at;
    this.made += joined.length;
    if (joined.length > 0) this.child ??= this.layer.below(this.origin);
    if (final) this.child?.end(joined);
    else if (joined.length > 0) this.child?.push(joined);
    if (final) this.child = undefined;
  }

  private mark(): void {
    const decided = this.child?.decided() ?? 0;
    let passed = 0;
    while (passed + 1 < this.marks.length && (this.marks[passed + 1] as Mark).made <= decided) passed++;
    this.marks.splice(0, passed);
    this.marks.push({ made: this.made, offset: this.cursor });
    if (this.marks.length > MAX_MARKS) this.marks = this.marks.filter((_, index) => index % 2 === 0);
  }

  private kindOf(bytes: Buffer, base: number, final: boolean): boolean | undefined {
    // What is cut out of a form is parts of it still.
    if (this.layer.isCut) {
      this.isForm = this.mayBeForm;
      return this.isForm;
    }
    const json = isJson(bytes);
    if (this.all) return json === true && final && base === 0 && this.layer.messageBytes <= MAX_DRESSED_MESSAGE;
    if (json !== false) return json ?? (final ? this.mayBeForm : undefined);
    const form = this.mayBeForm || looksLikeForm(bytes);
    this.isForm = form === true;
    return form ?? (final ? false : undefined);
  }

  private offsetOf(made: number): number {
    let offset = 0;
    for (const mark of this.marks) if (mark.made <= made) offset = mark.offset;
    return offset;
  }
}

/** White space before JSON at most. */
export const MAX_INDENT = 64;

/** Bytes of a name, and of a field with its value, that are seen as those of a form whatever the text is called. */
const MAX_NAME = 64;
const MAX_FIRST_FIELD = 1024;
const NAME = /^[\w.%+[\]-]+=/;
const FIRST_FIELD = /^[\w.%+[\]-]+=[^&=\s<>{}"']*&[\w.%+[\]-]+=/;

/** Whether two names with values stand at the beginning; undefined: not known yet. */
function looksLikeForm(bytes: Buffer): boolean | undefined {
  // Most texts begin otherwise.
  if (!mayBeName(bytes)) return false;
  if (bytes.length > MAX_NAME && !NAME.test(bytes.toString('latin1', 0, MAX_NAME))) return false;
  if (FIRST_FIELD.test(bytes.toString('latin1', 0, MAX_FIRST_FIELD))) return true;
  return bytes.length > MAX_FIRST_FIELD ? false : undefined;
}

/** Whether an equals sign stands before the first white space, quote or other sign that no name has, as far as is known. */
function mayBeName(bytes: Buffer): boolean {
  const to = Math.min(bytes.length, MAX_NAME);
  for (let at = 0; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x3d) return at > 0;
    if (byte <= 0x24 || byte >= 0x7f) return false;
  }
  return bytes.length <= MAX_NAME;
}

/** Whether the first byte that is no white space opens an object or a list; undefined: none came yet. */
function isJson(bytes: Buffer): boolean | undefined {
  const to = Math.min(bytes.length, MAX_INDENT + 1);
  for (let at = 0; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte === 0x7b || byte === 0x5b;
  }
  return bytes.length > MAX_INDENT ? false : undefined;
}
