import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { schema } from '../../../cli/schema.ts';
import { publishedSchema } from '../../../cli/schemas.ts';
import { SCHEMA_NAMES, type SchemaName } from '../../../cli/table.ts';
import { CLUSTER_POLICY, call, POLICY } from './support.ts';

/** As an editor checks: draft-07, with every keyword known. */
function accepts(name: SchemaName, text: string): boolean {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
  return ajv.compile(publishedSchema(name))(load(text));
}

describe('weir schema', () => {
  it('lists every field with its type, bounds and description', async () => {
    const { status, stdout } = await call(schema, 'egresspolicy');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^EgressPolicy\n {2}Where the selected pods/);
    expect(stdout).toContain('\nkind  <EgressPolicy, required>\n');
    expect(stdout).toContain('\nspec.mode  <Enforce | Audit, default "Enforce">\n  `Audit` judges and reports');
    expect(stdout).toContain('\nspec.egress[].to.ports  <list of integer, 1 to 16 items>\n');
    expect(stdout).toContain('\nspec.egress[].limits.requests  <integer, 1 to 1000000000>\n');
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .filter((line) => line.startsWith('  '))
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
  });

  it('knows both kinds, in any case, and both at once', async () => {
    const cluster = await call(schema, 'ClusterEgressPolicy');
    expect(cluster.stdout).toMatch(/^ClusterEgressPolicy\n/);
    expect(cluster.stdout).toContain('\nspec.constraints.deniedHosts  <list of string');
    const both = await call(schema);
    expect(both.stdout).toContain((await call(schema, 'egresspolicy')).stdout.trimEnd());
    expect(both.stdout).toContain(cluster.stdout.trimEnd());
    expect((await call(schema, 'cases')).stdout).toContain(
      'cases[].expect.verdict  <Allow | Deny | WouldDeny, required>',
    );
  });

  it.each(SCHEMA_NAMES)('prints the JSON Schema of %s', async (name) => {
    const { status, stdout } = await call(schema, '--json', name);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(publishedSchema(name));
    expect(stdout).not.toContain('x-kubernetes');
    expect(stdout).toContain('"$schema": "http://json-schema.org/draft-07/schema#"');
  });

  it('checks documents of either kind by what they say they are', () => {
    for (const [name, one, other] of [
      ['egresspolicy', true, false],
      ['clusteregresspolicy', false, true],
      ['policy', true, true],
    ] as const) {
      expect(accepts(name, POLICY), name).toBe(one);
      expect(accepts(name, CLUSTER_POLICY), name).toBe(other);
    }
    expect(accepts('policy', POLICY.replace('egress:', 'egres:'))).toBe(false);
    expect(accepts('policy', CLUSTER_POLICY.replace('deniedHosts', 'denyHosts'))).toBe(false);
    expect(accepts('policy', POLICY.replace('v1alpha1', 'v1'))).toBe(false);
    expect(accepts('policy', POLICY.replace('kind: EgressPolicy', 'kind: Policy'))).toBe(false);
    expect(accepts('cases', 'cases: [{name: n, request: {url: "https://a/"}, expect: {verdict: Deny}}]')).toBe(true);
    expect(accepts('cases', 'cases: [{name: n, request: {url: "https://a/"}, expect: {verdict: No}}]')).toBe(false);
  });

  it('does not know other kinds', async () => {
    expect(await call(schema, 'egrespolicy')).toEqual({
      status: 2,
      stdout: '',
      stderr: `weir schema: "egrespolicy" is not one of egresspolicy, clusteregresspolicy, policy, cases; did you mean egresspolicy?\nSee weir schema --help.\n`,
    });
    expect(await call(schema, 'egresspolicy', 'cases')).toMatchObject({ status: 2, stdout: '' });
  });
});
