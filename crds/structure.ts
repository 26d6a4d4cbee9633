/** The shape of a policy: the CRD's schema by way of ajv, with messages for people. */
import { Ajv, type ErrorObject, type SchemaValidateFunction, type ValidateFunction } from 'ajv';
import { parseGlob } from './globs.ts';
import { type Issue, nearest, warning } from './issues.ts';
import type { Kind } from './kinds.ts';
import { SCHEMAS } from './schema.generated.ts';
import { closedSchema, type JsonSchema } from './schema.ts';
import type { Path } from './yaml.ts';

export interface ShapeIssue extends Issue {
  /** The keyword of JSON Schema that failed. */
  keyword: string;
}

const validators = new Map<Kind, ValidateFunction>();

/**
 * Problems of shape: missing and unknown fields, types, bounds, patterns. Fills in the schema's defaults in `policy`.
 * Never throws.
 */
export function checkStructure(policy: unknown, kind: Kind): ShapeIssue[] {
  const known = validators.get(kind);
  const validate = known ?? shapeValidator(closedSchema(SCHEMAS[kind]));
  if (!known) validators.set(kind, validate);
  return [...dropEmpty(SCHEMAS[kind], policy, []), ...checkShape(validate, policy)];
}

/** Takes out what is null and has a default, as a cluster does before it fills in defaults; a warning for each. */
function dropEmpty(schema: JsonSchema, value: unknown, path: Path): ShapeIssue[] {
  const { items, properties = {} } = schema;
  if (Array.isArray(value)) return items ? value.flatMap((item, i) => dropEmpty(items, item, [...path, i])) : [];
  if (typeof value !== 'object' || value === null) return [];
  const record = value as Record<string, unknown>;
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!Object.hasOwn(record, name)) return [];
    const at = [...path, name];
    if (record[name] !== null || property.default === undefined) return dropEmpty(property, record[name], at);
    delete record[name];
    const message = `is empty, so that the default applies: ${valueText(property.default)}`;
    return [{ ...warning(at, message, 'write it, or remove the field'), code: 'schema' as const, keyword: 'default' }];
  });
}

/** Problems of any plain data against a schema that `shapeValidator` prepared, in the same words. */
export function checkShape(validate: ValidateFunction, value: unknown): ShapeIssue[] {
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  // A value of the wrong type fails every other keyword too; the first thing to say is enough.
  const wrongType = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath));
  return (
    errors
      .filter(({ keyword, instancePath }) => keyword === 'type' || !wrongType.has(instancePath))
      // What is wrong with the key is told by itself.
      .filter(({ keyword }) => keyword !== 'propertyNames')
      .map((error) => {
        const issue = explain(error, pathOf(value, error.instancePath));
        return { ...issue, path: placeInMetadata(issue.path), keyword: error.keyword };
      })
  );
}

/** Kubernetes tells what is wrong with a label or an annotation of all of them together. */
function placeInMetadata(path: Path): Path {
  const isMap = path[0] === 'metadata' && (path[1] === 'labels' || path[1] === 'annotations');
  return isMap ? path.slice(0, 2) : path;
}

/** Prepares a schema (JSON Schema, closed) for `checkShape`; defaults are filled in on the way. */
export function shapeValidator(schema: JsonSchema): ValidateFunction {
  return new Ajv({
    allErrors: true,
    useDefaults: true,
    verbose: true,
    strict: false,
    allowUnionTypes: true,
    unicodeRegExp: true,
  })
    .addKeyword({ keyword: 'listMapKeys', type: 'array', validate: uniqueByKeys, errors: true })
    .compile(schema);
}

/** No two items of a list-map are called the same. */
const uniqueByKeys: SchemaValidateFunction = (keys: string[], items: unknown[]) => {
  const seen = new Set<string>();
  const twice: { keyword: string; params: { i: number } }[] = [];
  items.forEach((item, i) => {
    if (typeof item !== 'object' || item === null) return;
    const key = JSON.stringify(keys.map((name) => (item as Record<string, unknown>)[name]));
    if (seen.has(key)) twice.push({ keyword: 'listMapKeys', params: { i } });
    seen.add(key);
  });
  uniqueByKeys.errors = twice;
  return twice.length === 0;
};

