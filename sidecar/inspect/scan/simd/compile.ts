/** Compiles assembly/. The module is checked in; `--check` compares it with what the source compiles to, byte for byte. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const source = join(import.meta.dirname, 'assembly');
const target = join(import.meta.dirname, 'survey.generated.ts');

let module: Uint8Array | undefined;
const { error, stderr } = await asc.main(
  [
    'main.asm.ts',
    '--outFile',
    'survey.wasm',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--enable',
    'relaxed-simd',
    '--use',
    'abort=',
    '-O3',
    '--noAssert',
    '--converge',
  ],
  {
    readFile: (name) => (existsSync(join(source, name)) ? readFileSync(join(source, name), 'utf8') : null),
    writeFile: (name, contents) => {
      if (name === 'survey.wasm') module = contents as Uint8Array;
    },
  },
);
if (error !== null || module === undefined) throw new Error(`assembly/ does not compile: ${stderr}`);

const text = `// Compiled from assembly/ by compile.ts; do not edit.
export const SURVEY_MODULE = '${Buffer.from(module).toString('base64')}';
`;
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('survey.generated.ts is not what assembly/ compiles to: run compile.ts');
  process.exitCode = 1;
}
