/**
 * Makes the generated files beside this one from their sources. `--check` writes nothing, names what differs and
 * exits 1. Run after every change of egresspolicy.yaml, of presets/ or of the tldts version.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { compile } from 'json-schema-to-typescript';
import { closedSchema, type JsonSchema } from './schema.ts';

/** The public suffix list as tldts ships it: nodes with edges to longer names, flagged 1 (a registry's) or 2 (private). */
interface SuffixTrie {
  nodeFlags: Uint8Array;
  edgeStart: Uint16Array;
  edgeLength: Uint8Array;
  edgeChild: Uint16Array;
  labelText: string;
  rulesRoot: number;
}

const PRIVATE = 2;
const HEADER = '// Made by crds/generate.ts; do not edit.\n';
const here = (name: string) => new URL(name, import.meta.url);
const readYaml = (name: string): unknown => load(readFileSync(here(name), 'utf8'));
const json = (value: unknown) => JSON.stringify(value, null, 2);

async function types(schema: JsonSchema): Promise<string> {
  return compile(closedSchema(schema) as Parameters<typeof compile>[0], 'EgressPolicy', {
    bannerComment: HEADER.trimEnd(),
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 120 },
  });
}

function presets(): string {
  const names = readdirSync(here('presets/'))
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const all = names.map((name) => readYaml(`presets/${name}`));
  return `${HEADER}import type { Preset } from './presets.ts';\n\nexport const PRESETS: readonly Preset[] = ${json(all)};\n`;
}

/**
 * Names above private suffixes that are no suffixes themselves: `amazonaws.com`, above `s3.amazonaws.com`. A wildcard
 * on one reaches into shared hosting, which the public suffix list alone does not tell of the name itself.
 */
async function sharedParents(): Promise<string> {
  const file = here('../node_modules/tldts/dist/es6/src/data/trie.js').href;
  const { nodeFlags, edgeStart, edgeLength, edgeChild, labelText, rulesRoot } = (await import(file)) as SuffixTrie;
  const offsets: number[] = [];
  let offset = 0;
  for (const length of edgeLength) {
    offsets.push(offset);
    offset += length;
  }
  const parents = new Set<string>();
  const walk = (node: number, name: string, above: string[]): void => {
    const flags = nodeFlags[node] ?? 0;
    if (flags & PRIVATE) for (const parent of above) parents.add(parent);
    const inner = name !== '' && flags === 0 ? [...above, name] : above;
    for (let edge = edgeStart[node] ?? 0; edge < (edgeStart[node + 1] ?? 0); edge++) {
      const start = offsets[edge] ?? 0;
      const label = labelText.slice(start, start + (edgeLength[edge] ?? 0));
      walk(edgeChild[edge] ?? 0, name === '' ? label : `${label}.${name}`, inner);
    }
  };
  walk(rulesRoot, '', []);
  const text = [...parents].sort().join(' ');
  return `${HEADER}/** From the public suffix list in tldts (publicsuffix.org, MPL-2.0). */\nexport const SHARED_PARENTS =\n  '${text}';\n`;
}

interface Definition {
  spec: { versions: { schema: { openAPIV3Schema: JsonSchema } }[] };
}

async function generate(): Promise<Record<string, string>> {
  const schema = (readYaml('egresspolicy.yaml') as Definition).spec.versions[0]?.schema.openAPIV3Schema;
  if (!schema) throw new Error('egresspolicy.yaml has no version');
  return {
    'types.generated.ts': await types(schema),
    'schema.generated.ts': `${HEADER}import type { JsonSchema } from './schema.ts';\n\nexport const SCHEMA: JsonSchema = ${json(schema)};\n`,
    'presets.generated.ts': presets(),
    'suffixes.generated.ts': await sharedParents(),
  };
}

const check = process.argv.includes('--check');
const stale = Object.entries(await generate()).filter(([name, text]) => {
  try {
    return readFileSync(here(name), 'utf8') !== text;
  } catch {
    return true;
  }
});
for (const [name, text] of stale) {
  if (!check) writeFileSync(here(name), text);
  process.stderr.write(`crds/${name} ${check ? 'is out of date: run `node crds/generate.ts`' : 'written'}\n`);
}
if (check && stale.length > 0) process.exitCode = 1;
