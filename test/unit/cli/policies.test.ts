import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../cli/policies.ts';
import { loadPolicy } from '../../../cli/run/serve.ts';
import { CLUSTER_POLICY, POLICY, temporaryFiles } from './support.ts';

const file = temporaryFiles();
const policy = file('policy.yaml', POLICY);
const floor = file('floor.yaml', CLUSTER_POLICY);

describe('policies from files', () => {
  it('are told apart by kind', async () => {
    const { policies, clusterPolicies, problems } = await loadPolicies([policy, floor], []);
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(['web']);
    expect(clusterPolicies.map(({ metadata }) => metadata.name)).toEqual(['floor']);
    expect(problems).toEqual([]);
  });

  it('of the cluster hold for weir run too: none of what it is given is passed over', async () => {
    const ids = async (...files: string[]) => (await loadPolicy(files, false)).policy?.rules.map(({ id }) => id);
    expect(await ids(policy)).toEqual(['web/api', 'web/db', 'web/npm', 'web/pinned']);
    expect(await ids(policy, floor)).toEqual(['cluster:floor/status', 'web/api', 'web/npm']);
    expect(await ids(floor)).toEqual(['cluster:floor/status']);
  });
});
