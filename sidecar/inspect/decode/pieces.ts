/** Base64 in pieces too short for a run, of one length, with a few other characters between: `QUtJ QTEy MzQ1`. */
import { BASE64, CLASS } from '../scan/classes.ts';
import type { Layer } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';
import type { RunScanner } from '../scan/types.ts';
import { BASE64_FORMAT } from './base64.ts';
import { DigitRun } from './digits.ts';

/** Bytes between two pieces; as PIECE_GAP in pieces.asm.ts. */
export const MAX_PIECE_GAP = 4;

export class PieceScanner implements RunScanner {
  private readonly layer: Layer;
  /** Made when something is found, which is rare. */
  private digits: DigitRun | undefined;
  private cursor = 0;
  private isOpen = false;
  /** Characters of the first piece, and of the one that is being read. */
  private size = 0;
  private piece = 0;
  private gap = 0;
  private isFirst = true;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  private get run(): DigitRun {
    this.digits ??= new DigitRun(this.layer, BASE64_FORMAT);
    return this.digits;
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
  }

  needed(): number {
    return this.cursor;
  }

  decided(): number {
    return this.isOpen ? this.run.decided() : this.cursor;
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    let at = this.cursor - base;
    if (this.isOpen) this.run.resume();
    for (;;) {
      if (!this.isOpen) {
        const found = survey.nextDigits('nextPieces', at, final, base === 0).at;
        at = found < 0 ? -1 - found : found;
        if (found < 0) break;
        this.isOpen = true;
        this.isFirst = true;
        this.size = 0;
        this.piece = 0;
        this.gap = 0;
        this.run.open();
      }
      const end = this.extend(bytes, at, base, survey);
      at = end.at;
      this.run.flush(end.closed || final);
      if (!end.closed && !final) break;
      this.isOpen = false;
      if (at >= bytes.length) break;
    }
    this.cursor = base + at;
  }

  /** Takes pieces until one differs in length, which is the last. */
  private extend(bytes: Buffer, from: number, base: number, survey: Survey): { at: number; closed: boolean } {
    let at = from;
    while (at < bytes.length) {
      const end = survey.runEnd(at);
      if (end > at) {
        this.run.add(at, end, base);
        this.piece += end - at;
        this.gap = 0;
        at = end;
        continue;
      }
      if (this.piece > 0) {
        if (this.isFirst) this.size = this.piece;
        this.isFirst = false;
        if (this.piece !== this.size) return { at, closed: true };
        this.piece = 0;
      }
      if (this.gap === MAX_PIECE_GAP) return { at, closed: true };
      this.gap += ((CLASS[bytes[at] as number] as number) & BASE64) === 0 ? 1 : 0;
      at++;
    }
    return { at, closed: false };
  }
}
