/** The API as Kubernetes' own API server sees it, and as `weir check` does: on what the definitions say, they agree. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check, type Judgement, type Served, serve } from './agreement.ts';
import { ApiServer } from './api.ts';
import { DEFINITIONS, ITEM, type Schema, sitesOf, siteText, VALUE } from './definitions.ts';
import { casesOf } from './documents.ts';
import { install } from './install.ts';

const SERVES_ALL_WITHIN_MS = 240_000;

const cases = DEFINITIONS.flatMap((definition) => casesOf(definition));
const served: (Served | Error)[] = [];
let api: ApiServer;

beforeAll(async () => {
  api = await ApiServer.start();
  await install(api);
  for (const { definition, document } of cases) {
    served.push(await serve(api, definition, document).catch((error: Error) => error));
  }
}, SERVES_ALL_WITHIN_MS);
afterAll(() => api?.stop());

const kinds = DEFINITIONS.map((definition) => [definition.spec.names.kind, definition] as const);

describe.each(kinds)('%s: both judges of a document', (_, definition) => {
  const own = cases.map((one, i) => [one.name, one, i] as const).filter(([, one]) => one.definition === definition);

  it('have at least 100 documents', () => {
    expect(own.length).toBeGreaterThan(100);
  });

  it.each(own)('%s', (_name, { document, expects, breaks, isOwn }, i) => {
    const server = servedAt(i);
    const ours = check(document);
    expect(told(ours, server.isCut)).toBe(told(server, server.isCut));
    if (expects === 'refused') expect([...server.schema, ...server.cel]).not.toEqual([]);
    if (expects === 'accepted') expect(server.schema).toEqual([]);
    if (isOwn) expect([server.object?.kind, ours.policy]).toEqual([document.kind, undefined]);
    if (breaks !== undefined) expect(server.cel).toHaveLength(breaks);
    expect(server.warnings).toEqual([]);
    if (!server.object) return;
    // What is stored is what our own defaulting makes of it; or nobody but Weir refuses it, and says why.
    if (ours.policy) expect(server.object.spec).toEqual(ours.policy.spec);
    else expect(ours.semantic).not.toEqual([]);
  });

  it.each(celRules(definition))('some document breaks $site: $text', ({ site, fits }) => {
    const messages = own.flatMap(([, , i]) => servedAt(i).cel);
    const there = messages.map((text) => text.replaceAll(/\[\d+\]/g, ITEM)).filter((text) => text.startsWith(site));
    expect(there.filter(fits)).not.toEqual([]);
  });

  it.each(['spec', 'status'])('every value of %s has a bound, every field a description', (field) => {
    const sites = sitesOf(definition, field);
    const open = sites.filter(({ schema }) => isUnbounded(schema));
    expect(open.map(({ steps }) => siteText(steps))).toEqual([]);
    const silent = sites.filter(
      ({ steps, schema }) => ![ITEM, VALUE].includes(steps.at(-1) ?? '') && !schema.description,
    );
    expect(silent.map(({ steps }) => siteText(steps))).toEqual([]);
  });
});

afterAll(() => {
  const rows = new Map<string, { documents: number; example: string; path: string }>();
  cases.forEach(({ name, document }, i) => {
    const server = served[i];
    if (server instanceof Error || !server?.object) return;
    const told = new Map(check(document).semantic.map((one) => [one.message.replaceAll(/"[^"]*"/g, '"…"'), one.path]));
    for (const [message, path] of told) {
      const row = rows.get(message) ?? { documents: 0, example: name, path };
      rows.set(message, { ...row, documents: row.documents + 1 });
    }
  });
  const table = [...rows].sort(([, a], [, b]) => b.documents - a.documents);
  console.log('What the API server takes and only our own validation refuses:');
  for (const [message, { documents, example, path }] of table) {
    console.log(`  ${String(documents).padStart(3)}  ${message}\n       first: ${example} (${path})`);
  }
});

function servedAt(i: number): Served {
  const answer = served[i];
  if (answer === undefined || answer instanceof Error) throw answer ?? new Error('was not asked');
  return answer;
}

function told({ schema, cel }: Judgement, isCut: boolean): string {
  return [...schema, ...(isCut ? [] : cel)].join('\n') || 'nothing';
}

/** With a test for its message: the one it has, or one that holds some words of its expression. */
function celRules(definition: (typeof DEFINITIONS)[number]) {
  return sitesOf(definition, 'spec').flatMap(({ steps, schema }) =>
    (schema['x-kubernetes-validations'] ?? []).map(({ rule, message, messageExpression }) => {
      const words = [...(messageExpression ?? '').matchAll(/'([^']{5,})'/g)].map(([, text]) => String(text));
      const fits = (text: string) =>
        messageExpression === undefined ? text.endsWith(`: ${message}`) : words.some((part) => text.includes(part));
      return { site: siteText(steps), text: message ?? rule, fits };
    }),
  );
}

function isUnbounded(schema: Schema): boolean {
  if (schema['x-kubernetes-int-or-string']) return schema.maxLength === undefined;
  if (schema.type === 'string') return schema.enum === undefined && schema.maxLength === undefined;
  if (schema.type === 'integer') return schema.minimum === undefined || schema.maximum === undefined;
  if (schema.type === 'array') return schema.maxItems === undefined;
  return schema.additionalProperties !== undefined && schema.maxProperties === undefined;
}
