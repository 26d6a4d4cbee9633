/**
 * The rules of the definitions (`x-kubernetes-validations`), evaluated here as a cluster's API server evaluates them
 * (kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions, "Validation rules"): the same
 * expressions, places and messages.
 */
import { Environment } from '@marcbachmann/cel-js';
import type { Issue } from './issues.ts';
import type { JsonSchema, ValidationRule } from './schema.ts';
import type { Path } from './yaml.ts';

type Program = (context: { self: unknown }) => unknown;

const environment = new Environment().registerVariable('self', 'dyn');
const programs = new Map<string, Program>();

/**
 * Rules of the schema that the object breaks. Expects defaults to be filled in; a rule about a part that `isFaulty` says
 * to be, or to hold, or to lie in something of the wrong shape is not evaluated. Never throws: a rule that cannot be evaluated is a broken one.
 */
export function checkCel(policy: unknown, schema: JsonSchema, isFaulty: (path: Path) => boolean): Issue[] {
  const issues: Issue[] = [];
  walk(schema, policy, [], (part, value, path) => {
    const rules = part['x-kubernetes-validations'];
    if (!rules) return;
    const self = typed(part, value);
    for (const rule of rules) {
      if (lookedAt(rule).some((fields) => isFaulty([...path, ...fields]))) continue;
      const message = broken(rule, self);
      if (message !== undefined)
        issues.push({ path: [...path, ...fieldPath(rule)], message, severity: 'error', code: 'cel' });
    }
  });
  return issues;
}

/** Every value that the schema describes, with its schema. What has another shape is not walked into. */
function walk(
  schema: JsonSchema,
  value: unknown,
  path: Path,
  visit: (schema: JsonSchema, value: unknown, path: Path) => void,
): void {
  visit(schema, value, path);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items) for (const [i, item] of value.entries()) walk(items, item, [...path, i], visit);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(value, name)) walk(property, (value as Record<string, unknown>)[name], [...path, name], visit);
  }
}

/** The message of a rule that does not hold; `undefined`: it does. */
function broken({ rule, message, messageExpression }: ValidationRule, self: unknown): string | undefined {
  try {
    if (run(rule, self) === true) return undefined;
    const told = messageExpression === undefined ? message : run(messageExpression, self);
    return typeof told === 'string' && told !== '' ? told : message;
  } catch {
    return message;
  }
}

function run(expression: string, self: unknown): unknown {
  const program = programs.get(expression) ?? (environment.parse(expression) as Program);
  programs.set(expression, program);
  return program({ self });
}

/** `.limits.uploadSize` → steps. */
function fieldPath({ fieldPath: text = '' }: ValidationRule): string[] {
  return text.split('.').slice(1);
}

/** The fields that a rule reads; the object as a whole when it names none. */
function lookedAt({ rule }: ValidationRule): Path[] {
  const fields = [...rule.matchAll(/\bself\.(\w+)(?!\w*\()/g)].map(([, name = '']) => [name]);
  return fields.length === 0 ? [[]] : fields;
}

/** The value as CEL has it: whole numbers are `int`, which the library keeps as BigInt. */
function typed(schema: JsonSchema, value: unknown): unknown {
  if (schema.type === 'integer' && Number.isSafeInteger(value)) return BigInt(value as number);
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map((item) => typed(items, item)) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  return new Map(
    Object.entries(value).map(([name, field]) => {
      const { additionalProperties: rest, properties } = schema;
      const own = properties?.[name] ?? (typeof rest === 'object' ? rest : undefined);
      return [name, own ? typed(own, field) : field];
    }),
  );
}
