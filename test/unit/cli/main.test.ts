import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { call, POLICY, temporaryFiles } from './support.ts';

const file = temporaryFiles();

describe('weir', () => {
  it('prints its help and version', async () => {
    for (const flag of ['--help', '-h', 'help']) {
      expect(await call(main, flag)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('Usage: weir COMMAND'),
        stderr: '',
      });
    }
    expect(await call(main, '--version')).toEqual({ status: 0, stdout: `weir ${packageJson.version}\n`, stderr: '' });
  });

  it('asks for a command, and knows what was meant', async () => {
    expect(await call(main)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('Usage: weir COMMAND'),
    });
    expect(await call(main, 'chekc')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'weir: there is no command "chekc"; did you mean check?\nSee weir --help.\n',
    });
    expect(await call(main, 'constructor')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no command "constructor"\n'),
    });
  });

  it('gives the rest of the line to the command', async () => {
    const policy = file('policy.yaml', POLICY);
    expect(await call(main, 'check', policy)).toMatchObject({ status: 0 });
    expect(await call(main, 'explain', '--policy', policy, '--url', 'https://a.dev/')).toMatchObject({ status: 1 });
  });

  it('ends quietly when its reader has seen enough', () => {
    const program = new URL('../../../cli/main.ts', import.meta.url).pathname;
    // The reader is gone before anything is written, and the output is more than a pipe holds.
    const line = `{ sleep 0.3; "$1" "$2" schema --json; } | true; exit "\${PIPESTATUS[0]}"`;
    const { status, stderr } = spawnSync('bash', ['-c', line, 'bash', process.execPath, program], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('is a program', () => {
    const program = new URL('../../../cli/main.ts', import.meta.url).pathname;
    const run = (...argv: string[]) => spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8' });
    expect(run('--version')).toMatchObject({ status: 0, stdout: `weir ${packageJson.version}\n`, stderr: '' });
    expect(run('nope')).toMatchObject({ status: 2, stdout: '' });
  });
});
