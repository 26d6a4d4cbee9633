import { describe, expect, it } from 'vitest';
import { compile } from '../../../crds/compile.ts';
import { parseDocuments } from '../../../crds/document.ts';
import { type SuggestionFacts, suggestRule } from '../../../crds/suggest.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';

const GET: SuggestionFacts = {
  protocol: 'HTTPS',
  host: 'api.acme.dev',
  port: 443,
  method: 'GET',
  path: '/v1/items',
  hasBody: false,
};

function engineWith(items: string): PolicyEngine {
  const text = `apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p}\nspec:\n  egress:\n${items}`;
  const { policies, problems } = parseDocuments(text, 's.yaml', []);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return new PolicyEngine(compile(policies, undefined), new Budgets());
}

const allows = (items: string, facts: SuggestionFacts) =>
  engineWith(items).decideRequest({
    protocol: facts.protocol === 'HTTP' ? 'HTTP' : 'HTTPS',
    host: facts.host,
    port: facts.port,
    method: facts.method ?? 'GET',
    path: facts.path ?? '/',
    hasBody: facts.hasBody ?? facts.contentLength !== undefined,
    ...(facts.query !== undefined && { query: facts.query }),
    ...(facts.contentType !== undefined && { contentType: facts.contentType }),
    ...(facts.contentLength !== undefined && { contentLength: facts.contentLength }),
    ...(facts.upgrade !== undefined && { upgrade: facts.upgrade }),
  }).allow;

describe('suggestRule', () => {
  it('is one item, ready to paste', () => {
    expect(suggestRule({ ...GET, query: 'a=b&c=' }, [])).toBe(
      [
        '  - name: api-acme-dev',
        '    to: {hosts: [api.acme.dev]}',
        '    http:',
        '    - methods: [GET]',
        '      paths: [/v1/items]',
        '      query: [{name: a, values: [b]}, {name: c, values: [""]}]',
        '      maxBodySize: 0',
        '',
      ].join('\n'),
    );
  });

  it('says port, scope, type and size when there is something to say', () => {
    const post: SuggestionFacts = {
      ...GET,
      protocol: 'HTTP',
      port: 8080,
      method: 'POST',
      addressScope: 'Private',
      hasBody: true,
      contentType: 'application/json',
      contentLength: 2048,
    };
    const yaml = suggestRule(post, []);
    expect(yaml).toContain(
      '    protocol: HTTP\n    to: {hosts: [api.acme.dev], ports: [8080], addressScope: Private}\n',
    );
    expect(yaml).toContain('      contentTypes: [application/json]\n      maxBodySize: 2Ki\n');
    expect(allows(yaml, post)).toBe(true);
    expect(allows(yaml, { ...post, contentLength: 2049 })).toBe(false);
  });

  it('suggests an opaque rule with a bound', () => {
    const yaml = suggestRule({ protocol: 'TCP', host: 'db.acme.dev', port: 5432 }, []);
    expect(yaml).toBe(
      '  - name: db-acme-dev\n    protocol: TCP\n    to: {hosts: [db.acme.dev], ports: [5432]}\n    limits: {uploadSize: 1Mi}\n',
    );
    expect(engineWith(yaml).decideConnection('db.acme.dev', 5432).kind).toBe('opaque');
  });

  it('finds a free name within the bounds', () => {
    expect(suggestRule(GET, ['api-acme-dev', 'api-acme-dev-2'])).toContain('- name: api-acme-dev-3\n');
    const long = `${'a'.repeat(63)}.dev`;
    const name = /- name: (\S+)/.exec(suggestRule({ ...GET, host: long }, ['a'.repeat(63)]))?.[1];
    expect(name).toBe(`${'a'.repeat(61)}-2`);
    expect(suggestRule({ ...GET, host: '_._' }, [])).toContain('- name: rule\n');
    expect(suggestRule({ ...GET, host: '1e3.1e5x' }, [])).toContain('- name: "1e3-1e5x"\n');
  });

  it.each<[string, Partial<SuggestionFacts>]>([
    ['a star in the path', { path: '/a*/**/b' }],
    ['blanks and quotes', { path: '/a%20b/%22c%22/%27' }],
    ['text outside of ASCII', { path: '/caf%C3%A9/%F0%9F%98%80' }],
    ['an encoded slash', { path: '/@types%2fnode' }],
    ['a question mark in the path', { path: '/a%3Fb%23c' }],
    ['a doubly encoded letter', { path: '/%2541' }],
    ['empty segments', { path: '//a//' }],
    ['the root', { path: '/' }],
    ['an empty query', { query: '' }],
    ['a query with separators', { query: 'a=%26%3B%3D+%2B&b%20c' }],
    ['YAML in values', { query: 'yes=no&null=~&a=%7B%7D&n=0777&d=2026-01-01&c=%23+x' }],
    ['a repeated parameter', { query: 'a=1&a=2' }],
    ['a query that cannot be read', { query: 'a=%' }],
    ['a long value', { query: `a=${'x'.repeat(2000)}` }],
    ['many parameters', { query: Array.from({ length: 40 }, (_, i) => `p${i}=1`).join('&') }],
    ['a long path', { path: `/${'abc/'.repeat(500)}d` }],
    ['a long segment', { path: `/${'x'.repeat(2000)}` }],
    ['a type with a parameter', { hasBody: true, contentType: 'application/json', contentLength: 0 }],
    ['a type that is none', { hasBody: true, contentType: 'nonsense', contentLength: 5 }],
    ['a body of unknown length', { method: 'PUT', hasBody: true }],
    ['a host in capitals of another script', { host: 'xn--bcher-kva.example' }],
    ['a WebSocket upgrade', { upgrade: true }],
  ])('allows the request: %s', (_, more) => {
    const facts = { ...GET, ...more };
    expect(allows(suggestRule(facts, []), facts)).toBe(true);
  });

  it.each<[string, Partial<SuggestionFacts>]>([
    ['another method', { method: 'HEAD' }],
    ['another path', { path: '/v1/items/' }],
    ['another host', { host: 'a.api.acme.dev' }],
    ['another port', { port: 444 }],
    ['a query', { query: 'a' }],
    ['a body', { hasBody: true }],
    ['a WebSocket upgrade', { upgrade: true }],
    ['plain HTTP', { protocol: 'HTTP' }],
  ])('allows nothing else: %s', (_, more) => {
    expect(allows(suggestRule(GET, []), { ...GET, ...more })).toBe(false);
  });

  it.each<[string, Partial<SuggestionFacts>]>([
    ['an address', { host: '127.0.0.1' }],
    ['a wildcard', { host: '*.acme.dev' }],
    ['nothing', { host: '' }],
    ['DNS', { protocol: 'TCP', port: 53 }],
    ['CONNECT', { method: 'CONNECT' }],
    ['a method in lower case', { method: 'get' }],
    ['a malformed path', { path: '/a/../b' }],
  ])('is empty when no rule can allow it: %s', (_, more) => {
    expect(suggestRule({ ...GET, ...more }, [])).toBe('');
  });
});
