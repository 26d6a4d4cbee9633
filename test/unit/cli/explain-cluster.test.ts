import { describe, expect, it } from 'vitest';
import { explain } from '../../../cli/explain.ts';
import { file, policy } from './explaining.ts';
import { CLUSTER_POLICY, call } from './support.ts';

describe('weir explain', () => {
  describe('with policies of the cluster', () => {
    const floor = file('floor.yaml', CLUSTER_POLICY);
    const both = (...more: string[]) => call(explain, '--policy', policy, '--policy', floor, ...more);
    const builds = ['--label', 'stage=build', '--namespace-label', 'tier=builds'];

    it('names the rule of the cluster that allows', async () => {
      const { status, stdout } = await both('--url', 'https://status.acme.dev/', ...builds);
      expect(status).toBe(0);
      expect(stdout).toContain('rule: cluster:floor/status\n');
    });

    it('says which rules are not in force, and that no EgressPolicy can allow the request', async () => {
      const { status, stdout } = await both('--url', 'tcp://db.acme.dev:5432', ...builds);
      expect(status).toBe(1);
      expect(stdout).toContain(
        `not in force, by constraints of the cluster:
  EgressPolicy ci/web, rule db: the cluster allows HTTPS, not TCP (cluster:floor: allowedProtocols); it would allow this request
  EgressPolicy ci/web, rule pinned: the cluster allows HTTPS, not TLS (cluster:floor: allowedProtocols)

no EgressPolicy can allow it: the cluster allows HTTPS, not TCP (cluster:floor: allowedProtocols)
`,
      );
      expect(stdout).not.toContain('this item of spec.egress');
    });

    it('suggests within the constraints', async () => {
      const { stdout } = await both('--url', 'https://new.acme.dev/x', ...builds);
      expect(stdout).toContain('this item of spec.egress allows exactly it:\n  - name: new-acme-dev\n');
      const outside = await both('--url', 'https://github.com/acme/x/info/refs?service=git-upload-pack', ...builds);
      expect(outside.stdout).toContain('no EgressPolicy can allow it: the cluster does not allow all of "github.com"');
      expect(outside.stdout).not.toContain('the preset');
    });

    it('asks for one namespace, by its labels or its name', async () => {
      const url = ['--url', 'tcp://db.acme.dev:5432', '--label', 'stage=build'];
      expect((await both(...url, '--namespace-label', 'tier=tools')).status).toBe(0);
      expect((await both(...url)).status).toBe(1);
      expect((await both(...url, '--namespace', 'ci')).status).toBe(0);
      expect((await both(...url, '--namespace', 'ci', '--namespace-label', 'tier=builds')).status).toBe(1);
      expect((await both(...url, '--namespace', 'qa')).stdout).toContain('no policy selects a pod with these labels');
    });

    it('speaks JSON', async () => {
      const { stdout } = await both('--url', 'tcp://db.acme.dev:5432', '--json', ...builds);
      expect(JSON.parse(stdout)).toMatchObject({
        decision: 'deny',
        dropped: [
          {
            origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'web', rule: 'db' },
            constraint: { policy: 'cluster:floor', field: 'allowedProtocols' },
            matches: true,
          },
          { origin: { rule: 'pinned' }, matches: false },
        ],
        constraint: { policy: 'cluster:floor', field: 'allowedProtocols' },
      });
    });
  });
});
