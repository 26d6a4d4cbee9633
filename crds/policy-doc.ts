/** docs/policy.md: what the definitions and the presets say, as a page. Pure. */
import type { Kind } from './kinds.ts';
import { MIN_LITERAL } from './patterns.ts';
import type { Preset, PresetExample } from './presets.ts';
import type { JsonSchema } from './schema.ts';

/** What of a CustomResourceDefinition the page tells. */
export interface Definition {
  metadata: { annotations: Record<string, string> };
  spec: {
    scope: string;
    names: { kind: Kind; plural: string; shortNames: string[]; categories: string[] };
    versions: {
      additionalPrinterColumns: { name: string; priority?: number }[];
      schema: { openAPIV3Schema: JsonSchema };
    }[];
  };
}

export const MINIMUM_VERSION = 'weir.dev/minimum-kubernetes-version';

const HEAD = `<!-- Made by crds/generate.ts from crds/*.yaml; do not edit. -->
# Policies

Two kinds, in \`weir.dev/v1alpha1\`. An **EgressPolicy** belongs to a namespace and says where its pods may talk, and what
may be in what they say. A **ClusterEgressPolicy** is the platform's: rules that hold in many namespaces, and constraints
on what any policy may allow. What no rule allows is denied.

\`\`\`yaml
# yaml-language-server: $schema=schema/policy.json
apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata: { name: web-build, namespace: ci }
spec:
  podSelector: { matchLabels: { stage: build } }
  egress:
    - name: npm
      preset: { name: npm-install }
    - name: metrics
      to: { hosts: ["*.metrics.acme.dev"] }
      http: [{ methods: [POST], paths: [/v1/events], contentTypes: [application/json], maxBodySize: 16Ki }]
      limits: { uploadSize: 1Mi, requests: 5000 }
\`\`\`
`;

const TOGETHER = `## How policies add up

All policies of both kinds that select a pod apply together, in whatever order they were written or are read.

- **Rules add up.** A request needs one rule that admits it. It is charged to the first that does and has budget left: those of
  ClusterEgressPolicies first, then by the name of the policy, then by the name of the rule.
- **Constraints take away.** A rule that lies outside a constraint, in one host, its protocol or its address scope, is not
  compiled at all, and \`weir explain\` says which constraint it was. Limits are cut to \`maxLimits\`, rule by rule. No constraint
  ever allows anything.
- **Content and look-ups take the strictest.** A detector is off when every EgressPolicy of the pod says so, and every
  ClusterEgressPolicy that says anything; home hosts add up; a suppression is for a rule of its own policy; of \`dns\` the
  smallest budget, the fewest query types and \`NXDomain\` win. The value of a Secret is left out of \`knownSecrets\` when
  every policy leaves it out. \`patterns\` add up, each at home at its own hosts alone; the smallest \`maxRefusals\` and
  \`opaqueUploads\` win. Masked paths add up, and one \`Remove\` removes.
- **Mode.** A pod is in Enforce unless every EgressPolicy that selects it is Audit, and no constraint forbids Audit.

## What only Weir refuses

The definitions below are what a cluster checks, in the same words as \`weir check\`. Beyond them, \`weir check\` refuses, and a
cluster without Weir's webhook does not:

- a host that is not a valid internationalised name (UTS #46, Punycode), or is the same as another one in other letters;
- a wildcard that a registry sells names under, such as \`*.com\` or \`*.co.uk\`; it warns of those under shared hosting, such as \`*.github.io\`;
- a preset or a detector that does not exist, and a preset without a usual host in a rule without hosts;
- two rules of a policy that read one destination in two ways, such as TCP and HTTPS for the same host and port;
- a pattern that cannot be searched for in linear time, is too large, or has no fixed text of ${MIN_LITERAL} characters;
- a header that is listed twice in \`forwardHeaders\`, in other letters;
- in a file: two policies of one name, lists, and YAML that its readers take for different things.
`;

/** The page. `shared`: fields below `spec` that the second kind has from the first. */
export function policyPage(
  definitions: readonly [Definition, Definition],
  presets: readonly Preset[],
  shared: readonly string[],
): string {
  const [own, cluster] = definitions;
  return [
    HEAD,
    versions(own),
    TOGETHER,
    kindSection(own, []),
    kindSection(cluster, shared),
    `## Presets\n\n${presets.map(presetSection).join('\n')}`,
  ].join('\n');
}

function versions({ metadata }: Definition): string {
  const version = metadata.annotations[MINIMUM_VERSION];
  if (version === undefined) throw new Error(`the definition has no annotation ${MINIMUM_VERSION}`);
  return `## Kubernetes

Needs Kubernetes ${version} or later: the first in which rules in CEL, with \`messageExpression\`, \`reason\` and \`fieldPath\`, are
stable and always on. Before, they can be switched off, and a cluster then takes a policy that breaks them without a word.
Native sidecars, which Weir is one of, are on by default from the same version. Applied without warnings and within the
API server's cost limits on 1.34.
`;
}

