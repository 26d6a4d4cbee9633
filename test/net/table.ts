/** The summary of the escape tests: one line a group of attacks, one column a mode; united over the test files of one run. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Row {
  attack: string;
  control: 'seen' | 'not seen';
  guarded: 'silent' | 'ESCAPED';
  /** Why this one is let be. */
  limit?: string;
}

export interface Column {
  title: string;
  /** The test run (its main process): columns of older runs are not mixed in. */
  run: number;
  rows: Row[];
  lacking: string[];
}

const DIRECTORY = fileURLToPath(new URL('../../coverage/escapes/', import.meta.url));

/** Keeps this column and returns those of the same run so far. */
export function united(column: Column): Column[] {
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(path.join(DIRECTORY, `${column.title.replace(/\W+/g, '-')}.json`), JSON.stringify(column));
  return readdirSync(DIRECTORY)
    .map((name) => JSON.parse(readFileSync(path.join(DIRECTORY, name), 'utf8')) as Column)
    .filter(({ run }) => run === column.run)
    .sort((a, b) => b.title.localeCompare(a.title));
}

/** The table as text. */
export function table(columns: readonly Column[]): string {
  const group = (attack: string) => attack.split('/', 1)[0] ?? attack;
  const groups = [...new Set(columns.flatMap(({ rows }) => rows.map(({ attack }) => group(attack))))];
  const header = ['attacks', ...columns.flatMap(({ title }) => [`${title}: control`, `${title}: silent`])];
  const lines = [...groups, 'all'].map((name) => [
    name,
    ...columns.flatMap(({ rows }) => {
      const own = rows.filter(({ attack }) => name === 'all' || group(attack) === name);
      const count = (keep: (row: Row) => boolean) =>
        own.length === 0 ? '-' : `${own.filter(keep).length}/${own.length}`;
      return [count(({ control }) => control === 'seen'), count(({ guarded }) => guarded === 'silent')];
    }),
  ]);
  const widths = header.map((title, index) => Math.max(title.length, ...lines.map((line) => line[index]?.length ?? 0)));
  const text = [header, ...lines].map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const wrong = columns.flatMap(({ title, rows }) =>
    rows
      .filter(({ control, guarded }) => control !== 'seen' || guarded !== 'silent')
      .map(({ attack, control, guarded, limit }) => {
        const what = limit === undefined ? guarded : `known limit (${limit})`;
        return `  ${title}: ${attack}: control ${control}, ${what}`;
      }),
  );
  const lacking = [...new Set(columns.flatMap((column) => column.lacking))];
  return [
    ...text,
    `not tried, for this kernel lacks them (${lacking.length}): ${lacking.join(', ') || 'none'}`,
    ...wrong,
    '',
  ].join('\n');
}
