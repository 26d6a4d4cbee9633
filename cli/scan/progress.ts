/** A line that says how far a long scan is; only where somebody watches. */

import { shown } from '../shown.ts';

/** Milliseconds before the line is shown, and between its changes. */
const INTERVAL_MS = 500;
/** Characters of the name of a file. */
const NAME_WIDTH = 48;

export class Progress {
  private readonly write: ((text: string) => void) | undefined;
  private readonly now: () => number;
  private changed: number;
  private isShown = false;

  /** `write` undefined: nobody watches. */
  constructor(write: ((text: string) => void) | undefined, now: () => number = () => performance.now()) {
    this.write = write;
    this.now = now;
    this.changed = now();
  }

  /** `bytes` of `size` (when known) are read. */
  show(file: string, bytes: number, size: number | undefined): void {
    if (this.write === undefined || this.now() - this.changed < INTERVAL_MS) return;
    this.changed = this.now();
    this.isShown = true;
    const name = file.length > NAME_WIDTH ? `…${file.slice(1 - NAME_WIDTH)}` : file;
    const share = size === undefined || size === 0 ? '' : ` ${Math.floor((100 * bytes) / size)} %`;
    this.write(`\r\x1b[K${shown(name)}: ${(bytes / 1e6).toFixed(0)} MB${share}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.isShown) this.write?.('\r\x1b[K');
    this.isShown = false;
  }
}
