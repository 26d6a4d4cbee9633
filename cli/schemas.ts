/** JSON Schemas for editors, from the definitions that the cluster checks with. Pure. */
import { API_VERSION, KINDS, type Kind } from '../crds/kinds.ts';
import { SCHEMAS } from '../crds/schema.generated.ts';
import { closedSchema, type JsonSchema } from '../crds/schema.ts';
import { CASES_SCHEMA } from './cases-schema.ts';
import { HELP_WIDTH, wrap } from './help.ts';
import type { SchemaName } from './table.ts';

const DIALECT = 'http://json-schema.org/draft-07/schema#';

/** The schema as it is published; a document of both kinds is checked by the `kind` that it says. */
export function publishedSchema(name: SchemaName): object {
  switch (name) {
    case 'egresspolicy':
      return { $schema: DIALECT, ...kindSchema('EgressPolicy') };
    case 'clusteregresspolicy':
      return { $schema: DIALECT, ...kindSchema('ClusterEgressPolicy') };
    case 'cases':
      return { $schema: DIALECT, ...CASES_SCHEMA };
    case 'policy':
      return {
        $schema: DIALECT,
        title: 'A policy of Weir',
        type: 'object',
        required: ['apiVersion', 'kind'],
        properties: { apiVersion: { enum: [API_VERSION] }, kind: { enum: [...KINDS] } },
        allOf: KINDS.map((kind) => ({
          if: { properties: { kind: { const: kind } } },
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          then: kindSchema(kind),
        })),
      };
    default:
      return name satisfies never;
  }
}

function kindSchema(kind: Kind): JsonSchema {
  const schema = standard(closedSchema(SCHEMAS[kind]));
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion: { description: 'The version of the API.', enum: [API_VERSION] },
      kind: { description: 'The kind of the policy.', enum: [kind] },
    },
  };
}

/** Without the keyword that only our own validation knows. */
function standard(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === 'listMapKeys' ? undefined : value)));
}

/** One line a field: its path, its type and bounds; and its description. */
export function schemaText(name: Exclude<SchemaName, 'policy'>): string {
  const schema = publishedSchema(name) as JsonSchema;
  return [`${schema.title}`, ...indented(schema.description ?? '', 1), '', ...fields(schema, '')].join('\n');
}

function fields(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const isRequired = schema.required?.includes(name) ?? false;
    const at = path === '' ? name : `${path}.${name}`;
    const facts = [typeOf(field), ...bounds(field), ...(isRequired ? ['required'] : [])].join(', ');
    return [`${at}  <${facts}>`, ...indented(field.description ?? '', 1), ...inner(field, at)];
  });
}

function inner(field: JsonSchema, at: string): string[] {
  if (field.items) return inner(field.items, `${at}[]`);
  return field.properties ? fields(field, at) : [];
}

function typeOf(field: JsonSchema): string {
  if (field.enum) return field.enum.join(' | ');
  if (field.type === 'array') return `list of ${typeOf(field.items ?? {})}`;
  if (field.type === 'object') return field.title ?? (field.additionalProperties ? 'mapping' : 'object');
  return [field.type ?? 'anything'].flat().join(' or ');
}

function bounds(field: JsonSchema): string[] {
  const { minItems, maxItems, minimum, maximum, minLength, maxLength, default: fallback } = field;
  const range = (least: number | undefined, most: number | undefined, what: string) =>
    least === undefined && most === undefined ? [] : [`${least ?? 0} to ${most ?? 'any'}${what}`];
  return [
    ...range(minItems, maxItems, ' items'),
    ...(field.type === 'integer' ? range(minimum, maximum, '') : []),
    ...(field.enum ? [] : range(minLength, maxLength, ' characters')),
    ...(fallback === undefined ? [] : [`default ${JSON.stringify(fallback)}`]),
  ];
}

function indented(text: string, level: number): string[] {
  return text === '' ? [] : wrap(text, HELP_WIDTH - 2 * level).map((line) => `${'  '.repeat(level)}${line}`);
}
