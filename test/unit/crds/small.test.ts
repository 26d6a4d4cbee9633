import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { nearest, pathText } from '../../../crds/issues.ts';
import { KINDS } from '../../../crds/kinds.ts';
import { findPreset, PRESET_NAMES } from '../../../crds/presets.ts';
import { REASONS } from '../../../crds/reasons.ts';
import { SCHEMAS } from '../../../crds/schema.generated.ts';
import { closedSchema, type JsonSchema } from '../../../crds/schema.ts';
import { formatSize, parseSize } from '../../../crds/sizes.ts';
import { checkStructure } from '../../../crds/structure.ts';
import { validatePolicy } from '../../../crds/validate.ts';

describe('sizes', () => {
  it.each<[string | number, number | undefined]>([
    ['0', 0],
    ['16Ki', 16384],
    ['1Mi', 1048576],
    ['3Gi', 3221225472],
    [42, 42],
    ['007', 7],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['9007199254740992', undefined],
    ['99999999999Gi', undefined],
    ['16K', undefined],
    ['16KI', undefined],
    ['1.5Mi', undefined],
    ['-1', undefined],
    [-1, undefined],
    [1.5, undefined],
    [Number.NaN, undefined],
    ['', undefined],
    [' 1', undefined],
    ['1Mi\n', undefined],
  ])('%j is %s bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    [0, '0'],
    [1, '1'],
    [1023, '1023'],
    [1024, '1Ki'],
    [1536, '1536'],
    [1048576, '1Mi'],
    [3221225472, '3Gi'],
  ])('%s is written %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
    expect(parseSize(text)).toBe(bytes);
  });
});

describe('nearest', () => {
  const options = ['methods', 'paths', 'query', 'contentTypes'];
  it.each([
    ['method', 'methods'],
    ['mehtods', 'methods'],
    ['Paths', 'paths'],
    ['path', 'paths'],
    ['contenttypes', 'contentTypes'],
    ['content-types', 'contentTypes'],
    ['hosts', undefined],
    ['', undefined],
    ['x'.repeat(65), undefined],
  ])('%s: %s', (word, expected) => {
    expect(nearest(word, options)).toBe(expected);
  });
});

describe('pathText', () => {
  it('reads like a path', () => {
    expect(pathText(['spec', 'egress', 0, 'to', 'hosts', 1])).toBe('spec.egress[0].to.hosts[1]');
    expect(pathText(['spec', 'matchLabels', 'acme.dev/x'])).toBe('spec.matchLabels["acme.dev/x"]');
    expect(pathText([])).toBe('');
  });
});

describe('REASONS', () => {
  it.each(Object.entries(REASONS))('%s fits a log line and a refusal', (_, { status, sentence, help }) => {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(sentence).not.toMatch(/[.\n]$/);
    expect(sentence.length).toBeLessThan(90);
    expect(help).toMatch(/\.$/);
  });

  it('never lets pass in Audit mode what cannot be taken back or read', () => {
    for (const reason of [
      'content.secret',
      'content.too-complex',
      'address.not-allowed',
      'destination.self',
      'destination.unknown',
      'http.malformed',
      'tls.no-sni',
      'tls.encrypted-hello',
      'tls.host-mismatch',
      'http.host-mismatch',
    ] as const) {
      expect(REASONS[reason].audit).toBe('refuse');
    }
  });
});

describe('presets', () => {
  it('are found by name', () => {
    expect(PRESET_NAMES).toEqual([
      'git-fetch',
      'npm-install',
      'npm-publish',
      'oci-pull',
      'otlp-export',
      'pypi-install',
    ]);
    expect(findPreset('npm-install')?.hosts).toEqual(['registry.npmjs.org']);
    expect(findPreset('constructor')).toBeUndefined();
  });
});

