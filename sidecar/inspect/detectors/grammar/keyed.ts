/** Secrets without a shape of their own: what is assigned to a name that says what it is (`DATADOG_API_KEY=…`). */
import type { Match } from '../types.ts';
import { partsDrawn } from './drawn.ts';
import type { CompiledFormat } from './format.ts';
import { exactly, parseShapes, patternOf, type Shape, sampleOf } from './shape.ts';

export interface KeyedFormat {
  /** Words of the name, in lower case: `datadog api key` stands for DATADOG_API_KEY, datadogApiKey, datadog-api-key and so on. */
  keys: readonly string[];
  /** In the grammar of shape.ts. */
  value: string;
}

export function keyed(keys: string | readonly string[], value: string): KeyedFormat {
  return { keys: typeof keys === 'string' ? [keys] : keys, value };
}

/** Characters that may still belong to the name. */
const MAX_NAME_REST = 24;
/** Characters of one head line between a name in a form and the empty line before its value. */
const MAX_HEAD_LINE = 128;

/**
 * What stands between a name and its value (a group of its own, so that the rest of a name is read once and not again for each
 * place at which it could end): signs of assignment, a list of variables (`- name: X`, `value: …`), or the
 * rest of the head of a part of a form.
 */
export const ASSIGNED =
  `(?=([A-Za-z0-9_.-]{0,${MAX_NAME_REST}}))\\1["'\`\\\\\\]]{0,4}` +
  `(?:\\s{0,8}(?:[:=>,(]|%3[ad]){1,3}\\s{0,8}| {1,4}|(?:,\\s{0,16}|\\s{1,16})["']?value["']?\\s{0,4}[:=]\\s{0,4}|` +
  `;?(?:[^\\r\\n]{0,${MAX_HEAD_LINE}}\\r?\\n){1,3}\\r?\\n)["'\`\\\\]{0,4}`;
/** Characters that are charged for a name: most literals are no name, and end at their next word. */
const USUAL_REACH = 64;
/** Characters that ASSIGNED reads at most, about. */
export const ASSIGNED_REACH = 160;

/** Letters from which on the first word of a name is looked for alone. */
const MIN_LEAD = 5;
/** Letters from which on it is looked for without the first one, which is of either case. */
const MIN_TAIL = 7;
/** First words that are in ordinary text too: the second is looked for with them. */
const ORDINARY = new Set([
  'account',
  'access',
  'bootstrap',
  'capella',
  'client',
  'drone',
  'kafka',
  'linear',
  'preshared',
  'private',
  'render',
  'segment',
  'storage',
  'together',
  'watson',
]);
/** What stands between the words of a name. */
const BETWEEN = '[_.\\- ]{0,2}';

export function keyedFormats({ keys, value }: KeyedFormat): CompiledFormat[] {
  const leads = [...new Set(keys.flatMap((key) => leadsOf(key)))];
  return parseShapes(value).map((shape) => compile(keys, leads, shape));
}

function compile(keys: readonly string[], leads: readonly string[], shape: Shape): CompiledFormat {
  const names = keys.map((key) => key.slice(1).split(' ').map(exactly).join(BETWEEN));
  // The literal may lack the first letter.
  const firsts = [...new Set(keys.map((key) => key.charAt(0)))].join('');
  const pattern = new RegExp(`(?i:[${firsts}]?(?:${names.join('|')})${ASSIGNED})(${patternOf(shape, true)})`, 'y');
  const folded = new RegExp(pattern.source, 'iy');
  const sizes = shape.flatMap((piece) => ('literal' in piece ? [] : [piece.alphabet.length]));
  const key = keys[0] ?? '';
  return {
    label: `${snake(key)} = …`,
    literals: leads,
    reach: USUAL_REACH,
    isWord: false,
    weakInRun: false,
    bounded: false,
    sample: (seed) => assignment(key, sampleOf(shape, seed), seed),
    placeholder: assignment(key, 'your-key-goes-here', 0),
    confirm(text: string, at: number, foldCase: boolean): Match | undefined {
      const used = foldCase ? folded : pattern;
      used.lastIndex = at;
      const found = used.exec(text);
      const secret = found?.[2];
      if (found === null || secret === undefined || !partsDrawn(found.slice(3), sizes)) return undefined;
      const end = at + found[0].length;
      return { start: end - secret.length, end };
    },
  };
}

/** The literals of a name: its first word, or its first two where that is short or ordinary. */
export function leadsOf(key: string): string[] {
  const [first = '', second] = key.split(' ');
  if (second === undefined || (first.length >= MIN_LEAD && !ORDINARY.has(first))) {
    const title = first.charAt(0).toUpperCase() + first.slice(1);
    const spellings = first.length >= MIN_TAIL ? [first.slice(1)] : [first, title];
    return [...spellings, first.toUpperCase()];
  }
  const lead = `${first}_${second}`;
  return [lead, lead.toUpperCase(), `${first.slice(1)}${second.charAt(0).toUpperCase()}${second.slice(1)}`];
}

function snake(key: string): string {
  return key.replaceAll(' ', '_');
}

function assignment(key: string, value: string, seed: number): string {
  const name = snake(key);
  switch (seed % 5) {
    case 0:
      return `export ${name.toUpperCase()}=${value}\n`;
    case 1:
      return `{"${key.replace(/ (.)/g, (_, first: string) => first.toUpperCase())}": "${value}"}`;
    case 2:
      return `${name}: '${value}'\n`;
    case 3:
      return `- name: ${name.toUpperCase()}\n  value: "${value}"\n`;
    default:
      return `?x=1&${name}=${value}`;
  }
}
