/**
 * Makes what is generated from the table of commands and from the schemas: docs/cli.md and docs/schema/. `--check` writes
 * nothing, names what differs and exits 1.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { manual } from './help.ts';
import { publishedSchema } from './schemas.ts';
import { SCHEMA_NAMES } from './table.ts';

const at = (name: string) => new URL(`../docs/${name}`, import.meta.url).pathname;

/** Text by file name under docs/. */
export function generated(): Record<string, string> {
  const schemas = SCHEMA_NAMES.map((name) => [
    `schema/${name}.json`,
    `${JSON.stringify(publishedSchema(name), null, 2)}\n`,
  ]);
  return { 'cli.md': manual(), ...Object.fromEntries(schemas) };
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
