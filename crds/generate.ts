/**
 * Makes the generated files beside this one, and what clusteregresspolicy.yaml shares with egresspolicy.yaml, from their
 * sources. `--check` writes nothing, names what differs and exits 1. Run after every change of the definitions (*.yaml), of presets/ or
 * of the tldts version.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { compile } from 'json-schema-to-typescript';
import { type Definition, policyPage } from './policy-doc.ts';
import type { Preset } from './presets.ts';
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

/** Both kinds in one file: every titled schema becomes one interface, and has to be the same wherever it is used. */
async function types(schemas: Record<string, JsonSchema>): Promise<string> {
  const definitions: Record<string, JsonSchema> = {};
  const hoist = (schema: JsonSchema): JsonSchema => {
    const { title } = schema;
    const inner = { ...schema };
    if (schema.items) inner.items = hoist(schema.items);
    if (schema.properties) {
      inner.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, hoist(one)]));
    }
    if (title === undefined) return inner;
    if (definitions[title] && json(definitions[title]) !== json(inner))
      throw new Error(`two schemas are titled ${title}, and differ`);
    definitions[title] = inner;
    return { $ref: `#/$defs/${title}` };
  };
  const properties = Object.fromEntries(
    Object.entries(schemas).map(([kind, schema]) => [kind, hoist(closedSchema(schema))]),
  );
  const root = { title: 'Kinds', type: 'object', properties, additionalProperties: false, $defs: definitions };
  return compile(root as Parameters<typeof compile>[0], 'Kinds', {
    bannerComment: HEADER.trimEnd(),
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 120 },
  });
}

function readPresets(): Preset[] {
  const names = readdirSync(here('presets/'))
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  return names.map((name) => readYaml(`presets/${name}`) as Preset);
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

/** What the two kinds share below `spec`, in the YAML text. */
const SHARED = ['egress', 'content', 'dns', 'pod'];
const SHARED_INDENT = 16;

/** `into`, with the text of the shared fields taken from `from`. */
function withShared(into: string, from: string): string {
  const block = (text: string, name: string): [start: number, end: number] => {
    const key = new RegExp(`^ {${SHARED_INDENT}}${name}:\\n`, 'm').exec(text);
    if (!key) throw new Error(`there is no field ${name} at the place where it is shared`);
    const body = new RegExp(`(?:(?: {${SHARED_INDENT + 1}}.*)?\\n)*`, 'y');
    body.lastIndex = key.index + key[0].length;
    return [key.index, body.lastIndex + (body.exec(text)?.[0].length ?? 0)];
  };
  return SHARED.reduce(
    (text, name) =>
      text.slice(0, block(text, name)[0]) + from.slice(...block(from, name)) + text.slice(block(text, name)[1]),
    into,
  );
}

async function generate(): Promise<Record<string, string>> {
  const own = readFileSync(here('egresspolicy.yaml'), 'utf8');
  const cluster = withShared(readFileSync(here('clusteregresspolicy.yaml'), 'utf8'), own);
  const definitions = [load(own) as Definition, load(cluster) as Definition] as const;
  const schemas = Object.fromEntries(
    definitions.map(({ spec }) => {
      const schema = spec.versions[0]?.schema.openAPIV3Schema;
      if (!schema) throw new Error(`${spec.names.kind} has no version`);
      return [spec.names.kind, schema];
    }),
  );
  const presets = readPresets();
  return {
    'clusteregresspolicy.yaml': cluster,
    'types.generated.ts': await types(schemas),
    'schema.generated.ts': `${HEADER}import type { Kind } from './kinds.ts';\nimport type { JsonSchema } from './schema.ts';\n\nexport const SCHEMAS: Readonly<Record<Kind, JsonSchema>> = ${json(schemas)};\n`,
    'presets.generated.ts': `${HEADER}import type { Preset } from './presets.ts';\n\nexport const PRESETS: readonly Preset[] = ${json(presets)};\n`,
    'suffixes.generated.ts': await sharedParents(),
    '../docs/policy.md': policyPage(definitions, presets, SHARED),
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
  process.stderr.write(`${join('crds', name)} ${check ? 'is out of date: run `node crds/generate.ts`' : 'written'}\n`);
}
if (check && stale.length > 0) process.exitCode = 1;
