/** Nobody is asked for names but whom the pod's resolv.conf named before a container of it had run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RESOLVER_FILE, ResolverMemory } from '../../../sidecar/state/resolver.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-resolver-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const CLEAN = 'search ci.svc.cluster.local\nnameserver 10.96.0.10\nnameserver fd00::a\n';
const SETTINGS = { nameservers: ['10.96.0.10', 'fd00::a'], searchDomains: ['ci.svc.cluster.local'] };
const EVIL = 'search evil.example\nnameserver 203.0.113.66\n';

const live = (text: string) => ResolverMemory.open(directory, () => text).kept;
const never = (): string => {
  throw new Error('read again');
};

describe('the resolver', () => {
  test('is that of the first life, whatever the file says in those after it', () => {
    expect(live(CLEAN)).toEqual(SETTINGS);
    for (let life = 0; life < 3; life++) {
      expect(live(EVIL)).toEqual(SETTINGS);
      expect(ResolverMemory.open(directory, never).kept).toEqual(SETTINGS);
    }
  });

  test('is kept before the first life says that it is one', () => {
    ResolverMemory.open(directory, () => CLEAN);
    writeFileSync(path.join(directory, 'authority.pem'), '');
    expect(live(EVIL)).toEqual(SETTINGS);
  });

  test.each(['accounts', 'names', 'policy.json', 'authority.pem'])(
    'is nobody when it is gone and %s is not',
    (name) => {
      writeFileSync(path.join(directory, name), '');
      const { nameservers, searchDomains, problem } = live(EVIL);
      expect({ nameservers, searchDomains }).toEqual({ nameservers: [], searchDomains: [] });
      expect(problem).toContain('not kept');
      expect(readdirSync(directory)).toEqual([name]);
    },
  );

  test('is that of the new sandbox when the node has lost its memory', () => {
    expect(live(EVIL)).toMatchObject({ nameservers: ['203.0.113.66'] });
    rmSync(path.join(directory, RESOLVER_FILE));
    expect(live(CLEAN)).toEqual(SETTINGS);
  });

  test.each(['', '{', 'null', '{"nameservers":["evil.example"],"searchDomains":[]}', '{"nameservers":["192.0.2.1"]}'])(
    'is nobody when what was kept is damaged: %j',
    (text) => {
      writeFileSync(path.join(directory, RESOLVER_FILE), text);
      expect(live(EVIL)).toMatchObject({ nameservers: [], problem: expect.stringContaining('damaged') });
      expect(readFileSync(path.join(directory, RESOLVER_FILE), 'utf8')).toBe(text);
    },
  );

  test.each([
    '',
    'nameserver 127.0.0.1\n',
    'nameserver 127.8.8.8\nnameserver ::1\n',
    'nameserver 0.0.0.0\nnameserver ::\n',
  ])('is not the pod itself, where any container may answer: %j', (text) => {
    expect(live(text)).toMatchObject({ nameservers: [], problem: expect.stringContaining('outside') });
  });

  test('is read again when the life that was to keep it was killed in the middle', () => {
    writeFileSync(path.join(directory, `${RESOLVER_FILE}.new`), '{"nam');
    expect(live(CLEAN)).toEqual(SETTINGS);
  });
});