describe.each(KINDS)('the definition of %s', (kind) => {
  const walk = (schema: JsonSchema, path: string, visit: (schema: JsonSchema, path: string) => void): void => {
    visit(schema, path);
    for (const [name, property] of Object.entries(schema.properties ?? {})) walk(property, `${path}.${name}`, visit);
    if (schema.items) walk(schema.items, `${path}[]`, visit);
    if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${path}{}`, visit);
  };
  const paths = (isWrong: (schema: JsonSchema) => boolean) => {
    const found: string[] = [];
    for (const name of ['spec', 'status']) {
      walk(SCHEMAS[kind].properties?.[name] ?? {}, name, (schema, path) => {
        if (isWrong(schema)) found.push(path);
      });
    }
    return found;
  };

  it('bounds everything, as a structural schema with CEL must', () => {
    const isLoose = (schema: JsonSchema) =>
      (schema.type === 'array' && (schema.maxItems === undefined || schema['x-kubernetes-list-type'] === undefined)) ||
      (schema.type === 'string' && schema.enum === undefined && schema.maxLength === undefined) ||
      (schema.type === 'integer' && (schema.minimum === undefined || schema.maximum === undefined)) ||
      (schema['x-kubernetes-int-or-string'] === true &&
        (schema.maximum === undefined || schema.maxLength === undefined)) ||
      (schema.additionalProperties !== undefined && schema.maxProperties === undefined) ||
      (schema.type === undefined && !schema['x-kubernetes-int-or-string']);
    expect(paths(isLoose)).toEqual([]);
  });

  it('describes every field with an example that matches and one that does not', () => {
    const isPoor = ({ description, type, properties }: JsonSchema) =>
      description === undefined
        ? type === 'object' && properties !== undefined
        : !/`[^`]+`/.test(description) || !/\b(not|nor|neither|never|no|none|refused)\b/.test(description);
    expect(paths(isPoor)).toEqual([]);
    const fields: string[] = [];
    walk(SCHEMAS[kind], '', (schema, path) => {
      for (const [name, field] of Object.entries(schema.properties ?? {}))
        if (field.description === undefined && name !== 'metadata') fields.push(`${path}.${name}`);
    });
    expect(fields).toEqual([]);
  });

  it('gives every rule a message of one line, and merges lists by keys that are required', () => {
    const isWrong = (schema: JsonSchema) =>
      (schema['x-kubernetes-validations'] ?? []).some(({ message }) => message === '' || message.includes('\n')) ||
      !(schema['x-kubernetes-list-map-keys'] ?? []).every((key) => schema.items?.required?.includes(key));
    expect(paths(isWrong)).toEqual([]);
  });

  it('closes every object', () => {
    const open: string[] = [];
    walk(closedSchema(SCHEMAS[kind]), '', (schema, path) => {
      if (schema.properties && schema.additionalProperties !== false) open.push(path);
    });
    expect(open).toEqual([]);
  });
});

describe('the generated files', () => {
  it('are what the definitions say', async () => {
    const generate = new URL('../../../crds/generate.ts', import.meta.url).pathname;
    const { stderr } = await promisify(execFile)(process.execPath, [generate, '--check']);
    expect(stderr).toBe('');
    for (const kind of KINDS) {
      const file = new URL(`../../../crds/${kind.toLowerCase()}.yaml`, import.meta.url);
      const { spec } = load(readFileSync(file, 'utf8')) as {
        spec: { versions: { schema: { openAPIV3Schema: JsonSchema } }[] };
      };
      expect(SCHEMAS[kind]).toEqual(spec.versions[0]?.schema.openAPIV3Schema);
    }
  });
});

describe('validatePolicy', () => {
  it.each([
    undefined,
    null,
    1,
    'x',
    [],
    {},
    { spec: null },
    { spec: { egress: [[], null, 1] } },
    { spec: { egress: { length: 3 } } },
  ])('takes anything: %j', (value) => {
    const issues = validatePolicy(value, []);
    expect(issues.some(({ severity }) => severity === 'error')).toBe(true);
  });

  it('looks at a document that is wrong everywhere no oftener than at one with fewer mistakes', () => {
    const looksAt = (length: number): number => {
      let looks = 0;
      const watched = <T extends object>(value: T): T =>
        new Proxy(value, {
          get: (target, name) => {
            looks++;
            const part: unknown = Reflect.get(target, name);
            return typeof part === 'object' && part !== null ? watched(part) : part;
          },
        });
      const egress = Array.from({ length }, (_, i) => ({ [`x${i}`]: i }));
      expect(validatePolicy(watched({ spec: { egress } }), []).length).toBeGreaterThan(length);
      return looks;
    };
    expect(looksAt(8000) / looksAt(1000)).toBeLessThanOrEqual(8);
  });

  it('does not compare what is wrong with the rest when that is much', () => {
    const meaningOf = (faults: number): string[] => {
      const unknown = Object.fromEntries(Array.from({ length: faults }, (_, i) => [`x${i}`, i]));
      const spec = { egress: [{ name: 'a', to: { hosts: ['-.example.com'] } }], ...unknown };
      const policy = { apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata: { name: 'a' }, spec };
      return validatePolicy(policy, []).flatMap(({ path }) => (path.includes('hosts') ? [path.join('.')] : []));
    };
    expect(meaningOf(1)).toEqual(['spec.egress.0.to.hosts.0']);
    expect(meaningOf(101)).toEqual([]);
  });

  it('tells a wrong type once', () => {
    expect(
      checkStructure({ apiVersion: 'a', kind: 'b', metadata: { name: 'c' }, spec: { mode: 1 } }, 'EgressPolicy').map(
        ({ message }) => message,
      ),
    ).toEqual(['must be text, not 1']);
  });
});