function kindSection({ spec }: Definition, shared: readonly string[]): string {
  const { kind, plural, shortNames, categories } = spec.names;
  const version = spec.versions[0];
  if (!version) throw new Error(`${kind} has no version`);
  const schema = version.schema.openAPIV3Schema;
  const columns = version.additionalPrinterColumns.map(({ name, priority }) =>
    priority ? `${name} (with \`-o wide\`)` : name,
  );
  const head = [
    `## ${kind}`,
    '',
    schema.description ?? '',
    '',
    `${spec.scope === 'Cluster' ? 'Not namespaced' : 'Namespaced'}; \`kubectl get ${plural}\`, \`${shortNames.join('`, `')}\`, or with all of Weir's \`${categories.join('`, `')}\`. Columns: Name, ${columns.join(', ')}.`,
    '',
  ];
  const sections: string[] = [];
  const walk = (part: JsonSchema, path: string, required: boolean) => {
    sections.push(fieldSection(part, path, required));
    const inner = part.items?.properties ? part.items : part;
    const below = part.items?.properties ? `${path}[]` : path;
    for (const [name, field] of Object.entries(inner.properties ?? {})) {
      if (path === 'spec' && shared.includes(name))
        sections.push(`### \`spec.${name}\`\n\nAs in an EgressPolicy: [\`spec.${name}\`](#spec${name}).\n`);
      else walk(field, `${below}.${name}`, inner.required?.includes(name) === true);
    }
  };
  for (const name of ['spec', 'status']) {
    const part = schema.properties?.[name];
    if (part) walk(part, name, schema.required?.includes(name) === true);
  }
  return [...head, ...sections].join('\n');
}

function fieldSection(schema: JsonSchema, path: string, required: boolean): string {
  const rules = [
    ...(schema['x-kubernetes-validations'] ?? []),
    ...(schema.items?.['x-kubernetes-validations'] ?? []),
  ].map(({ message }) => `- Rule: ${message}.`);
  const item = schema.items?.properties && schema.items.description;
  return [
    `### \`${path}\``,
    '',
    `*${[typeText(schema), required ? 'required' : '', ...bounds(schema)].filter((text) => text !== '').join('; ')}*`,
    '',
    [schema.description ?? '', item ? `Each item: ${item}` : ''].filter((text) => text !== '').join(' '),
    ...(rules.length > 0 ? ['', ...rules] : []),
    '',
  ].join('\n');
}

function typeText(schema: JsonSchema): string {
  if (schema['x-kubernetes-int-or-string']) return 'size: bytes, or a number with Ki, Mi or Gi';
  if (schema.type === 'array') {
    const { items } = schema;
    const keys = schema['x-kubernetes-list-map-keys'];
    const kind = schema['x-kubernetes-list-type'] === 'set' ? 'set' : 'list';
    const named = keys ? `, each with its own ${keys.join(' and ')}` : '';
    return `${kind} of ${items?.properties ? 'mappings' : typeText(items ?? {})}${named}`;
  }
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  if (typeof schema.additionalProperties === 'object') return 'mapping of text to text';
  return { string: 'text', integer: 'whole number', object: 'mapping' }[String(schema.type)] ?? String(schema.type);
}

function bounds(schema: JsonSchema): string[] {
  const { items, pattern } = schema;
  const texts = [
    between('items', schema.minItems, schema.maxItems),
    between('fields', schema.minProperties, schema.maxProperties),
    between('characters', schema.minLength, schema['x-kubernetes-int-or-string'] ? undefined : schema.maxLength),
    schema['x-kubernetes-int-or-string'] ? '' : between('', schema.minimum, schema.maximum),
    pattern === undefined ? '' : `matches ${code(pattern)}`,
    schema.default === undefined ? '' : `default ${code(JSON.stringify(schema.default).replaceAll('"', ''))}`,
  ];
  const inner = items && !items.properties ? bounds(items).map((text) => `each ${text}`) : [];
  return [...texts.filter((text) => text !== ''), ...inner];
}

function between(what: string, least: number | undefined, most: number | undefined): string {
  const range =
    least === undefined
      ? most === undefined
        ? ''
        : `at most ${most}`
      : most === undefined
        ? `at least ${least}`
        : `${least} to ${most}`;
  return range === '' ? '' : `${range} ${what}`.trim();
}

/** Code that may have backticks in it. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function presetSection(preset: Preset): string {
  const { name, revision, description, protocol, hosts, ports, allows, refuses, source } = preset;
  const example = ({ what, method, url }: PresetExample) => `${what} (\`${method} ${url}\`)`;
  return [
    `### \`${name}\``,
    '',
    `*revision ${revision}; ${protocol} to ${hosts.length === 0 ? 'the hosts of the rule' : hosts.join(', ')}, port ${ports.join(', ')}*`,
    '',
    description.trim(),
    '',
    `- Allows: ${allows.map(example).join('; ')}.`,
    `- Refuses: ${refuses.map((refused) => `${example(refused)}: \`${refused.reason}\``).join('; ')}.`,
    `- From: ${source.map((url) => `<${url}>`).join(', ')}.`,
    '',
  ].join('\n');
}