function explain(error: ErrorObject, path: Path): Issue {
  const { params, data } = error;
  const parent = error.parentSchema as JsonSchema;
  const issue = (message: string, fix?: string, at = path): Issue => ({
    path: at,
    message,
    severity: 'error',
    code: 'schema',
    ...(fix !== undefined && { fix }),
  });
  switch (error.keyword) {
    case 'required':
      return issue(`the field "${params.missingProperty}" is missing`, `add ${params.missingProperty}:`, [
        ...path,
        params.missingProperty,
      ]);
    case 'listMapKeys': {
      const keys = error.schema as string[];
      const item = (data as Record<string, unknown>[])[params.i] ?? {};
      const called = keys.map((name) => `${name} ${valueText(item[name])}`).join(' and the ');
      return issue(`two items have the ${called}`, 'rename one of them, or put them together', [...path, params.i]);
    }
    case 'additionalProperties': {
      const name = String(params.additionalProperty);
      const fields = Object.keys(parent.properties ?? {});
      const meant = nearest(name, fields);
      const fix =
        meant === undefined ? `remove it; the fields here are ${fields.join(', ')}` : `did you mean ${meant}?`;
      return { ...issue('unknown field', fix, [...path, name]), atKey: true };
    }
    case 'type':
      return issue(`must be ${typeText(params.type)}, not ${valueText(data)}`);
    case 'enum': {
      const allowed = (parent.enum ?? []).map(String);
      const meant = nearest(String(data), allowed);
      return issue(`must be one of ${allowed.join(', ')}`, meant === undefined ? undefined : `did you mean ${meant}?`);
    }
    case 'pattern': {
      const [message, fix] = patternText(path, String(data));
      return issue(message, fix);
    }
    case 'uniqueItems': {
      const later = Math.max(params.i, params.j);
      return issue(`${valueText((data as unknown[])[later])} is given twice`, 'remove one of them', [...path, later]);
    }
    case 'minLength':
      return issue('must not be empty');
    case 'maxLength':
      return issue(`must not be longer than ${params.limit} characters`);
    case 'minItems':
    case 'minProperties':
      return issue('must not be empty', 'remove the field, or fill it');
    case 'maxItems':
    case 'maxProperties':
      return issue(`must not have more than ${params.limit} items`);
    case 'minimum':
      return issue(`must be at least ${params.limit}`);
    case 'maximum':
      return issue(`must be at most ${params.limit}`);
    default:
      return issue(error.message ?? 'is not valid');
  }
}

/** Message and fix for a pattern that failed, by the field it belongs to. */
function patternText(path: Path, value: string): [message: string, fix?: string | undefined] {
  const isLabel = path.includes('matchLabels') || path.includes('values');
  const field = isLabel ? undefined : path.findLast((step) => typeof step === 'string');
  switch (field) {
    case 'maxBodySize':
    case 'newTextSize':
    case 'uploadSize': {
      const size = /^([0-9]+) ?([kmg])i?b?$/i.exec(value);
      if (/^[0-9]+(Ki|Mi|Gi)?$/.test(value))
        return ['this size is too large: a size has at most 15 digits, 12 with Ki, 9 with Mi, 6 with Gi'];
      return [
        `"${value}" is not a size: bytes, or a number with Ki, Mi or Gi`,
        size ? `${size[1]}${size[2]?.toUpperCase()}i` : undefined,
      ];
    }
    case 'methods':
      return ['methods are written in capitals', /^[a-z-]+$/i.test(value) ? value.toUpperCase() : undefined];
    case 'paths': {
      const glob = parseGlob(value);
      return glob.ok ? ['this is not a path'] : [glob.error, glob.fix];
    }
    case 'key':
    case 'labels':
    case 'annotations':
      return ['a label key is a name such as `stage`, or a domain and a name such as `acme.dev/team`'];
    case 'contentTypes': {
      const type = value.split(';', 1)[0]?.trim().toLowerCase() ?? '';
      const fits = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(type);
      return ['a content type is type/subtype in lower case, without parameters or wildcards', fits ? type : undefined];
    }
    case 'forwardHeaders':
      return [`"${value}" is not a header name`, value.endsWith(':') ? value.slice(0, -1) : undefined];
    case 'name': {
      const name = value
        .toLowerCase()
        .replaceAll(/[^a-z0-9.-]+/g, '-')
        .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
      return [
        'a name has lower-case letters, digits and hyphens, and starts and ends with a letter or digit',
        name === '' ? undefined : name,
      ];
    }
    default:
      return [`"${value}" is not allowed here`];
  }
}

function typeText(type: string | string[]): string {
  const names: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    string: 'text',
    integer: 'a whole number',
    boolean: 'true or false',
  };
  return [type]
    .flat()
    .flatMap((one) => one.split(','))
    .map((one) => names[one] ?? one)
    .join(' or ');
}

function valueText(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** JSON pointer (RFC 6901) → path; steps into lists become numbers. */
function pathOf(root: unknown, instancePath: string): Path {
  const path: (string | number)[] = [];
  let value = root;
  for (const token of instancePath.split('/').slice(1)) {
    const step = token.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(step) : step);
    value = (value as Record<string, unknown> | undefined)?.[step];
  }
  return path;
}
