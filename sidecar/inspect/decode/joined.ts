/**
 * A secret in pieces: the values of a JSON text or a form are looked at one after the other too, as whoever gets them can put
 * them together.
 */
import type { Layer, Origin, RunScanner } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';

/** Bytes that are held back at most for a value that may still come. */
export const MAX_JOIN_HOLD = 64 * 1024;

interface Mark {
  made: number;
  offset: number;
}

export class JoinScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly mayBeForm: boolean;
  private isForm = false;
  private readonly origin: Origin;
  private cursor = 0;
  private made = 0;
  private marks: Mark[] = [];
  private child: Layer | undefined;
  /** Whether the text is of the kind; undefined: not known yet. */
  private applies: boolean | undefined;

  constructor(layer: Layer, isForm: boolean) {
    this.layer = layer;
    this.mayBeForm = isForm;
    this.origin = { layer, decoder: 'joined', outerOffset: (made) => this.offsetOf(made) };
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
    if (this.applies === undefined) {
      const json = isJson(bytes);
      this.isForm = this.mayBeForm && json === false;
      this.applies = json === undefined && !final ? undefined : json === true || this.mayBeForm;
    }
    if (!this.applies) return;
    this.marks.push({ made: this.made, offset: this.cursor });
    const joined = survey.join(this.cursor - base, this.isForm, final);
    this.cursor = base + joined.at;
    this.made += joined.bytes.length;
    this.child ??= this.layer.below(this.origin);
    if (final) this.child.end(joined.bytes);
    else this.child.push(joined.bytes);
    const decided = this.child.decided();
    let passed = 0;
    while (passed + 1 < this.marks.length && (this.marks[passed + 1] as Mark).made <= decided) passed++;
    this.marks.splice(0, passed);
    if (final) this.child = undefined;
  }

  private offsetOf(made: number): number {
    let offset = 0;
    for (const mark of this.marks) if (mark.made <= made) offset = mark.offset;
    return offset;
  }
}

/** White space before JSON at most. */
export const MAX_INDENT = 64;

/** Whether the first byte that is no white space opens an object or a list; undefined: none came yet. */
function isJson(bytes: Buffer): boolean | undefined {
  for (const byte of bytes.subarray(0, MAX_INDENT + 1)) {
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte === 0x7b || byte === 0x5b;
  }
  return bytes.length > MAX_INDENT ? false : undefined;
}
