import { describe, expect, it } from 'vitest';
import { canonicalHash, canonicalJson } from '../../../crds/canonical.ts';
import { compile, DNS_DEFAULTS } from '../../../crds/compile.ts';
import { DEFAULT_MAX_REFUSALS } from '../../../crds/content.ts';
import { expandRule } from '../../../crds/expand.ts';
import { KNOWN_SECRET_DEFAULTS } from '../../../crds/known-secrets.ts';
import { selects } from '../../../crds/selector.ts';
import type { EgressPolicy, EgressPolicySpec, EgressRule, PodSelector } from '../../../crds/types.generated.ts';

const policy = (name: string, spec: EgressPolicySpec, namespace?: string): EgressPolicy => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'EgressPolicy',
  metadata: { name, ...(namespace !== undefined && { namespace }) },
  spec,
});
const to = (...hosts: string[]) => ({ to: { hosts } });

describe('compile', () => {
  it('puts everything in', () => {
    const compiled = compile(
      [
        policy(
          'web',
          {
            egress: [
              {
                name: 'b',
                ...to('B.dev', '*.a.dev'),
                http: [{ methods: ['POST', 'GET'], forwardHeaders: ['X-B', 'x-a'], maxBodySize: '16Ki' }],
              },
              {
                name: 'a',
                protocol: 'TCP',
                to: { hosts: ['db.dev'], ports: [5433, 5432], addressScope: 'Private' },
                limits: { uploadSize: '1Mi', requests: 3 },
              },
              { name: 'c', preset: { name: 'git-fetch' }, http: [{ paths: ['/acme/**'] }] },
            ],
            content: {
              suppressions: [{ detector: 'jwt', rule: 'b' }],
              homeHosts: [{ detector: 'jwt', hosts: ['Home.dev'] }],
              detectors: { disabled: ['x'] },
            },
          },
          'ci',
        ),
      ],
      {},
    );
    expect(compiled).toMatchObject({ schema: 1, mode: 'Enforce', policies: ['ci/web'], dns: DNS_DEFAULTS });
    expect(compiled.rules.map(({ id }) => id)).toEqual(['web/a', 'web/b', 'web/c']);
    expect(compiled.rules[0]).toEqual({
      id: 'web/a',
      origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'web', rule: 'a' },
      protocol: 'TCP',
      hosts: [{ name: 'db.dev', wildcard: false }],
      ports: [5432, 5433],
      addressScope: 'Private',
      http: [],
      limits: { uploadSize: 1048576, requests: 3 },
    });
    expect(compiled.rules[1]).toMatchObject({
      protocol: 'HTTPS',
      hosts: [
        { name: 'a.dev', wildcard: true },
        { name: 'b.dev', wildcard: false },
      ],
      ports: [443],
      addressScope: 'Public',
      http: [[{ methods: ['GET', 'POST'], forwardHeaders: ['x-a', 'x-b'], maxBodySize: 16384 }]],
    });
    expect(compiled.rules[2]).toMatchObject({ origin: { preset: 'git-fetch' }, hosts: [{ name: 'github.com' }] });
    expect(compiled.rules[2]?.http.map((group) => group.length)).toEqual([2, 1]);
    expect(compiled.content).toEqual({
      disabledDetectors: ['x'],
      homeHosts: [{ detector: 'jwt', hosts: [{ name: 'home.dev', wildcard: false }] }],
      knownSecrets: KNOWN_SECRET_DEFAULTS,
      maxRefusals: DEFAULT_MAX_REFUSALS,
      patterns: [],
      suppressions: [{ detector: 'jwt', rule: 'web/b' }],
    });
  });

  it('is empty, and denies, without policies', () => {
    expect(compile([], {})).toMatchObject({ mode: 'Enforce', policies: [], rules: [] });
  });

  it('takes the policies that select the pod; without labels all', () => {
    const build = policy('build', { podSelector: { matchLabels: { stage: 'build' } } });
    const every = policy('every', {});
    expect(compile([build, every], { stage: 'test' }).policies).toEqual(['every']);
    expect(compile([build, every], { stage: 'build' }).policies).toEqual(['build', 'every']);
    expect(compile([build, every], undefined).policies).toEqual(['build', 'every']);
  });

  it('is in Audit when every policy is', () => {
    const audit = policy('a', { mode: 'Audit' });
    expect(compile([audit], {}).mode).toBe('Audit');
    expect(compile([audit, policy('b', { mode: 'Enforce' })], {}).mode).toBe('Enforce');
    expect(compile([audit, policy('b', {})], {}).mode).toBe('Enforce');
  });

  it('takes the strictest of the dns fields that are set', () => {
    const dns = (...rules: EgressPolicySpec['dns'][]) =>
      compile(
        rules.map((rule, i) => policy(`p${i}`, rule ? { dns: rule } : {})),
        {},
      ).dns;
    expect(dns({ budget: 512 }, undefined)).toEqual({ ...DNS_DEFAULTS, budget: 512 });
    expect(dns({ budget: 512 }, { budget: 64 })).toEqual({ ...DNS_DEFAULTS, budget: 64 });
    expect(dns({ denied: 'NXDomain' }, { denied: 'Explain' })).toEqual({ ...DNS_DEFAULTS, denied: 'NXDomain' });
    expect(dns({ queryTypes: ['SRV', 'A', 'TXT'] }, { queryTypes: ['A', 'SRV'] })).toEqual({
      ...DNS_DEFAULTS,
      queryTypes: ['A', 'SRV'],
    });
    expect(dns({ queryTypes: ['A'] }, { queryTypes: ['AAAA'] }).queryTypes).toEqual([]);
  });

  it('disables a detector when all policies do, and adds home hosts up', () => {
    const a = policy('a', {
      content: { detectors: { disabled: ['x', 'y'] }, homeHosts: [{ detector: 'x', hosts: ['a.dev'] }] },
    });
    const b = policy('b', {
      content: { detectors: { disabled: ['y', 'z'] }, homeHosts: [{ detector: 'x', hosts: ['b.dev', 'a.dev'] }] },
    });
    const { content } = compile([a, b], {});
    expect(content.disabledDetectors).toEqual(['y']);
    expect(content.homeHosts).toEqual([
      {
        detector: 'x',
        hosts: [
          { name: 'a.dev', wildcard: false },
          { name: 'b.dev', wildcard: false },
        ],
      },
    ]);
    expect(compile([a, policy('c', {})], {}).content.disabledDetectors).toEqual([]);
  });

  it('adds patterns up, and takes the least of what bounds', () => {
    const acme = { name: 'acme', regex: 'acme_[a-z]+' };
    const compiled = compile(
      [
        policy('b', { content: { patterns: [acme, { name: 'x', regex: 'xyz' }], opaqueUploads: { maxSize: '64Ki' } } }),
        policy('a', { content: { patterns: [{ ...acme, hosts: ['A.dev'] }, acme], maxRefusals: 7 } }),
        policy('c', { content: { maxRefusals: 9, opaqueUploads: { maxSize: 5, maxPodSize: '1Mi' } } }),
      ],
      {},
    ).content;
    expect(compiled.maxRefusals).toBe(7);
    expect(compiled.opaqueUploads).toEqual({ maxPodSize: 1024 * 1024, maxSize: 5 });
    // One of two policies names a home: for the other there is none, and that holds too.
    expect(compiled.patterns).toEqual([
      { ...acme, hosts: [] },
      { ...acme, hosts: [{ name: 'a.dev', wildcard: false }] },
      { name: 'x', regex: 'xyz', hosts: [] },
    ]);
  });

  it('tells policies of one name in two namespaces apart', () => {
    const rules: EgressRule[] = [{ name: 'r', ...to('a.dev') }];
    const ids = compile(
      [policy('p', { egress: rules }, 'b'), policy('p', { egress: rules }, 'a'), policy('q', { egress: rules }, 'a')],
      {},
    ).rules.map(({ id }) => id);
    expect(ids).toEqual(['a/p/r', 'b/p/r', 'q/r']);
  });

  it('throws when a policy is given twice', () => {
    expect(() => compile([policy('p', {}, 'a'), policy('p', {}, 'a')], {})).toThrow(
      new RangeError('two policies are named a/p'),
    );
  });

  it('has a hash that depends on what it enforces, not on how it was written', () => {
    const rules: EgressRule[] = [
      { name: 'a', ...to('a.dev', 'B.dev') },
      { name: 'b', ...to('c.dev'), http: [{ methods: ['GET', 'PUT'] }, { paths: ['/x'] }] },
    ];
    const again: EgressRule[] = [
      { name: 'b', ...to('c.dev.'), http: [{ paths: ['/x'] }, { methods: ['PUT', 'GET'] }] },
      { name: 'a', ...to('b.dev', 'a.dev') },
    ];
    const hash = compile([policy('p', { egress: rules }), policy('q', {})], {}).hash;
    expect(compile([policy('q', {}), policy('p', { egress: again })], {}).hash).toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(compile([policy('p', { egress: rules }), policy('q', { mode: 'Audit' })], {}).hash).toBe(hash);
    expect(compile([policy('p', { egress: rules.slice(1) }), policy('q', {})], {}).hash).not.toBe(hash);
  });
});

