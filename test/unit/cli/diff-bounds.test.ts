import { describe, expect, it } from 'vitest';
import { MAX_PODS } from '../../../cli/diff/pods.ts';
import { MAX_QUERIES, MAX_REQUESTS } from '../../../cli/diff/requests.ts';
import { diff, differences } from '../../../cli/diff.ts';
import { loadPolicies } from '../../../cli/policies.ts';
import { call, POLICY, temporaryFiles } from './support.ts';

const file = temporaryFiles();
let files = 0;

describe('bounds of a comparison', () => {
  const set = async (text: string) => {
    const { problems, ...found } = await loadPolicies([file(`set-${files++}.yaml`, text)], []);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    return found;
  };

  it('says when some pods were not compared', async () => {
    const policy = (i: number, value: string) =>
      POLICY.replace('name: web', `name: p${i}`).replace('{stage: build}', `{l${i}: "${value}"}`);
    const many = (value: string) => Array.from({ length: 11 }, (_, i) => policy(i, value)).join('---\n');
    expect(2 ** 11).toBeGreaterThan(MAX_PODS);
    const text = file('many-pods.yaml', many('a'));
    expect(differences(await set(many('a')), await set(many('a')), {}).complete).toBe(false);
    const { status, stderr } = await call(diff, text, text);
    expect(status).toBe(1);
    expect(stderr).toContain('differences may be missing');
  }, 60_000);

  it('says when some queries were not compared', async () => {
    const values = Array.from({ length: 9 }, (_, i) => `v${i}`).join(', ');
    const query = `query: [{name: a, values: [${values}]}, {name: b, values: [${values}]}]`;
    expect(10 * 10).toBeGreaterThan(MAX_QUERIES);
    const one = await set(POLICY.replace('paths: [/v1/**]', `paths: [/v1/**], ${query}`));
    const two = await set(POLICY.replace('paths: [/v1/**]', `paths: [/v2/**], ${query}`));
    expect(differences(one, two, {}).complete).toBe(false);
  });

  it('says when some requests were not compared', async () => {
    const numbers = (n: number, of: (i: number) => string) => Array.from({ length: n }, (_, i) => of(i)).join(', ');
    const rule = (last: string) =>
      POLICY.replace(
        'methods: [GET], paths: [/v1/**]',
        `methods: [${numbers(15, (i) => `M${String.fromCharCode(65 + i)}`)}], paths: [${numbers(63, (i) => `/p${i}`)}, ${last}], contentTypes: [${numbers(31, (i) => `a/t${i}`)}], maxBodySize: 9`,
      );
    expect(16 * 64 * 33 * 5).toBeGreaterThan(MAX_REQUESTS);
    expect(differences(await set(rule('/x')), await set(rule('/y')), {}).complete).toBe(false);
  }, 60_000);
});
