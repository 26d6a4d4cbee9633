import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { node, processEnv, root } from '../../setup/processes.ts';

/** A copy of the definitions and what is made from them, in reach of node_modules. */
let copy: string;
beforeEach(() => {
  mkdirSync(join(root, 'coverage'), { recursive: true });
  copy = mkdtempSync(join(root, 'coverage', 'generate-'));
  for (const directory of ['crds', 'docs']) cpSync(join(root, directory), join(copy, directory), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

const generate = (base: string, ...args: string[]) =>
  spawnSync(node, [join(base, 'crds/generate.ts'), ...args], { env: processEnv(), encoding: 'utf8' });

describe('crds/generate.ts', () => {
  it('finds that everything made from the definitions is as they say', () => {
    const { status, stdout, stderr } = generate(root, '--check');
    expect(status, stdout + stderr).toBe(0);
  });

  it('names what has drifted, and makes it anew', () => {
    const definition = join(copy, 'crds/egresspolicy.yaml');
    writeFileSync(definition, readFileSync(definition, 'utf8').replace('Largest request body', 'Biggest request body'));
    const drifted = generate(copy, '--check');
    expect(drifted.status).toBe(1);
    for (const name of ['clusteregresspolicy.yaml', 'schema.generated.ts', 'policy.md']) {
      expect(drifted.stdout + drifted.stderr).toContain(name);
    }
    expect(generate(copy).status).toBe(0);
    expect(generate(copy, '--check').status).toBe(0);
    expect(readFileSync(join(copy, 'docs/policy.md'), 'utf8')).toContain('Biggest request body');
  });
});