describe('a rule that is not valid', () => {
  it.each<[string, EgressRule]>([
    ['has a bad host among good ones', { name: 'a', ...to('a.dev', '127.0.0.1') }],
    ['has no host', { name: 'a' }],
    ['has no port', { name: 'a', protocol: 'TCP', ...to('a.dev'), limits: { uploadSize: 1 } }],
    ['has no such preset', { name: 'a', preset: { name: 'nope' } }],
    ['has a bad size', { name: 'a', ...to('a.dev'), http: [{ maxBodySize: '1K' }] }],
    ['has a bad limit', { name: 'a', ...to('a.dev'), limits: { uploadSize: 'much' } }],
    ['has another bad limit', { name: 'a', ...to('a.dev'), limits: { newTextSize: 'much' } }],
    [
      'limits text that nobody reads',
      { name: 'a', protocol: 'TLS', ...to('a.dev'), limits: { newTextSize: 1, uploadSize: 1 } },
    ],
    ['is opaque without a limit', { name: 'a', protocol: 'TLS', ...to('a.dev') }],
    [
      'is opaque with requests',
      { name: 'a', protocol: 'TLS', ...to('a.dev'), http: [{ methods: ['GET'] }], limits: { uploadSize: 1 } },
    ],
  ])('allows nothing: it %s', (_, rule) => {
    expect(expandRule(rule)).toBeUndefined();
    expect(compile([policy('p', { egress: [rule] })], {}).rules).toEqual([]);
  });
});

