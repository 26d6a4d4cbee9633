/**
 * Makes what is generated from the table of commands and from the schemas: docs/cli.md and docs/schema/, docs/detection.md from
 * the detectors, and the index of docs/cookbook/ from the policies in it. `--check` writes
 * nothing, names what differs and exits 1.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cookbookIndex, type Recipe } from './cookbook.ts';
import { detection } from './detection.ts';
import { manual } from './help.ts';
import { CASES_FILE } from './policies.ts';
import { publishedSchema } from './schemas.ts';
import { SCHEMA_NAMES } from './table.ts';

const at = (name: string) => new URL(`../docs/${name}`, import.meta.url).pathname;

/** Text by file name under docs/. */
export function generated(): Record<string, string> {
  const schemas = SCHEMA_NAMES.map((name) => [
    `schema/${name}.json`,
    `${JSON.stringify(publishedSchema(name), null, 2)}\n`,
  ]);
  return {
    'cli.md': manual(),
    'detection.md': detection(),
    'cookbook/README.md': cookbookIndex(recipes()),
    ...Object.fromEntries(schemas),
  };
}

/** The policies of docs/cookbook/. */
export function recipes(): Recipe[] {
  return readdirSync(at('cookbook'))
    .filter((name) => name.endsWith('.yaml') && !CASES_FILE.test(name))
    .sort()
    .map((name) => ({ name: name.slice(0, -'.yaml'.length), text: readFileSync(at(`cookbook/${name}`), 'utf8') }));
}

/** Names of the files whose text is another one, or that are not there. */
export function stale(): string[] {
  return Object.entries(generated()).flatMap(([name, text]) => {
    try {
      return readFileSync(at(name), 'utf8') === text ? [] : [name];
    } catch {
      return [name];
    }
  });
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const texts = generated();
  for (const name of stale()) {
    if (!check) {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), texts[name] ?? '');
    }
    process.stderr.write(`docs/${name} ${check ? 'is out of date: run `node cli/generate.ts`' : 'written'}\n`);
    if (check) process.exitCode = 1;
  }
}
