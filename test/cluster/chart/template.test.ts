/** The chart without a cluster: each value does what it says, and nothing else is taken. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import {
  INJECTED,
  INJECTED_LABEL_VALUE,
  NAMESPACE_LABEL,
  NAMESPACE_LABEL_VALUE,
  WEBHOOK_COMMAND,
} from '../../../crds/injected.ts';
import { settingsFrom } from '../../../webhook/settings.ts';
import { must } from '../../net/process.ts';
import {
  CHART,
  type Document,
  isObject,
  type Json,
  merged,
  NAMESPACE,
  nested,
  offline,
  ROOT,
  render,
  template,
  type Values,
} from './tools.ts';
import { REFUSED, ROWS } from './values.ts';

const VALUES = readFileSync(join(CHART, 'values.yaml'), 'utf8');

/** Paths of values that are set as a whole. */
function leaves(values: Values, above = ''): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const path = above === '' ? key : `${above}.${key}`;
    const isInner = isObject(value) && Object.keys(value).length > 0 && key !== 'resources';
    return isInner ? leaves(value, path) : [path];
  });
}

function find(documents: Document[], name: string): unknown {
  if (name === 'settings') {
    const map = find(documents, 'ConfigMap/weir-settings') as { data: { 'settings.yaml': string } };
    return load(map.data['settings.yaml']);
  }
  return documents.find(({ kind, metadata }) => `${kind}/${metadata.name}` === name);
}

const look = (from: unknown, at: (string | number)[]): unknown =>
  at.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], from);

