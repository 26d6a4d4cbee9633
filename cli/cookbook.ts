/** The index of docs/cookbook/, from what each policy says of itself in its first comment. Pure. */

export interface Recipe {
  /** The file's name without `.yaml`. */
  name: string;
  text: string;
}

export function cookbookIndex(recipes: readonly Recipe[]): string {
  return [
    '<!-- Made by cli/generate.ts from the first comment of each policy; do not edit. -->',
    '# Cookbook',
    '',
    'Whole policies to start from. Each comes with its cases: requests that it must allow, and leaks that it must refuse.',
    '',
    '```sh',
    'weir check docs/cookbook/',
    'weir test docs/cookbook/',
    '```',
    '',
    '| policy | what it is for | cases |',
    '| --- | --- | --- |',
    ...recipes.map(({ name, text }) => `| [${name}](${name}.yaml) | ${aboutOf(text)} | [cases](${name}.cases.yaml) |`),
    '',
    'Editors with yaml-language-server check these files by their first line; `weir schema --json` prints the schema.',
    '',
  ].join('\n');
}

/** The comment after the line for the language server, as one line. */
export function aboutOf(text: string): string {
  const lines = text.split('\n').slice(1);
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^#\s*/, ''))
    .join(' ');
}