describe('canonicalJson', () => {
  it('is one text for equal data', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson([undefined])).toBe('[null]');
    expect(canonicalHash({ a: 1, b: 2 })).toBe(canonicalHash({ b: 2, a: 1 }));
    expect(canonicalHash({ a: 1 })).not.toBe(canonicalHash({ a: '1' }));
  });
});

describe('selects', () => {
  const expression = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: string[]): PodSelector => ({
    matchExpressions: [{ key: 'a', operator, ...(values && { values }) }],
  });
  it.each<[string, PodSelector | undefined, Record<string, string>, boolean]>([
    ['nothing said', undefined, {}, true],
    ['empty', {}, { a: 'b' }, true],
    ['a label', { matchLabels: { a: 'b' } }, { a: 'b', c: 'd' }, true],
    ['another value', { matchLabels: { a: 'b' } }, { a: 'c' }, false],
    ['a missing label', { matchLabels: { a: 'b' } }, {}, false],
    ['one of two labels', { matchLabels: { a: 'b', c: 'd' } }, { a: 'b' }, false],
    ['an inherited name', { matchLabels: { constructor: 'x' } }, {}, false],
    ['In', expression('In', ['x', 'b']), { a: 'b' }, true],
    ['In, absent', expression('In', ['b']), {}, false],
    ['NotIn', expression('NotIn', ['b']), { a: 'b' }, false],
    ['NotIn, absent', expression('NotIn', ['b']), {}, true],
    ['Exists', expression('Exists'), { a: '' }, true],
    ['Exists, absent', expression('Exists'), {}, false],
    ['DoesNotExist', expression('DoesNotExist'), { a: '' }, false],
    ['DoesNotExist, absent', expression('DoesNotExist'), {}, true],
    ['both kinds', { matchLabels: { c: 'd' }, ...expression('Exists') }, { a: '', c: 'd' }, true],
    ['one of both kinds', { matchLabels: { c: 'd' }, ...expression('Exists') }, { c: 'd' }, false],
  ])('%s', (_, selector, labels, expected) => {
    expect(selects(selector, labels)).toBe(expected);
  });
});
