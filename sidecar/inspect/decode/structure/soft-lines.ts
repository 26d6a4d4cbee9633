/** Quoted-printable (RFC 2045, 6.7) whose lines are broken within words: read on over `=` at the end of a line. */
import type { Structure } from './values.ts';

/** Characters before and behind a break that are read with it: the longest line there may be (76). */
export const AROUND_BREAK = 80;
/** A break, or an equals sign that is escaped. */
const BREAKS = ['=\n', '=\r\n', '=3D'];
const BREAK = /=(?:\r?\n|3D)/g;
/** What may become one, or another escape. */
const CUT = /=[0-9A-F\r]?$/;

/** Characters that are kept: a break may be cut. */
const KEPT = AROUND_BREAK + 3;

const NOTHING = Buffer.alloc(0);

export class SoftLines implements Structure {
  /** What was not read: the end of what came. */
  private rest = '';
  /** Characters that are still read behind the last break. */
  private left = 0;

  get isBetween(): boolean {
    return this.left === 0;
  }

  take(bytes: Buffer): Buffer {
    if (this.left === 0 && !this.rest.includes('=') && !BREAKS.some((text) => bytes.includes(text))) {
      const end = bytes.toString('latin1', Math.max(0, bytes.length - KEPT));
      this.rest = (this.rest + end).slice(-KEPT);
      return NOTHING;
    }
    const all = this.rest + bytes.toString('latin1');
    const text = all.slice(0, CUT.exec(all)?.index ?? all.length);
    let out = '';
    let at = 0;
    const goOn = (to: number) => {
      if (this.left === 0) return;
      const end = Math.min(at + this.left, to);
      out += text.slice(at, end);
      this.left -= end - at;
      at = end;
      if (this.left === 0) out += '\n';
    };
    for (const { 0: found, index } of text.matchAll(BREAK)) {
      goOn(index);
      out += text.slice(Math.max(at, index - AROUND_BREAK), index);
      if (found === '=3D') out += '=';
      at = index + found.length;
      this.left = AROUND_BREAK;
    }
    goOn(text.length);
    const kept = this.left > 0 ? text.length : Math.max(at, text.length - KEPT);
    this.rest = all.slice(kept);
    return Buffer.from(
      out.replaceAll(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
      'latin1',
    );
  }
}
