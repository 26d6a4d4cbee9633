/** The table of commands as text for people: `--help`, and docs/cli.md. Pure. */
import { COMMANDS, type CommandSpec, type OptionSpec, PROGRAM } from './table.ts';

/** Columns of a help text. */
export const HELP_WIDTH = 80;

/** What `weir --help` prints. */
export function programHelp(): string {
  const rows = [
    ...COMMANDS.map(({ name, summary }) => [name, summary] as const),
    ...PROGRAM.options.map((option) => [flagText(option), option.help] as const),
  ];
  const lines = [...table(rows.slice(0, COMMANDS.length), rows), '', ...table(rows.slice(COMMANDS.length), rows)];
  return `${[`Usage: weir ${PROGRAM.usage}`, '', PROGRAM.description, '', ...lines].join('\n')}\n`;
}

/** What `weir COMMAND --help` prints. */
export function commandHelp(command: CommandSpec): string {
  const rows = command.options.map((option) => [flagText(option), option.help] as const);
  const notes = (command.notes ?? []).flatMap((note) => [...wrap(note, HELP_WIDTH), '']);
  return `${[
    ...wrap(`Usage: weir ${command.name} ${command.usage}`, HELP_WIDTH),
    '',
    ...command.description.flatMap((paragraph) => [...wrap(paragraph, HELP_WIDTH), '']),
    ...table(rows, rows),
    '',
    ...notes,
    ...wrap(`Exit status: ${command.exit}`, HELP_WIDTH),
    '',
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n')}\n`;
}

/** docs/cli.md. */
export function manual(): string {
  const sections = COMMANDS.map((command) =>
    [
      `## weir ${command.name}`,
      '',
      '```',
      `weir ${command.name} ${command.usage}`,
      '```',
      '',
      ...command.description.flatMap((paragraph) => [paragraph, '']),
      '| option | meaning |',
      '| --- | --- |',
      ...command.options.map((option) => `| \`${flagText(option)}\` | ${option.help} |`),
      '',
      ...(command.notes ?? []).flatMap((note) => [note, '']),
      `Exit status: ${command.exit}`,
      '',
      '```sh',
      ...command.examples,
      '```',
      '',
    ].join('\n'),
  );
  return [
    '<!-- Made by cli/generate.ts from cli/table.ts; do not edit. -->',
    '# The command line',
    '',
    PROGRAM.description,
    '',
    '| command | what it does |',
    '| --- | --- |',
    ...COMMANDS.map(({ name, summary }) => `| [\`weir ${name}\`](#weir-${name}) | ${summary} |`),
    '',
    ...sections,
  ].join('\n');
}

/** `-f, --policy FILE`. */
export function flagText({ name, short, value }: OptionSpec): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

/** Two columns; the first is as wide as the widest of `all`. */
function table(rows: readonly (readonly [string, string])[], all: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...all.map(([left]) => left.length)) + 2;
  return rows.flatMap(([left, right]) =>
    wrap(right, HELP_WIDTH - width - 2).map((line, i) => `  ${(i === 0 ? left : '').padEnd(width)}${line}`),
  );
}

/** Lines of at most `width` columns, broken at blanks; a word that is longer stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