describe('the chart', () => {
  it('passes helm lint --strict', async () => {
    expect(await offline('lint', '--strict', CHART)).toMatchObject({ status: 0 });
  });

  it('has copies of the definitions as they are now', async () => {
    await must([process.execPath, join(ROOT, 'charts/generate.ts'), '--check']);
  });

  it('renders as many documents as it has, each with its kind, name, labels and namespace', async () => {
    const documents = await render({});
    for (const { kind, metadata } of documents) {
      expect(metadata.labels, `${kind}/${metadata.name}`).toMatchObject({
        'app.kubernetes.io/part-of': 'weir',
        'app.kubernetes.io/managed-by': 'Helm',
      });
    }
    const names = documents.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('uses the names of crds/injected.ts', async () => {
    const documents = await render({ sidecar: { metrics: { enabled: true } }, podMonitor: { enabled: true } });
    const command = look(find(documents, 'Deployment/weir'), ['spec', 'template', 'spec', 'containers', 0, 'command']);
    expect(command).toEqual(WEBHOOK_COMMAND);
    const selector = look(find(documents, 'MutatingWebhookConfiguration/weir'), ['webhooks', 0, 'namespaceSelector']);
    expect(selector).toMatchObject({ matchLabels: { [NAMESPACE_LABEL]: NAMESPACE_LABEL_VALUE } });
    const pods = look(find(documents, 'PodMonitor/weir-sidecars'), ['spec', 'selector', 'matchLabels']);
    expect(pods).toEqual({ [INJECTED]: INJECTED_LABEL_VALUE });
  });

  it('fails closed, and never writes a caBundle or a path, which an upgrade would then take back', async () => {
    const documents = await render({});
    const webhooks = documents.flatMap(
      (document) =>
        (document.webhooks ?? []) as { failurePolicy: string; clientConfig: { caBundle?: string; service: object } }[],
    );
    expect(webhooks.length).toBeGreaterThanOrEqual(5);
    for (const webhook of webhooks) {
      expect(webhook).toMatchObject({ failurePolicy: 'Fail', sideEffects: 'None', timeoutSeconds: 5 });
      expect(webhook.clientConfig).not.toHaveProperty('caBundle');
      expect(Object.keys(webhook.clientConfig.service)).toEqual(['name', 'namespace', 'port']);
    }
  });

  it('leaves what `helm uninstall` needs out of what `helm template | kubectl apply` would apply', async () => {
    expect((await render({})).filter(({ webhooks }) => Array.isArray(webhooks) && webhooks.length === 0)).toEqual([]);
  });
});

describe('labels and annotations of the values', () => {
  it('add to ours, and neither change them nor stand beside them', async () => {
    const taken = { 'app.kubernetes.io/name': 'other', 'app.kubernetes.io/component': 'other', team: 'x' };
    const documents = await render({
      commonLabels: taken,
      podLabels: taken,
      commonAnnotations: { 'checksum/settings': 'other', note: 'x' },
      podAnnotations: { note: 'y' },
      serviceMonitor: { enabled: true, labels: taken },
    });
    const { metadata } = look(find(documents, 'Deployment/weir'), ['spec', 'template']) as Document;
    expect(metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'weir',
      'app.kubernetes.io/component': 'control-plane',
      team: 'x',
    });
    expect(metadata.annotations).toMatchObject({
      'checksum/settings': expect.stringMatching(/^[0-9a-f]{64}$/),
      note: 'y',
    });
    expect(look(find(documents, 'ServiceMonitor/weir'), ['metadata', 'labels'])).toMatchObject({
      'app.kubernetes.io/name': 'weir',
      team: 'x',
    });
  });
});

describe('values', () => {
  it.each(ROWS)('$value', async (row) => {
    const path = row.at as (string | number)[];
    const before = look(find(await render(row.given ?? {}), row.in), path);
    const after = look(find(await render(merged(row.given ?? {}, nested(row.value, row.to))), row.in), path);
    if (row.gone) {
      expect(before).toBeDefined();
      expect(after).toBeUndefined();
      return;
    }
    const expected = row.is ?? row.to;
    expect(after).toEqual(expected);
    expect(before).not.toEqual(expected);
  });

  it.each(ROWS)('$value: the control plane reads the settings that come of it', async ({ value, to, given = {} }) => {
    const map = find(await render(merged(given, nested(value, to))), 'ConfigMap/weir-settings');
    const env = { POD_NAME: 'weir-0', POD_NAMESPACE: NAMESPACE };
    const text = look(map, ['data', 'settings.yaml']) as string;
    expect(settingsFrom(env, text)).toMatchObject({ namespace: NAMESPACE, admission: { namespace: NAMESPACE } });
    if (value === 'image.digest') expect(settingsFrom(env, text).admission.image).toMatch(/@sha256:[0-9a-f]{64}$/);
    if (value === 'sidecar.metrics.port') expect(settingsFrom(env, text).admission.metricsPort).toBe(to);
    if (value === 'upstream.caBundle') expect(settingsFrom(env, text).upstreamCa).toBe(to);
    if (value.startsWith('guard.')) expect(look(settingsFrom(env, text).admission, value.split('.'))).toEqual(to);
  });

  it('has a row for every value, and no other', () => {
    expect([...new Set(ROWS.map(({ value }) => value))].toSorted()).toEqual(leaves(load(VALUES) as Values).toSorted());
  });

  it('uses every value in a template', () => {
    const templates = readdirSync(join(CHART, 'templates'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(yaml|tpl|txt)$/.test(name))
      .map((name) => readFileSync(join(CHART, 'templates', name), 'utf8'))
      .join('\n');
    const used = (path: string): boolean =>
      new RegExp(`\\.Values\\.${path.replaceAll('.', '\\.')}\\b`).test(templates) ||
      (path.includes('.') && used(path.slice(0, path.lastIndexOf('.'))));
    expect(leaves(load(VALUES) as Values).filter((path) => !used(path))).toEqual([]);
  });

  it.each(REFUSED)('refuses %j', async (values, says) => {
    const { status, stderr } = await template(values);
    expect(status).not.toBe(0);
    expect(stderr).toContain(says);
  });

  it('lists every value with its default in docs/install.md', () => {
    const page = readFileSync(join(ROOT, 'docs/install.md'), 'utf8');
    const defaults = load(VALUES) as Values;
    const shown = (value: Json): string => (typeof value === 'string' ? value || 'empty' : JSON.stringify(value));
    const listed = new Map(
      Array.from(page.matchAll(/^\| `([\w.]+)` \| `?(.*?)`? \|/gm), ([, path = '', value = '']) => [path, value]),
    );
    const inline = (path: string): string => shown(look(defaults, path.split('.')) as Json);
    for (const path of leaves(defaults)) {
      expect(listed.has(path), `docs/install.md has no row for ${path}`).toBe(true);
      const value = listed.get(path) ?? '';
      if (!value.startsWith('see ')) expect(value.replaceAll(' ', ''), path).toBe(inline(path).replaceAll(' ', ''));
    }
    expect([...listed.keys()].filter((path) => !leaves(defaults).includes(path))).toEqual([]);
  });
});
