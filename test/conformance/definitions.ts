/** The CRDs as they are in crds/*.yaml, and a walk over every place of their schemas. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { JsonSchema } from '../../crds/schema.ts';

export interface CelRule {
  rule: string;
  message?: string;
  messageExpression?: string;
}
export interface Schema
  extends Omit<JsonSchema, 'properties' | 'items' | 'additionalProperties' | 'x-kubernetes-validations'> {
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema;
  'x-kubernetes-validations'?: CelRule[];
}
export interface Definition {
  metadata: { name: string };
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: { kind: string; plural: string; singular: string; shortNames: string[] };
    versions: {
      name: string;
      additionalPrinterColumns: { name: string }[];
      schema: { openAPIV3Schema: Schema };
    }[];
  };
}

const folder = join(import.meta.dirname, '../../crds');

export const DEFINITIONS: readonly Definition[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => load(readFileSync(join(folder, name), 'utf8')) as Definition);

export function schemaOf({ spec }: Definition): Schema {
  const schema = spec.versions[0]?.schema.openAPIV3Schema;
  if (!schema) throw new Error(`${spec.names.plural} has no version`);
  return schema;
}

/** Where its objects are; the collection when no name is given. */
export function resourcePath({ spec }: Definition, name = ''): string {
  const namespace = spec.scope === 'Namespaced' ? '/namespaces/default' : '';
  return `/apis/${spec.group}/${spec.versions[0]?.name}${namespace}/${spec.names.plural}${name && `/${name}`}`;
}

/** A step into any item of a list, and into any value of a map. */
export const ITEM = '[]';
export const VALUE = '{}';

/** A place of a schema: `spec.egress[].to.hosts[]`. */
export interface Site {
  steps: readonly string[];
  schema: Schema;
}

export function siteText(steps: readonly string[]): string {
  return steps.map((step, i) => (step === ITEM || i === 0 ? step : `.${step}`)).join('');
}

/** Every place under a field of the object, `spec` or `status`. */
export function sitesOf(definition: Definition, field: string): Site[] {
  const sites: Site[] = [];
  const walk = (schema: Schema, steps: readonly string[]): void => {
    sites.push({ steps, schema });
    for (const [name, property] of Object.entries(schema.properties ?? {})) walk(property, [...steps, name]);
    if (schema.items) walk(schema.items, [...steps, ITEM]);
    if (schema.additionalProperties) walk(schema.additionalProperties, [...steps, VALUE]);
  };
  const schema = schemaOf(definition).properties?.[field];
  if (!schema) throw new Error(`${definition.spec.names.kind} has no ${field}`);
  walk(schema, [field]);
  return sites;
}
