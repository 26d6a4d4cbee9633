/** What can be wrong, or just right, at one place of a schema: each bound at and over it, each type, each text. */
import type { Path } from '../../crds/yaml.ts';
import { ITEM, type Schema, type Site, VALUE } from './definitions.ts';
import { type Texts, textsAt } from './patterns.ts';
import { withValue } from './tree.ts';

export interface Change {
  name: string;
  value: unknown;
  /** Where, from the site on. */
  below?: Path;
  expects?: 'accepted' | 'refused';
}

const accepted = (name: string, value: unknown): Change => ({ name, value, expects: 'accepted' });
const refused = (name: string, value: unknown): Change => ({ name, value, expects: 'refused' });

/** Given the value that an exemplar has there, and the schema of what it stands in. */
export function changesOf({ steps, schema }: Site, value: unknown, parent: Schema | undefined): Change[] {
  const isField = ![ITEM, VALUE].includes(steps.at(-1) as string);
  const isRequired = parent?.required?.includes(steps.at(-1) as string) ?? false;
  const texts = hasTexts(schema) ? textsAt(steps) : undefined;
  return [
    ...(isField ? [isRequired ? refused('missing', undefined) : { name: 'left out', value: undefined }] : []),
    { name: 'null', value: null },
    ...wrongTypes(schema),
    ...(schema.enum ? enumChanges(schema.enum) : []),
    ...(texts ? patternChanges(texts) : []),
    ...(schema.format === 'date-time' ? timeChanges(schema) : []),
    ...(schema.maxLength === undefined || schema.enum || schema.format === 'date-time'
      ? []
      : lengthChanges(schema, texts)),
    ...(schema.type === 'integer' || schema['x-kubernetes-int-or-string'] ? numberChanges(schema) : []),
    ...(schema.items ? listChanges({ steps, schema }, schema.items, value as unknown[]) : []),
    ...(schema.properties ? objectChanges(schema, value as Record<string, unknown>) : []),
    ...(schema.additionalProperties ? mapChanges(schema, value as Record<string, unknown>) : []),
  ];
}

function hasTexts({ pattern, 'x-kubernetes-validations': rules, ...schema }: Schema): boolean {
  return pattern !== undefined || (schema.type === 'string' && rules !== undefined);
}

function wrongTypes(schema: Schema): Change[] {
  const values: Record<string, unknown> = {
    object: {},
    array: [],
    string: 'text',
    integer: 7,
    number: 1.5,
    boolean: true,
  };
  const right = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : [schema.type];
  return Object.entries(values)
    .filter(([type]) => !right.includes(type))
    .map(([type, value]) => refused(`of type ${type}`, value));
}

function enumChanges(values: readonly unknown[]): Change[] {
  const texts = values.filter((value) => typeof value === 'string');
  const otherCase = texts.map((text) => (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase()));
  return [
    ...values.map((value) => ({ name: `is ${value}`, value })),
    ...[...otherCase, '', 'Other', `${texts[0]} `].map((value) => refused(`is "${value}"`, value)),
  ];
}

function patternChanges({ matches, misses }: Texts): Change[] {
  return [
    ...matches.map((text) => accepted(`matches with ${JSON.stringify(text)}`, text)),
    ...misses.map((text) => refused(`does not match with ${JSON.stringify(text)}`, text)),
  ];
}

function lengthChanges({ minLength = 0, maxLength = 0, pattern }: Schema, texts: Texts | undefined): Change[] {
  const text = texts?.long ?? ((length: number) => 'a'.repeat(length));
  const changes = [
    accepted(`${maxLength} long`, text(maxLength)),
    refused(`${maxLength + 1} long`, text(maxLength + 1)),
  ];
  if (minLength > 0) changes.push(refused(`${minLength - 1} long`, 'a'.repeat(minLength - 1)));
  else if (!texts) changes.push(accepted('empty', ''));
  if (pattern !== undefined) return changes;
  // Lengths are in characters: neither in bytes of UTF-8 nor in units of UTF-16.
  for (const character of ['é', '😀']) {
    changes.push(accepted(`${maxLength} ${character}`, character.repeat(maxLength)));
    changes.push(refused(`${maxLength + 1} ${character}`, character.repeat(maxLength + 1)));
  }
  return changes;
}

