/** What the chart lets anyone do: no more than docs/rbac.md says, rule by rule. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Document, ROOT, render, type Values } from './tools.ts';

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}
type Role = Document & { rules: Rule[]; aggregationRule?: { clusterRoleSelectors: { matchLabels: object }[] } };

const PAGE = readFileSync(join(ROOT, 'docs/rbac.md'), 'utf8');
/** Values whose rules together are all that there are. */
const VARIANTS: Values[] = [{}, { uninjectedPods: 'Evict' }, { certificates: { mode: 'CertManager' } }];

const roles = async (values: Values): Promise<Role[]> =>
  (await render(values)).filter(
    (document): document is Role => document.kind === 'ClusterRole' || document.kind === 'Role',
  );

/** A rule as a row of docs/rbac.md says it. */
function row(where: string, { apiGroups, resources, resourceNames = [], verbs }: Rule): string {
  const code = (names: string[]) => names.map((name) => `\`${name}\``).join(', ');
  const groups = apiGroups.map((group) => group || 'core').join(', ');
  return [where, groups, code(resources), code(resourceNames), verbs.join(', ')].join(' | ');
}

async function controlPlane(values: Values): Promise<string[]> {
  return (await roles(values))
    .filter(({ metadata }) => metadata.name === 'weir')
    .flatMap(({ kind, rules }) => rules.map((rule) => row(kind === 'Role' ? 'own namespace' : 'cluster', rule)));
}

describe('the chart lets', () => {
  it('the control plane do what docs/rbac.md lists, each with a reason', async () => {
    const rendered = (await Promise.all(VARIANTS.map(controlPlane))).flat();
    const listed = Array.from(PAGE.matchAll(/^\| ((?:cluster|own namespace) \|.*) \| ([^|]+) \|$/gm), (match) => ({
      rule: (match[1] ?? '')
        .split('|')
        .map((cell) => cell.trim())
        .join(' | '),
      why: match[2] ?? '',
    }));
    expect(listed.map(({ rule }) => rule).toSorted()).toEqual([...new Set(rendered)].toSorted());
    for (const { why } of listed) expect(why.length).toBeGreaterThan(10);
  });

  it('it evict pods, or touch Secrets, only when the values ask for it', async () => {
    const [report, evict, certManager] = await Promise.all(VARIANTS.map(controlPlane));
    expect(report?.filter((rule) => rule.includes('pods/eviction'))).toEqual([]);
    expect(evict?.filter((rule) => rule.includes('pods/eviction'))).toHaveLength(1);
    const secrets = (rules: string[] | undefined) => rules?.filter((rule) => rule.includes('`secrets`'));
    expect(secrets(report)).toHaveLength(2);
    expect(secrets(certManager)).toEqual([expect.stringContaining('| `weir-admission` |')]);
  });

  it('it create, change or delete nothing of a cluster by any other name than its own', async () => {
    for (const rule of (await Promise.all(VARIANTS.map(controlPlane))).flat()) {
      const [, , resources = '', names = '', verbs = ''] = rule.split(' | ');
      if (/configmaps|secrets|webhookconfigurations/.test(resources) && verbs)
        expect(names, rule).toMatch(/^`weir[\w-]*`$/);
    }
  });

  it('nobody have a wildcard, escalate, impersonate, or read Secrets of the cluster', async () => {
    for (const { kind, metadata, rules } of (await Promise.all(VARIANTS.map(roles))).flat()) {
      const parts = rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs]);
      expect(parts, metadata.name).not.toContain('*');
      for (const verb of ['escalate', 'bind', 'impersonate']) expect(parts, metadata.name).not.toContain(verb);
      if (kind === 'ClusterRole') expect(parts, metadata.name).not.toContain('secrets');
    }
  });

  it('only reading into a role that Kubernetes ships, and only `weir-opt-out` opt out', async () => {
    for (const { metadata, rules, aggregationRule } of await roles({})) {
      const into = Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith('rbac.authorization.k8s.io/'));
      const verbs = rules.flatMap((rule) => rule.verbs);
      if (into.length > 0) {
        expect(into).toEqual(['rbac.authorization.k8s.io/aggregate-to-view']);
        expect(verbs.filter((verb) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
      }
      expect(verbs.includes('opt-out'), metadata.name).toBe(metadata.name === 'weir-opt-out');
      if (metadata.name === 'weir-opt-out')
        expect(metadata.labels).not.toHaveProperty('weir.dev/aggregate-to-platform');
      if (aggregationRule) expect(metadata.name).toBe('weir-platform');
    }
  });

  it('has every ClusterRole for people on the page', async () => {
    const names = (await roles({})).filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name !== 'weir');
    for (const { metadata } of names) expect(PAGE).toContain(`| \`${metadata.name}\` |`);
    expect(names.map(({ metadata }) => metadata.name).toSorted()).toEqual(
      Array.from(PAGE.matchAll(/^\| `(weir-[a-z-]+)` \|/gm), ([, name]) => name).toSorted(),
    );
  });
});
