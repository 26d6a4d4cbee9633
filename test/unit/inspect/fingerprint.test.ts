/** The hash of a value in events: the same for the same value in one run, of no use to who guesses. */
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../crds/runtime.ts';
import { createInspector, type SecretInspector, type Step } from '../../../sidecar/inspect/index.ts';

const PATTERN = [{ name: 'acme', regex: 'acme_[a-z0-9]{8}', hosts: [] }];
const VALUE = 'acme_abcd1234';
const SECRET = 'kV9mQ2xT7bRw4Zp8';

function inspectorOf(): SecretInspector {
  const inspector = createInspector();
  inspector.setPatterns(PATTERN);
  inspector.setKnownSecrets([{ name: 's/k', value: Buffer.from(SECRET), held: true }]);
  return inspector;
}

function hashes(inspector: SecretInspector, text: string): (string | undefined)[] {
  const message = inspector.session('a.dev').open({ body: 'http.body', contentEncoding: [] });
  const { findings } = message.field('http.header', 'x', Buffer.from(text)) as Step & { findings: Finding[] };
  return findings.map(({ hash }) => hash);
}

describe('the hash of a finding', () => {
  it('is the same for the same value, however and wherever it was sent, and another for another', () => {
    const inspector = inspectorOf();
    const [hash] = hashes(inspector, VALUE);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(hashes(inspector, `{"a": "${VALUE}"}`)).toEqual([hash]);
    expect(hashes(inspector, Buffer.from(`a ${VALUE} b`).toString('base64'))).toEqual([hash]);
    expect(hashes(inspector, 'acme_abcd1235')).not.toEqual([hash]);
  });

  it('of a known secret is that of all of it, whatever part was found', () => {
    const inspector = inspectorOf();
    const [hash] = hashes(inspector, SECRET);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(hashes(inspector, SECRET.slice(1, 14))).toEqual([hash]);
  });

  it('cannot be confirmed by a guess without the key, not even by who has the same Weir', () => {
    const [hash] = hashes(inspectorOf(), VALUE);
    const guesses = [
      ...['sha256', 'sha512', 'sha1', 'md5'].flatMap((name) => [
        createHash(name).update(VALUE).digest('hex'),
        ...['', 'weir', 'acme'].map((key) => createHmac(name, key).update(VALUE).digest('hex')),
      ]),
      ...Array.from({ length: 50 }, () => hashes(inspectorOf(), VALUE)[0] as string),
    ];
    for (const guess of guesses) expect(guess).not.toContain(hash);
    // Nothing of the inspector gives the key away.
    expect(JSON.stringify(inspectorOf())).toBe('{}');
  });
});