/** RFC 3339, with as many digits of a second as make up the length. */
function timeChanges({ maxLength = 0 }: Schema): Change[] {
  const time = (length: number) => `${'2026-11-25T10:00:00.'.padEnd(length - 1, '0')}Z`;
  return [
    accepted('a time', '2026-11-25T10:00:00Z'),
    refused('no time', 'yesterday'),
    accepted(`a time ${maxLength} long`, time(maxLength)),
    refused(`a time ${maxLength + 1} long`, time(maxLength + 1)),
  ];
}

function numberChanges({ minimum, maximum, 'x-kubernetes-int-or-string': orString }: Schema): Change[] {
  const changes: Change[] = [refused('a fraction', (minimum ?? 0) + 0.5)];
  if (minimum !== undefined)
    changes.push(accepted(`is ${minimum}`, minimum), refused(`is ${minimum - 1}`, minimum - 1));
  if (maximum !== undefined)
    changes.push(accepted(`is ${maximum}`, maximum), refused(`is ${maximum + 1}`, maximum + 1));
  if (orString) for (const value of [-1, 0, 4096, 2 ** 53 - 1]) changes.push({ name: `is ${value}`, value });
  return changes;
}

function listChanges({ steps, schema }: Site, items: Schema, value: readonly unknown[]): Change[] {
  const {
    minItems = 0,
    maxItems = 0,
    'x-kubernetes-list-type': type,
    'x-kubernetes-list-map-keys': keys = [],
  } = schema;
  const site = { steps: [...steps, ITEM], schema: items };
  const list = (length: number) => Array.from({ length }, (_, n) => nthItem(site, value[0], keys, n));
  const changes = [accepted(`${maxItems} items`, list(maxItems)), refused(`${maxItems + 1} items`, list(maxItems + 1))];
  if (minItems > 0) {
    changes.push(accepted(`${minItems} items`, list(minItems)), refused(`${minItems - 1} items`, list(minItems - 1)));
  } else changes.push(accepted('empty', []));
  const twice = [...value, structuredClone(value[0])];
  if (type === 'atomic') changes.push({ name: 'an item twice', value: twice });
  else changes.push(refused('an item twice', twice));
  if (keys.length > 1) {
    // Equal in one key alone is not equal.
    for (const key of keys) {
      const others = keys.filter((one) => one !== key);
      const other = nthItem(site, value[0], others, 77);
      changes.push(accepted(`the same ${key} twice`, [value[0], other]));
    }
  }
  return changes;
}

/** Like the item, and different from those of other numbers: as a whole, or by its keys. */
function nthItem({ steps, schema }: Site, item: unknown, keys: readonly string[], n: number): unknown {
  if (schema.enum) return schema.enum[n % schema.enum.length];
  if (schema.type === 'string') return hasTexts(schema) ? textsAt(steps).nth(n) : `x${n}-${item}`;
  if (schema.type === 'integer') return (schema.minimum ?? 0) + 1000 + n;
  let copy = structuredClone(item) as Record<string, unknown>;
  for (const key of keys) {
    const site = { steps: [...steps, key], schema: schema.properties?.[key] ?? {} };
    copy = withValue(copy, [key], nthItem(site, copy[key], [], n));
  }
  return copy;
}

function objectChanges({ minProperties = 0 }: Schema, value: Record<string, unknown>): Change[] {
  const [first] = Object.entries(value);
  return [
    { name: 'an unknown field', value: 1, below: ['unexpected'], expects: 'refused' },
    minProperties > 0 ? refused('empty', {}) : { name: 'empty', value: {} },
    ...(first ? [{ name: `${first[0]} alone`, value: { [first[0]]: first[1] } }] : []),
  ];
}

function mapChanges({ maxProperties = 0 }: Schema, value: Record<string, unknown>): Change[] {
  const [any] = Object.values(value);
  const map = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, n) => [`key-${n}`, any]));
  return [
    accepted(`${maxProperties} keys`, map(maxProperties)),
    refused(`${maxProperties + 1} keys`, map(maxProperties + 1)),
    accepted('empty', {}),
    accepted('a key with a prefix', { 'app.kubernetes.io/name': any }),
    { name: 'a key that is no label key', value: { '!': any } },
    refused('a wrong value under a key with a prefix', { 'app.kubernetes.io/name': 7 }),
  ];
}
