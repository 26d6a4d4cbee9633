/** Quoted-printable (RFC 2045, 6.7) whose lines are broken within words: read on over `=` at the end of a line. */
import type { NextBreak, Structure } from './values.ts';

/** Characters before and behind a break that are read with it: the longest line there may be (76). */
export const AROUND_BREAK = 80;
/** A break, or an equals sign that is escaped; and its bytes at most. */
const BREAK = /=(?:\r?\n|3D)/;
const MOST_OF_BREAK = 3;
/** What may become one, or another escape. */
const CUT = /=[0-9A-F\r]?$/;

/** Characters that are kept: a break may be cut. */
const KEPT = AROUND_BREAK + MOST_OF_BREAK;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

export class SoftLines implements Structure {
  /** What was not read: the end of what came. */
  private rest = '';
  /** Characters that are still read behind the last break. */
  private left = 0;

  get isBetween(): boolean {
    return this.left === 0;
  }

  take(bytes: Buffer, nextBreak: NextBreak): Buffer {
    const text = new Text(this.rest, bytes, nextBreak);
    const { length } = text;
    const end = length - (CUT.exec(text.slice(length - 2, length))?.[0].length ?? 0);
    let out = '';
    let at = 0;
    const goOn = (to: number) => {
      if (this.left === 0) return;
      const stop = Math.min(at + this.left, to);
      out += text.slice(at, stop);
      this.left -= stop - at;
      at = stop;
      if (this.left === 0) out += '\n';
    };
    for (let found = text.next(0); found < end; found = text.next(at)) {
      goOn(found);
      out += text.slice(Math.max(at, found - AROUND_BREAK), found);
      const second = text.at(found + 1);
      if (second !== LINE_FEED && second !== RETURN) out += '=';
      at = found + (second === LINE_FEED ? 2 : MOST_OF_BREAK);
      this.left = AROUND_BREAK;
    }
    goOn(end);
    this.rest = text.slice(this.left > 0 ? end : Math.max(at, end - KEPT), length);
    return Buffer.from(
      out.replaceAll(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
      'latin1',
    );
  }
}

/** What was kept and what came, one behind the other. */
class Text {
  private readonly rest: string;
  private readonly bytes: Buffer;
  private readonly nextBreak: NextBreak;
  readonly length: number;

  constructor(rest: string, bytes: Buffer, nextBreak: NextBreak) {
    this.rest = rest;
    this.bytes = bytes;
    this.nextBreak = nextBreak;
    this.length = rest.length + bytes.length;
  }

  at(place: number): number {
    const inBytes = place - this.rest.length;
    return inBytes < 0 ? this.rest.charCodeAt(place) : (this.bytes[inBytes] as number);
  }

  slice(from: number, to: number): string {
    const first = Math.max(0, from);
    const before = this.rest.length;
    if (to <= before) return this.rest.slice(first, Math.max(first, to));
    const behind = this.bytes.toString('latin1', Math.max(0, first - before), to - before);
    return first < before ? this.rest.slice(first) + behind : behind;
  }

  /** The first break from `from` on; the length for none. None is whole in what was kept. */
  next(from: number): number {
    const before = this.rest.length;
    if (from < before) {
      const first = Math.max(from, before - MOST_OF_BREAK + 1);
      const found = BREAK.exec(this.slice(first, Math.min(this.length, before + MOST_OF_BREAK - 1)))?.index;
      if (found !== undefined && first + found < before) return first + found;
    }
    return before + this.nextBreak(Math.max(0, from - before));
  }
}
