/** What the sidecar's program loads in a pod: it gets its policies compiled, so nothing that reads or checks documents. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../../build.ts';

test('without a policy file, neither YAML, schemas nor CEL are loaded', async () => {
  const root = path.join(import.meta.dirname, '../../..');
  const directory = mkdtempSync(path.join(tmpdir(), 'weir-bundle-'));
  const outdir = path.relative(root, directory);
  try {
    const { outputs } = await bundle(outdir);
    const reached = (kinds: readonly string[]): string[] => {
      const seen = new Set<string>();
      const visit = (file: string): void => {
        if (seen.has(file)) return;
        seen.add(file);
        for (const { path: next, kind, external } of outputs[file]?.imports ?? [])
          if (!external && kinds.includes(kind)) visit(next);
      };
      visit(path.join(outdir, 'sidecar.mjs'));
      return [...seen].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
    };
    const heavy =
      /^node_modules\/(ajv|js-yaml|@marcbachmann\/cel-js|fastify|@kubernetes)\/|^crds\/(schema|compile|document)/;
    const atOnce = reached(['import-statement']);
    expect(atOnce).toContain('sidecar/main.ts');
    expect(atOnce.filter((input) => heavy.test(input))).toEqual([]);
    // A file of policies has them loaded late.
    expect(reached(['import-statement', 'dynamic-import']).filter((input) => heavy.test(input))).not.toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
