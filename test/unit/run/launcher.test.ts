import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { processEnv, weir } from '../../setup/processes.ts';

const directory = mkdtempSync(join(tmpdir(), 'weir-launcher-'));
const marker = join(directory, 'loaded');
const hook = join(directory, 'hook.cjs');
writeFileSync(hook, `require('node:fs').appendFileSync(${JSON.stringify(marker)}, process.argv[1] + '\\n');\n`);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('bin/weir', () => {
  it('does not load into the guard what NODE_OPTIONS names, and hands it to the command', () => {
    const env = processEnv({ NODE_OPTIONS: `--require ${hook}` });
    const script = join(directory, 'command.cjs');
    writeFileSync(script, 'console.log(process.env.NODE_OPTIONS)');
    const { stdout, stderr } = spawnSync(weir, ['run', '--write', directory, '--', 'node', script], {
      env,
      encoding: 'utf8',
    });
    expect(stdout, stderr).toBe(`--require ${hook}\n`);
    expect(readFileSync(marker, 'utf8')).toBe(`${script}\n`);
  });

  it.each([
    ['a policy that is a directory', ['--policy', directory]],
    ['a policy that is not there', ['--policy', join(directory, 'nothing.yaml')]],
    ['a policy with an error', ['--policy', hook]],
    ['a trust file that is not there', ['--upstream-ca', join(directory, 'nothing.pem')]],
    ['a place to mask that is not there', ['--mask', join(directory, 'nothing')]],
    ['an unknown option', ['--polciy', hook]],
  ])('ends with 2 after %s', (_, flags) => {
    for (let round = 0; round < 3; round++) {
      const { status, signal, stderr } = spawnSync(weir, ['run', ...flags, '--', 'true'], {
        env: processEnv(),
        encoding: 'utf8',
        timeout: 10_000,
      });
      expect({ status, signal }, stderr).toEqual({ status: 2, signal: null });
    }
  });

  it('runs through a chain of links, as npm makes them', () => {
    const link = join(directory, 'weir');
    spawnSync('ln', ['-s', weir, link]);
    const { stdout, status } = spawnSync(link, ['--version'], { encoding: 'utf8' });
    expect(stdout).toMatch(/^weir \d+\.\d+\.\d+/);
    expect(status).toBe(0);
    expect(existsSync(link)).toBe(true);
  });
});
