import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_PROBLEMS, MAX_TEXT_LENGTH } from '../../../crds/document.ts';
import { HEAD, parse, told } from './texts.ts';

describe('parseDocuments', () => {
  it('reads the policy that the README shows', () => {
    const { policies, problems } = parse(readFileSync(new URL('web-build.yaml', import.meta.url), 'utf8'));
    expect(problems).toEqual([]);
    expect(policies).toHaveLength(1);
    expect(policies[0]?.spec.egress?.map(({ name }) => name)).toEqual(['npm', 'source', 'metrics', 'mirror', 'db']);
  });

  it('fills in defaults', () => {
    const { policies } = parse(`${HEAD}spec: {egress: [{name: a, to: {hosts: [a.dev]}}]}`);
    expect(policies[0]?.spec).toEqual({
      podSelector: {},
      mode: 'Enforce',
      egress: [{ name: 'a', to: { hosts: ['a.dev'], addressScope: 'Public' } }],
    });
  });

  it('reads several documents, and says where each begins', () => {
    const text = `# first\n---\n${HEAD}spec: {}\n---\n---\n${HEAD.replace('name: p', 'name: q')}spec: {}\n...\n`;
    const { policies, places, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(['p', 'q']);
    expect([...places.values()]).toEqual([
      { file: 'p.yaml', line: 3, column: 1 },
      { file: 'p.yaml', line: 9, column: 1 },
    ]);
  });

  it('keeps the good documents of a file with bad ones', () => {
    const { policies } = parse(`${HEAD}spec: {mode: enforce}\n---\n${HEAD.replace('name: p', 'name: q')}spec: {}\n`);
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(['q']);
  });

  it('leaves out what is not a policy, with a warning', () => {
    expect(told('apiVersion: v1\nkind: ConfigMap\ndata: {on: 1, on: 2}\n')).toEqual([
      "warning 2:7 kind: not a policy of Weir's (v1 ConfigMap): left out",
    ]);
  });

  it.each<[string, string]>([
    [
      '- a\n',
      '1:1 : a policy is a mapping with apiVersion, kind, metadata and spec | start with apiVersion: weir.dev/v1alpha1',
    ],
    [
      'text\n',
      '1:1 : a policy is a mapping with apiVersion, kind, metadata and spec | start with apiVersion: weir.dev/v1alpha1',
    ],
    ['spec: {}\n', '1:1 : the field "kind" is missing | add kind: EgressPolicy'],
    ['kind: EgressPolicy\n', '1:1 : the field "apiVersion" is missing | add apiVersion: weir.dev/v1alpha1'],
    [
      'kind: EgressPolicy\napiVersion: weir.dev/v1\n',
      '2:13 apiVersion: "weir.dev/v1" is not a version that this Weir knows | weir.dev/v1alpha1',
    ],
    [
      'kind: EgresPolicy\napiVersion: wier.dev/v1alpha1\n',
      '1:7 kind: "EgresPolicy" is not a kind of policy | EgressPolicy',
    ],
    ['kind: Policy\napiVersion: weir.dev/v1alpha1\n', '1:7 kind: "Policy" is not a kind of policy | EgressPolicy'],
    [
      'kind: List\napiVersion: v1\nitems: []\n',
      '1:7 kind: lists are not read | write each policy as a document of its own, separated by ---',
    ],
    [`${HEAD}`, '1:1 spec: the field "spec" is missing | add spec:'],
    [
      'apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {}\nspec: {}\n',
      '3:11 metadata.name: the field "name" is missing | add name:',
    ],
    [
      'apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: Web_Build}\nspec: {}\n',
      '3:18 metadata.name: a name has lower-case letters, digits and hyphens, and starts and ends with a letter or digit | web-build',
    ],
    ...(
      [
        ['labels: {a: "!"}', '3:29 metadata.labels: "!" is not allowed here'],
        [
          'labels: {a/: b}',
          '3:29 metadata.labels: a label key is a name such as `stage`, or a domain and a name such as `acme.dev/team`',
        ],
        ['labels: []', '3:29 metadata.labels: must be a mapping, not a list'],
        ['annotations: {a: true}', '3:34 metadata.annotations: must be text, not true'],
        ['label: {a: b}', '3:21 metadata.label: unknown field | did you mean labels?'],
      ] as const
    ).map(([field, problem]): [string, string] => [`${HEAD.replace('}', `, ${field}}`)}spec: {}\n`, problem]),
    [
      `${HEAD}spec: {}\n---\n${HEAD}spec: {}\n`,
      '8:18 metadata.name: two policies are named "p" | give it another name',
    ],
    [
      `${HEAD}spec: {}\nstatus: {}\n`,
      'warning 5:1 status: status is written by Weir alone, so a cluster leaves this one out | remove it',
    ],
  ])('%j', (text, problem) => {
    expect(told(text)).toEqual([problem]);
    expect(parse(text).policies.length).toBeLessThan(2);
  });

  it('holds its bounds', () => {
    const padded = `${HEAD}spec: {}\n#`;
    expect(told(padded + 'x'.repeat(MAX_TEXT_LENGTH - padded.length))).toEqual([]);
    expect(told(padded + 'x'.repeat(MAX_TEXT_LENGTH - padded.length + 1))).toEqual([
      `1:1 : the file is longer than ${MAX_TEXT_LENGTH} characters`,
    ]);
    const unknown = (n: number) => `${HEAD}spec:\n${Array.from({ length: n }, (_, i) => `  x${i}: 1\n`).join('')}`;
    expect(told(unknown(MAX_PROBLEMS))).toHaveLength(MAX_PROBLEMS);
    const many = told(unknown(MAX_PROBLEMS + 3));
    expect(many).toHaveLength(MAX_PROBLEMS + 1);
    expect(many.at(-1)).toContain('and 3 more problems');
  });
});
