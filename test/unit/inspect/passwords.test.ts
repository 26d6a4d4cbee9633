/** What counts as something to fill in, and what as a password that has such characters. */
import { describe, expect, it } from 'vitest';
import { isPlaceholder, isStrong } from '../../../sidecar/inspect/detectors/passwords.ts';
import { characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';

const BRACKETS = ['<', '>', '{', '}', '<<', '}{', '><'];
const ALNUM = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
const passwords = Array.from({ length: 40 }, (_, seed) => `k${characters(seed, 11, ALNUM)}7`).filter(isStrong);

const WRITTEN: Readonly<Record<string, (password: string) => string>> = {
  netrc: (password) => `machine git.acme.dev login ci password ${password}\n`,
  pypirc: (password) => `[pypi]\nusername = ci\npassword = ${password}\n`,
  'docker-auth': (password) =>
    `{"auths":{"r.acme.dev":{"auth":"${Buffer.from(`ci:${password}`).toString('base64')}"}}}`,
};

describe.each(Object.entries(WRITTEN))('%s', (detector, write) => {
  const inspector = createInspector();
  const detectors = (password: string): string[] => {
    const message = inspector.session('sink.example').open({ body: 'http.body', contentEncoding: [] });
    const step = message.field('http.header', 'x', Buffer.from(write(password)));
    return 'findings' in step ? step.findings.map((finding) => finding.detector) : [];
  };

  it('finds a password with brackets behind, before and inside it, or within them', () => {
    for (const password of passwords) {
      for (const bracket of BRACKETS) {
        for (const text of [
          `${password}${bracket}`,
          `${password.slice(0, 6)}${bracket}${password.slice(6)}`,
          // A brace that opens is a template of theirs.
          ...(bracket === '{' ? [] : [`${bracket}${password}`]),
        ]) {
          expect(detectors(text), text).toContain(detector);
        }
      }
      for (const text of [`${password}<x>`, `${password}\${x}`, `<a>${password}`, `${password}</code>`]) {
        expect(detectors(text), text).toContain(detector);
      }
    }
  });

  it.each([
    '<YOUR_PASSWORD>',
    '<your-token-here>',
    '<personal-access-token-1>',
    '<personal',
    '<API_KEY_V2>',
    `${'$'}{DB_PASS_2}`,
    `${'$'}{{ secrets.PYPI_TOKEN_2 }}`,
    '{{lookup_2}}',
    '{token_value}',
    '%(pypi_token)s',
    '<user>:<token>',
    '<token></code>',
  ])('takes %s for something to fill in', (password) => {
    expect(detectors(password)).not.toContain(detector);
  });
});

it('a name in brackets is a placeholder, what was drawn is none', () => {
  expect(isPlaceholder('<DATABASE_USER_1>')).toBe(true);
  for (const password of passwords) expect(isPlaceholder(password), password).toBe(false);
});
