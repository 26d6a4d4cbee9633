/** Multipart bodies (RFC 2046, 5.1; RFC 7578): what the parts hold, or the names of the files that they say they are. */
import { type Structure, Values } from './values.ts';

/** Bytes of a line that may be the boundary (70, and four more), and of one line of a head that is read. */
const MAX_LINE = 1024;
const LINE_FEED = 0x0a;
const FILE_NAME = /;\s*filename\*?=\s*(?:"((?:[^"\\]|\\.)*)"|(?:[\w-]*'[\w-]*')?([^\s;"]+))/i;

export class Multipart implements Structure {
  private readonly names: boolean;
  private readonly values: Values;
  private boundary: string | undefined;
  private isHead = true;
  /** The line before ended: its end belongs to the value if more follows. */
  private hasEnded = false;
  /** The line that is being read, as far as it is kept. */
  private line = '';

  /** `names`: those of files, else what the parts hold. */
  constructor(names: boolean, all: boolean) {
    this.names = names;
    this.values = new Values(all);
  }

  take(bytes: Buffer): Buffer | undefined {
    for (const byte of bytes) {
      if (byte === LINE_FEED) {
        this.endLine(this.line.replace(/\r$/, ''), true);
        this.line = '';
      } else {
        this.line += String.fromCharCode(byte);
        if (this.line.length < MAX_LINE) continue;
        if (this.boundary === undefined) return undefined;
        this.endLine(this.line, false);
        this.line = '';
      }
    }
    return this.values.take();
  }

  private endLine(line: string, isWhole: boolean): void {
    this.boundary ??= line;
    if (line.startsWith(this.boundary)) {
      if (!this.names) this.values.end();
      this.isHead = true;
      this.hasEnded = false;
    } else if (!this.isHead) {
      if (this.names) return;
      if (this.hasEnded) this.values.add(LINE_FEED);
      for (const char of line) this.values.add(char.charCodeAt(0));
      this.hasEnded = isWhole;
    } else if (line === '') this.isHead = false;
    else if (this.names) {
      const [, quoted, plain] = FILE_NAME.exec(line) ?? [];
      const name = quoted ?? plain;
      if (name === undefined) return;
      for (const char of name) this.values.add(char.charCodeAt(0));
      this.values.end();
    }
  }
}
