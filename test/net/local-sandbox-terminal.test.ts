/** The terminal of a command in local mode's sandbox. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ground, identities, PYTHON } from './local-sandbox/ground.ts';

const TERMINAL = path.join(import.meta.dirname, 'local-sandbox/terminal.py');

describe.each(identities)('the terminal of a command that $name runs', (identity) => {
  let ground: Ground;
  beforeAll(() => {
    ground = new Ground(identity);
  });
  afterAll(() => ground.remove());

  type Step = { see: string; type?: string; resize?: [rows: number, columns: number] };
  function onTerminal(
    descriptors: number[],
    steps: Step[],
    script: string,
  ): { output: string; status: number; restored: boolean } {
    const plan = JSON.stringify({ command: ground.line('bash', '-c', script), descriptors, steps });
    const { stdout, stderr } = spawnSync(PYTHON, [TERMINAL, plan], {
      env: ground.env(),
      encoding: 'utf8',
      input: 'piped\n',
    });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test('is one of its own, of the same size, and controls it', () => {
    const script = 'tty; stty size; tty </dev/tty; echo READY; read line; echo "line $line"; exit 7';
    const { output, status, restored } = onTerminal([0, 1, 2], [{ see: 'READY', type: 'typed\r' }], script);
    expect(output).toBe('/dev/pts/0\r\n40 100\r\n/dev/tty\r\nREADY\r\ntyped\r\nline typed\r\n');
    expect([status, restored]).toEqual([7, true]);
  });

  test('keys make signals for it, not for us', () => {
    const script = 'trap "echo interrupted; exit 9" INT; echo READY; while :; do sleep 0.02; done';
    const { output, status } = onTerminal([0, 1, 2], [{ see: 'READY', type: '\x03' }], script);
    expect(output).toBe('READY\r\n^Cinterrupted\r\n');
    expect(status).toBe(9);
  });

  test('changes its size with the real one', () => {
    const script = 'trap "stty size; exit 3" WINCH; echo READY; while :; do sleep 0.02; done';
    const { output, status } = onTerminal([0, 1, 2], [{ see: 'READY', resize: [50, 120] }], script);
    expect([output, status]).toEqual(['READY\r\n50 120\r\n', 3]);
  });

  test('passes on everything that was written before the end', () => {
    const { output } = onTerminal([0, 1, 2], [], 'seq 1 20000; echo END');
    expect(output.split('\r\n').slice(-4)).toEqual(['19999', '20000', 'END', '']);
    expect(output.length).toBe(20000 * 2 + 88894 + 5);
  });

  test('takes more keys at once than it reads', () => {
    const script = 'stty -icanon -echo; echo READY; sleep 0.3; head -c 9000 | wc -c';
    const { output } = onTerminal(
      [0, 1, 2],
      [
        { see: 'READY', type: 'x'.repeat(3000) },
        { see: 'READY', type: 'x'.repeat(3000) },
        { see: 'READY', type: 'x'.repeat(3000) },
      ],
      script,
    );
    expect(output).toBe('READY\r\n9000\r\n');
  });

  test('a pipe stays a pipe beside a terminal', () => {
    const { output } = onTerminal([1, 2], [], 'cat; tty; tty </dev/tty; test -t 1 && echo out');
    expect(output.replaceAll('\r', '')).toBe('piped\nnot a tty\n/dev/tty\nout\n');
  });

  test('bytes cannot be pushed into it', () => {
    const script = `${PYTHON} -c 'import fcntl; fcntl.ioctl(0, 0x5412, b"x")' 2>&1 | tail -1`;
    expect(onTerminal([0, 1, 2], [], script).output).toBe('PermissionError: [Errno 1] Operation not permitted\r\n');
  });
});
