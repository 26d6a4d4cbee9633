import { describe, expect, it } from 'vitest';
import { explain } from '../../../cli/explain.ts';
import { ask, file, policy } from './explaining.ts';
import { CLUSTER_POLICY, call, POLICY } from './support.ts';

describe('weir explain', () => {
  describe('with what a detector found', () => {
    const post = ['--method', 'POST', '--content-type', 'application/json', '--body-size', '100'];
    const events = ['https://api.acme.dev/v1/events', ...post] as const;

    it('prints a rule and a suppression for exactly this request', async () => {
      const { status, stdout } = await ask(...events, '--found', 'private-key', '--found', 'jwt');
      expect(status).toBe(1);
      expect(stdout).toContain('reason: content.secret: ');
      expect(stdout).toContain(`
this, added to web, allows exactly it, with what was found:
spec:
  egress:
  - name: 0-api-acme-dev
    to: {hosts: [api.acme.dev]}
    http:
    - methods: [POST]
      paths: [/v1/events]
      query: []
      contentTypes: [application/json]
      maxBodySize: 100
  content:
    suppressions:
    - {detector: private-key, rule: 0-api-acme-dev}
    - {detector: jwt, rule: 0-api-acme-dev}
`);
    });

    it('allows what is at home there, or excepted', async () => {
      expect((await ask('https://registry.npmjs.org/x', '--found', 'npm-token')).status).toBe(0);
      expect((await ask(...events, '--found', 'npm-token')).status).toBe(1);
      const excepted = (content: string) =>
        file('excepted.yaml', POLICY.replace('spec:', `spec:\n  content: ${content}`));
      for (const content of [
        '{suppressions: [{detector: jwt, rule: api}]}',
        '{homeHosts: [{detector: jwt, hosts: [api.acme.dev]}]}',
        '{detectors: {disabled: [jwt]}}',
      ]) {
        const argv = ['--policy', excepted(content), '--url', ...events];
        expect((await call(explain, ...argv, '--found', 'jwt')).status, content).toBe(0);
        expect((await call(explain, ...argv, '--found', 'private-key')).status, content).toBe(1);
      }
    });

    it('knows the patterns of the policies, and where they are at home', async () => {
      const content =
        '{patterns: [{name: acme-key, regex: "acme_[a-z]+", hosts: [api.acme.dev]}, {name: other, regex: other_}]}';
      const argv = [
        '--policy',
        file('patterns.yaml', POLICY.replace('spec:', `spec:\n  content: ${content}`)),
        '--url',
      ];
      expect((await call(explain, ...argv, ...events, '--found', 'pattern/acme-key')).status).toBe(0);
      const other = await call(explain, ...argv, ...events, '--found', 'pattern/other');
      expect(other.status).toBe(1);
      expect(other.stdout).toContain('    - {detector: pattern/other, rule: 0-api-acme-dev}\n');
      const misspelt = await call(explain, ...argv, ...events, '--found', 'pattern/acme-kye');
      expect(misspelt.status).toBe(2);
      expect(misspelt.stderr).toContain('there is no detector "pattern/acme-kye"; did you mean pattern/acme-key?');
      const opaque = await call(explain, ...argv, ...events, '--found', 'opaque-upload');
      expect(opaque.stdout).toContain('reason: content.opaque: too many bytes were sent that cannot be read');
      expect(opaque.stdout).toContain('    - {detector: opaque-upload, rule: 0-api-acme-dev}\n');
    });

    it('prints a rule for the look-up of exactly this name, and suppressions of what was found in it', async () => {
      for (const name of ['Abc.Acme.dev', 'abc.nowhere.example']) {
        const { status, stdout } = await ask(`dns://${name}`, '--found', 'encoded-name', '--found', 'jwt');
        expect(status).toBe(1);
        expect(stdout).toContain('reason: content.secret: ');
        expect(stdout).toContain(`
this, added to web, allows exactly it, with what was found:
spec:
  egress:
  - name: look-up
    protocol: TCP
    to: {hosts: [${name.toLowerCase()}], ports: [9]}
    limits: {uploadSize: 0} # the look-up alone: nothing may be sent
  content:
    suppressions:
    - {detector: encoded-name, rule: look-up}
    - {detector: jwt, rule: look-up}
`);
      }
    });

    it('offers none for a name that the cluster denies', async () => {
      const floor = file('floor-for-names.yaml', CLUSTER_POLICY);
      const { stdout } = await call(
        explain,
        ...['--policy', policy, '--policy', floor, '--url', 'dns://abc.nowhere.example', '--found', 'jwt'],
      );
      expect(stdout).toContain('no exception of a rule covers this: jwt\n');
    });

    it('offers no exception that a cluster does not take, or that no rule can say', async () => {
      const strict = file(
        'strict.yaml',
        CLUSTER_POLICY.replace('constraints:', 'constraints:\n    content: TightenOnly'),
      );
      const { stdout } = await call(
        explain,
        '--policy',
        policy,
        '--policy',
        strict,
        '--url',
        ...events,
        '--found',
        'jwt',
      );
      expect(stdout).toContain('no exception of a rule covers this: jwt\n');
      const first = file('first.yaml', POLICY.replace('name: api', 'name: "0"'));
      const before = await call(explain, '--policy', first, '--url', ...events, '--found', 'jwt');
      expect(before.stdout).toContain('no exception of a rule covers this: jwt\n');
    });

    it('adds the exception to the policy that the rule is from', async () => {
      const read = ['https://status.acme.dev/', '--found', 'jwt'] as const;
      const floor = file('floor-for-content.yaml', CLUSTER_POLICY);
      const { stdout } = await call(explain, '--policy', policy, '--policy', floor, '--url', ...read);
      expect(stdout).toContain('this, added to cluster:floor, allows exactly it');
      expect(stdout).toContain('  - name: 0-status-acme-dev\n');
    });

    it('does not speak of content where it is never judged, or where the request is denied anyway', async () => {
      expect((await ask('tcp://db.acme.dev:5432', '--found', 'jwt')).status).toBe(0);
      const denied = await ask('https://api.acme.dev/x', '--found', 'jwt');
      expect(denied.stdout).toContain('reason: http.path');
      expect(denied.stdout).not.toContain('suppressions');
    });

    it('knows the detectors', async () => {
      expect(await ask(...events, '--found', 'npm-tokn')).toEqual({
        status: 2,
        stdout: '',
        stderr: 'weir explain: there is no detector "npm-tokn"; did you mean npm-token?\nSee weir explain --help.\n',
      });
      expect((await ask(...events, '--found', 'zzz')).stderr).toContain('there is no detector "zzz"\n');
    });
  });
});
