/** Properties of what rules are made of: hosts, paths, queries and globs. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { matchGlob, parseGlob } from '../../crds/globs.ts';
import { hostMatches } from '../../crds/host-patterns.ts';
import { normaliseHost } from '../../crds/hosts.ts';
import { canonicalPath, canonicalQuery } from '../../crds/paths.ts';
import { SCHEMAS } from '../../crds/schema.generated.ts';
import { validatePolicy } from '../../crds/validate.ts';
import { DETECTORS, path, query } from './policies.ts';

const PATH_PATTERN =
  SCHEMAS.EgressPolicy.properties?.spec?.properties?.egress?.items?.properties?.http?.items?.properties?.paths?.items
    ?.pattern ?? '';

export const properties: { name: string; property: fc.IRawProperty<unknown> }[] = [
  {
    name: 'a normalised host is stable, has no address form, and matches itself',
    property: fc.property(
      fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.domain(), fc.ipV4Extended(), fc.ipV6(), fc.webUrl()),
      (text) => {
        const host = normaliseHost(text);
        if (!('name' in host)) {
          assert.notEqual(host.error, '');
          return;
        }
        assert.match(host.name, /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/);
        assert.doesNotMatch(host.name, /(^|\.)(\d+|0x[0-9a-f]*)$/);
        assert.deepEqual(normaliseHost(host.wildcard ? `*.${host.name}` : host.name), host);
        assert.ok(hostMatches(host, host.wildcard ? `a.${host.name}` : host.name));
        assert.equal(URL.parse(`http://${host.name}/`)?.hostname, host.name);
      },
    ),
  },
  {
    name: 'a host that needs no normalisation is read as one that does',
    property: fc.property(
      fc.oneof(
        fc.domain(),
        fc
          .array(fc.constantFrom('a', 'b-c', 'xn--', 'xn--bcher-kva', '_x', '-', '1', '0x1', 'localhost', 'com', ''), {
            minLength: 1,
            maxLength: 4,
          })
          .map((labels) => labels.join('.')),
      ),
      fc.boolean(),
      (name, wildcard) => {
        fc.pre(!name.endsWith('.'));
        const text = wildcard ? `*.${name}` : name;
        // A trailing dot is dropped, and keeps the quick way from being taken.
        const slow = normaliseHost(`${text}.`);
        const quick = normaliseHost(text);
        if ('name' in quick) assert.deepEqual(slow, quick);
        else assert.ok(!('name' in slow));
      },
    ),
  },
  {
    name: 'the definition refuses no host that is valid',
    property: fc.property(
      fc.oneof(
        fc.domain(),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc
          .array(fc.constantFrom('a', 'bücher', '*', '-', '_', '1', '0x1', 'localhost', '例え', '.', '..', ':', '/'), {
            minLength: 1,
            maxLength: 6,
          })
          .map((parts) => parts.join('')),
      ),
      (text) => {
        const spec = { egress: [{ name: 'a', to: { hosts: [text] } }] };
        const policy = { apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata: { name: 'p' }, spec };
        const refused = validatePolicy(policy, DETECTORS).filter(({ code }) => code !== 'semantic');
        if (refused.length > 0) assert.ok(!('name' in normaliseHost(text)), JSON.stringify(refused));
      },
    ),
  },
  {
    name: 'the definition refuses exactly the paths that are no globs',
    property: fc.property(
      fc.oneof(
        fc
          .array(
            fc.constantFrom('/', '*', '**', '.', '..', '\\', '\\*', 'a', '\u0000', '\u2028', 'é', '😀', '?', ' '),
            {
              maxLength: 10,
            },
          )
          .map((parts) => parts.join('')),
        fc.array(fc.constantFrom('/', '/a', '/**'), { minLength: 60, maxLength: 70 }).map((parts) => parts.join('')),
        fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `/${text}`),
      ),
      (text) => {
        assert.equal(new RegExp(PATH_PATTERN, 'u').test(text), parseGlob(text).ok);
      },
    ),
  },
  {
    name: 'a canonical path has no dot segment at any level of decoding, and every URL parser keeps its segments',
    property: fc.property(fc.oneof(path, fc.webPath(), fc.string({ unit: 'binary', maxLength: 40 })), (raw) => {
      const segments = canonicalPath(raw);
      if (!segments) return;
      let level = raw;
      for (let i = 0; i < 5; i++) {
        assert.ok(!level.split(/[/\\]/).some((segment) => segment === '.' || segment === '..'), level);
        level = level.replace(/(%[0-9a-f]{2})+/gi, (run) => decodeURIComponent(run));
      }
      assert.equal(segments.length, decodeURIComponent(raw).split(/[/\\]/).length - 1);
      const parsed = URL.parse(`http://a.dev${raw}`);
      assert.equal(parsed?.pathname.split('/').length, raw.split(/[/\\]/).length);
    }),
  },
  {
    name: 'a query is read as URLSearchParams reads it, or not at all',
    property: fc.property(
      fc.oneof(
        query.map((text) => text ?? ''),
        fc.string({ maxLength: 30 }),
      ),
      (raw) => {
        const parameters = canonicalQuery(raw);
        if (!parameters || raw.includes(';') || raw.startsWith('?')) return;
        const reference = [...new URLSearchParams(raw)];
        assert.deepEqual(
          parameters.filter(({ name, value }) => name !== '' || value !== '').map(({ name, value }) => [name, value]),
          reference.filter(([name, value]) => name !== '' || value !== ''),
        );
      },
    ),
  },
  {
    name: 'globs match what the regular expression of the same meaning matches',
    property: fc.property(
      fc.array(fc.constantFrom('a', 'b', '*', '**', 'a*', '*b', 'a*b', '*a*'), { minLength: 1, maxLength: 5 }),
      fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', 'bab', ''), { minLength: 1, maxLength: 6 }),
      (parts, segments) => {
        const parsed = parseGlob(`/${parts.join('/')}`);
        assert.ok(parsed.ok);
        const source = parts
          .map((part) =>
            part === '**' ? '(?:/[^/]*)*' : part === '*' ? '/[^/]+' : `/${part.replaceAll('*', '[^/]*')}`,
          )
          .join('');
        assert.equal(matchGlob(parsed.glob, segments), new RegExp(`^${source}$`).test(`/${segments.join('/')}`));
      },
    ),
  },
];
