/** A directory of its own for each test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';

export let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-parts-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

export const write = (name: string, value: string | Buffer): void => {
  mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
  writeFileSync(path.join(directory, name), value);
};
