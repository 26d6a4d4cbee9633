/**
 * Documents for every bound and rule of a definition, made from its schema: each is an exemplar with one thing changed.
 * What a schema newly says is covered without a change here, once the exemplar has the field.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { changesOf } from './changes.ts';
import { type Definition, schemaOf, sitesOf, siteText } from './definitions.ts';
import { at, pathsTo, withValue } from './tree.ts';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: unknown;
  status?: unknown;
}

export interface Case {
  /** What was changed. */
  name: string;
  definition: Definition;
  document: Manifest;
  /** What the schema says of it, where that is clear from how it was made; a CEL rule may still refuse what it accepts. */
  expects?: 'accepted' | 'refused';
  /** How many CEL rules refuse it, where that is known. */
  breaks?: number;
  /** Nobody but Weir refuses it. */
  isOwn?: boolean;
}

export function casesOf(definition: Definition): Case[] {
  return [exemplarCases, cookbookCases, writtenCases, metadataCases]
    .flatMap((cases) => cases(definition))
    .concat(schemaCases(definition, 'spec'));
}

export function exemplarsOf({ spec }: Definition): Manifest[] {
  const file = join(import.meta.dirname, 'exemplars', `${spec.names.singular}.yaml`);
  return loadAll(readFileSync(file, 'utf8')) as Manifest[];
}

function exemplarCases(definition: Definition): Case[] {
  return exemplarsOf(definition).map((document) => ({
    name: document.metadata.name,
    definition,
    document,
    expects: 'accepted',
  }));
}

/** What people copy. */
function cookbookCases(definition: Definition): Case[] {
  const folder = join(import.meta.dirname, '../../docs/cookbook');
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.endsWith('.cases.yaml'));
  return files.sort().flatMap((file) => {
    const documents = loadAll(readFileSync(join(folder, file), 'utf8')) as Manifest[];
    const ours = documents.filter(({ kind }) => kind === definition.spec.names.kind);
    return ours.map(
      (policy): Case => ({
        name: `cookbook/${file}: ${policy.metadata.name}`,
        definition,
        document: { ...policy, metadata: { ...policy.metadata, ...namespaceOf(definition) } },
        expects: 'accepted',
        breaks: 0,
      }),
    );
  });
}

/** The one that an API server without controllers has. */
function namespaceOf({ spec }: Definition): { namespace?: string } {
  return spec.scope === 'Namespaced' ? { namespace: 'default' } : {};
}

/** Documents for each place under `spec` or `status`. */
export function schemaCases(definition: Definition, field: string): Case[] {
  const exemplars = exemplarsOf(definition);
  const cases: Case[] = [];
  const sites = sitesOf(definition, field);
  for (const site of sites) {
    const found = exemplars.flatMap((exemplar) => pathsTo(exemplar, site.steps).map((path) => ({ exemplar, path })))[0];
    if (!found) throw new Error(`no exemplar of ${definition.spec.names.kind} has ${siteText(site.steps)}: add it`);
    const { exemplar, path } = found;
    const above = siteText(site.steps.slice(0, -1));
    const parent = above === '' ? schemaOf(definition) : sites.find(({ steps }) => siteText(steps) === above)?.schema;
    for (const change of changesOf(site, at(exemplar, path), parent)) {
      cases.push({
        name: `${siteText(site.steps)}: ${change.name}`,
        definition,
        document: withValue(exemplar, [...path, ...(change.below ?? [])], change.value),
        ...(change.expects && { expects: change.expects }),
      });
    }
  }
  return cases;
}

/** Those of cel.yaml and own.yaml whose fields the kind has. */
function writtenCases(definition: Definition): Case[] {
  const [exemplar] = exemplarsOf(definition) as [Manifest];
  const fields = schemaOf(definition).properties?.spec?.properties ?? {};
  const read = (file: string) => load(readFileSync(join(import.meta.dirname, file), 'utf8')) as Written[];
  return [...read('cel.yaml'), ...read('own.yaml').map((one) => ({ ...one, isOwn: true }))]
    .filter(({ spec }) => Object.keys(spec).every((field) => Object.hasOwn(fields, field)))
    .map(({ spec, breaks = 0, ...rest }) => ({ ...rest, breaks, definition, document: { ...exemplar, spec } }));
}

interface Written extends Pick<Case, 'name' | 'breaks' | 'isOwn'> {
  spec: Record<string, unknown>;
}

/** What Kubernetes itself says of the metadata, as far as people write it. */
function metadataCases(definition: Definition): Case[] {
  const [exemplar] = exemplarsOf(definition) as [Manifest];
  const withField = (field: string, value: unknown, expects: 'accepted' | 'refused'): Case => {
    const text = JSON.stringify(value);
    return {
      name: `metadata.${field}: ${text.length > 40 ? `${text.length} long` : text}`,
      definition,
      document: withValue(exemplar, ['metadata', field], value),
      expects,
    };
  };
  return [
    ...['a', '0', 'a.b', 'a-b', 'n'.repeat(253)].map((name) => withField('name', name, 'accepted')),
    ...['A', 'a_b', '-a', 'a-', 'a..b', '.a', 'a b', 'n'.repeat(254)].map((name) => withField('name', name, 'refused')),
    ...[{}, { 'acme.dev/team': '', a: 'A_b.c' }].map((labels) => withField('labels', labels, 'accepted')),
    ...[{ a: '!' }, { '!': 'a' }, { a: 1 }, { a: 'v'.repeat(64) }, [], 'a'].map((labels) =>
      withField('labels', labels, 'refused'),
    ),
    ...[{}, { 'acme.dev/why': 'any text: ü!' }].map((annotations) => withField('annotations', annotations, 'accepted')),
    ...[{ '!': 'a' }, { a: true }, { a: 1 }, 7].map((annotations) => withField('annotations', annotations, 'refused')),
    withField('label', { a: 'b' }, 'refused'),
    ...(definition.spec.scope === 'Cluster' ? [{ ...withField('namespace', 'default', 'accepted'), isOwn: true }] : []),
    {
      name: 'an unknown field beside spec',
      definition,
      document: withValue(exemplar, ['specs'], {}),
      expects: 'refused',
    },
  ];
}
