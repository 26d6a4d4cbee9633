import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { coveredLines } from '../../setup/process-coverage.ts';

const SOURCE = 'const ran = 1;\nconst didNot = 2;\n';
let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'weir-coverage-')));
  mkdirSync(join(root, 'reports'));
  writeFileSync(join(root, 'part.ts'), SOURCE);
});

afterEach(() => rmSync(root, { recursive: true }));

/** What V8 writes of a process that ran the first line only. */
function report(): string {
  const whole = { startOffset: 0, endOffset: SOURCE.length, count: 1 };
  const second = { startOffset: SOURCE.indexOf('\n') + 1, endOffset: SOURCE.length, count: 0 };
  const url = pathToFileURL(join(root, 'part.ts')).href;
  return JSON.stringify({
    result: [{ scriptId: '1', url, functions: [{ functionName: '', ranges: [whole, second] }] }],
  });
}

describe("lines that processes ran, from V8's reports", () => {
  test('a line is covered when it ran', () => {
    writeFileSync(join(root, 'reports/a.json'), report());
    const { lines, cut } = coveredLines(join(root, 'reports'), root);
    expect([...(lines.get(join(root, 'part.ts')) ?? [])]).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(cut).toBe(0);
  });

  test('a report that its process did not write to the end counts for nothing, wherever it is cut', () => {
    const text = report();
    for (let length = 0; length < text.length; length++) {
      writeFileSync(join(root, 'reports/a.json'), text.slice(0, length));
      const { lines, cut } = coveredLines(join(root, 'reports'), root);
      expect([lines.size, cut]).toEqual([0, 1]);
    }
    writeFileSync(join(root, 'reports/b.json'), text);
    expect(coveredLines(join(root, 'reports'), root)).toMatchObject({ cut: 1, lines: { size: 1 } });
  });
});
