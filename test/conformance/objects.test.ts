/** Policies as objects of a cluster: what is stored, merged, listed and explained. */
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocuments } from '../../crds/document.ts';
import { DETECTOR_NAMES } from '../../sidecar/inspect/detectors/names.ts';
import { check } from './agreement.ts';
import { type Answer, ApiServer } from './api.ts';
import { DEFINITIONS, resourcePath, type Schema, schemaOf } from './definitions.ts';
import { exemplarsOf, type Manifest, schemaCases } from './documents.ts';
import { install } from './install.ts';

const EXPLAINS_WITHIN_MS = 30_000;

let api: ApiServer;
beforeAll(async () => {
  api = await ApiServer.start();
  await install(api);
});
afterAll(() => api?.stop());

const kinds = DEFINITIONS.map((definition) => [definition.spec.names.kind, definition] as const);

describe.each(kinds)('%s', (_, definition) => {
  const { names, versions } = definition.spec;
  const [exemplar] = exemplarsOf(definition) as [Manifest];

  it('is accepted as a definition, without reservations', async () => {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`;
    const { body } = await api.request('GET', path);
    const { conditions } = body.status as { conditions: { type: string; status: string }[] };
    const holding = conditions.filter(({ status }) => status === 'True').map(({ type }) => type);
    expect(holding.sort()).toEqual(['Established', 'NamesAccepted']);
  });

  it.each(exemplarsOf(definition).map((one) => [one.metadata.name, one] as const))(
    'stores all of %s',
    async (name, one) => {
      const path = resourcePath(definition, name);
      const applied = await api.apply(path, one);
      expect([applied.status, applied.warnings, applied.body.message]).toEqual([201, [], undefined]);
      const stored = (await api.request('GET', path)).body as unknown as Manifest;
      expect(stored.spec).toEqual(check(one).policy?.spec);

      const text = await api.kubectl('get', names.singular, name, '-o', 'yaml');
      const { policies, clusterPolicies, problems } = parseDocuments(text, 'stored.yaml', DETECTOR_NAMES);
      expect(problems).toEqual([]);
      expect([...policies, ...clusterPolicies].map(({ spec }) => spec)).toEqual([stored.spec]);
    },
  );

  it('does not change when what was read is applied again', async () => {
    const path = resourcePath(definition, 'again');
    const first = await api.apply(path, renamed(exemplar, 'again'));
    const read = load(await api.kubectl('get', names.plural, 'again', '-o', 'yaml')) as Manifest;
    const { name, namespace } = read.metadata;
    const second = await api.apply(
      path,
      { ...read, metadata: { name, ...(namespace && { namespace }) } },
      { manager: 'other' },
    );
    expect(second.status).toBe(200);
    expect(generationOf(second)).toBe(generationOf(first));
  });

  it('is made of the rules of two managers, each of whom may take back its own alone', async () => {
    const path = resourcePath(definition, 'shared');
    const spec = (...rules: object[]) => ({ ...renamed(exemplar, 'shared'), spec: { egress: rules } });
    const npm = { name: 'npm', preset: { name: 'npm-install' } };
    const metrics = { name: 'metrics', to: { hosts: ['metrics.acme.dev'] } };
    await api.apply(path, spec(npm), { manager: 'platform' });
    const merged = await api.apply(path, spec(metrics), { manager: 'team' });
    expect(rulesOf(merged)).toEqual(['npm', 'metrics']);

    const conflict = await api.apply(path, spec({ ...npm, preset: { name: 'git-fetch' } }, metrics), {
      manager: 'team',
    });
    expect(conflict.status).toBe(409);
    expect(conflict.body.details?.causes).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "platform"',
        field: '.spec.egress[name="npm"].preset.name',
      },
    ]);

    expect(rulesOf(await api.apply(path, spec(), { manager: 'platform' }))).toEqual(['metrics']);
    expect(rulesOf(await api.apply(path, spec(npm, metrics), { manager: 'platform' }))).toEqual(['npm', 'metrics']);
  });

  it('keeps the status apart from what is written', async () => {
    const path = resourcePath(definition, 'reported');
    const { status, ...policy } = renamed(exemplar, 'reported');
    const written = await api.apply(path, { ...policy, status });
    expect([written.status, written.body.status]).toEqual([201, undefined]);

    const reported = await api.apply(`${path}/status`, { ...policy, spec: {}, status }, { manager: 'weir' });
    expect([reported.status, reported.body.status]).toEqual([200, status]);
    expect(reported.body.spec).toEqual(written.body.spec);
    expect(generationOf(reported)).toBe(generationOf(written));

    const changed = await api.apply(path, {
      ...policy,
      spec: { egress: [{ name: 'npm', preset: { name: 'npm-install' } }] },
    });
    expect([changed.status, changed.body.status]).toEqual([200, status]);
    expect(generationOf(changed)).toBe(generationOf(written) + 1);
    expect(await read(names.singular, 'reported')).toEqual([changed.body.spec]);
    expect(await api.kubectl('get', names.singular, 'reported')).toMatch(/^reported .* True /m);
  });

  const statusCases = schemaCases(definition, 'status').filter(({ expects }) => expects !== undefined);
  it.each(statusCases.map((one) => [one.name, one] as const))('%s', async (_name, { document, expects }) => {
    const path = resourcePath(definition, exemplar.metadata.name);
    await api.apply(path, exemplar);
    const { status, body } = await api.apply(`${path}/status`, document, { manager: 'weir', dryRun: true });
    if (expects === 'refused') expect(status).toBeGreaterThanOrEqual(400);
    else expect([status, body.status]).toEqual([200, document.status]);
  });

  it('lists under its short name and its category, with its columns', async () => {
    const path = resourcePath(definition, 'listed');
    await api.apply(path, renamed(exemplar, 'listed'));
    for (const word of [...names.shortNames, 'weir']) {
      expect(await api.kubectl('get', word, '-o', 'name')).toContain(`${names.singular}.weir.dev/listed`);
    }
    const [head] = (await api.kubectl('get', names.plural, '-o', 'wide')).split('\n');
    const columns = (versions[0]?.additionalPrinterColumns ?? []).map(({ name }) => name.toUpperCase());
    expect(head?.trim().split(/ {2,}/)).toEqual(['NAME', ...columns]);
  });

  it('explains each field of a rule with its type and its description', async () => {
    const text = await explain(`${names.singular}.spec.egress`);
    const words = inOneLine(text);
    const egress = schemaOf(definition).properties?.spec?.properties?.egress;
    expect(words).toContain(
      `KIND: ${names.kind} VERSION: v1alpha1 FIELD: egress <[]EgressRule> DESCRIPTION:`.replace('EgressRule', 'Object'),
    );
    expect(words).toContain(inOneLine(egress?.description ?? 'missing'));
    for (const [name, property] of Object.entries(egress?.items?.properties ?? {})) {
      expect(text).toMatch(new RegExp(`^ {2}${name}\\t<${explainedType(property)}>`, 'm'));
      expect(words).toContain(inOneLine(property.description ?? 'missing'));
    }
  });
});

/** What `weir check` reads of `kubectl get -o yaml`: the one policy, without errors. */
async function read(kind: string, name: string): Promise<unknown[]> {
  const text = await api.kubectl('get', kind, name, '-o', 'yaml');
  const { policies, clusterPolicies, problems } = parseDocuments(text, 'stored.yaml', DETECTOR_NAMES);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return [...policies, ...clusterPolicies].map(({ spec }) => spec);
}

function renamed(policy: Manifest, name: string): Manifest {
  return { ...policy, metadata: { ...policy.metadata, name } };
}

function generationOf({ body }: Answer): number {
  return (body.metadata as { generation: number }).generation;
}

function rulesOf({ body }: Answer): string[] | string | undefined {
  return (body.spec as { egress?: { name: string }[] } | undefined)?.egress?.map(({ name }) => name) ?? body.message;
}

/** The API server publishes a new definition's documentation a moment after it serves its objects. */
async function explain(path: string): Promise<string> {
  const end = Date.now() + EXPLAINS_WITHIN_MS;
  for (;;) {
    try {
      return await api.kubectl('explain', path);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** kubectl breaks lines at 80 columns. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function explainedType({ type, items }: Schema): string {
  if (type === 'array') return `\\[\\]${items ? explainedType(items) : ''}`;
  return type === 'object' ? 'Object' : String(type);
}
