import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../../cli/check.ts';
import { MAX_TEXT_LENGTH } from '../../../crds/document.ts';
import { CLUSTER_POLICY, call, POLICY, temporaryFiles } from './support.ts';

const file = temporaryFiles();
const good = file('good.yaml', POLICY);
const bad = file(
  'bad.yaml',
  POLICY.replace('name: web', 'name: bad').replace('npm-install', 'npm-instal').replace('[GET]', '[get]'),
);
const doubtful = file(
  'doubtful.yaml',
  POLICY.replace('name: web', 'name: doubtful').replace('api.acme.dev', '"*.github.io"'),
);

describe('weir check', () => {
  it('says that policies are valid', async () => {
    expect(await call(check, good)).toEqual({
      status: 0,
      stdout: '1 valid policy, 0 errors, 0 warnings\n',
      stderr: '',
    });
  });

  it('tells problems with place, path and fix', async () => {
    const { status, stdout, stderr } = await call(check, good, bad);
    expect(status).toBe(1);
    expect(stderr).toBe('');
    expect(stdout).toBe(
      [
        `${bad}:8:20: error: spec.egress[0].preset.name: there is no such preset`,
        '  fix: did you mean npm-install?',
        `${bad}:11:23: error: spec.egress[1].http[0].methods[0]: methods are written in capitals`,
        '  fix: GET',
        '1 valid policy, 2 errors, 0 warnings',
        '',
      ].join('\n'),
    );
  });

  it('does not fail on warnings', async () => {
    const { status, stdout } = await call(check, doubtful);
    expect(status).toBe(0);
    expect(stdout).toContain(':10:18: warning: spec.egress[1].to.hosts[0]: anyone can get a name under "github.io"');
    expect(stdout).toContain('1 valid policy, 0 errors, 1 warning\n');
  });

  it('speaks JSON', async () => {
    const { status, stdout } = await call(check, '--json', bad, doubtful);
    expect(status).toBe(1);
    const parsed = JSON.parse(stdout);
    expect(parsed).toMatchObject({ ok: false, policies: 1 });
    expect(parsed.problems[0]).toEqual({
      file: bad,
      line: 8,
      column: 20,
      path: 'spec.egress[0].preset.name',
      message: 'there is no such preset',
      fix: 'did you mean npm-install?',
      severity: 'error',
      code: 'semantic',
    });
    expect(JSON.parse((await call(check, '--json', good)).stdout)).toEqual({ ok: true, policies: 1, problems: [] });
  });

  it('speaks JSON by either option, and no other format', async () => {
    expect(await call(check, '--output', 'json', bad)).toEqual(await call(check, '--json', bad));
    expect(await call(check, '-o', 'xml', bad)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'weir check: --output is one of text, json, sarif, not "xml"\nSee weir check --help.\n',
    });
  });

  it('reads a directory, and leaves cases and what is no policy out', async () => {
    const inside = temporaryFiles();
    const directory = dirname(inside('one.yaml', POLICY));
    inside('two.yml', CLUSTER_POLICY);
    inside('one.cases.yaml', 'cases: []\n');
    inside('deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment\n');
    inside('notes.txt', 'nothing');
    expect(await call(check, directory)).toEqual({
      status: 0,
      stdout: '2 valid policies, 0 errors, 0 warnings\n',
      stderr: '',
    });
  });

  it('says when two files use the name of a ClusterEgressPolicy', async () => {
    const one = file('floor-1.yaml', CLUSTER_POLICY);
    const two = file('floor-2.yaml', CLUSTER_POLICY);
    const { status, stdout } = await call(check, one, two);
    expect(status).toBe(1);
    expect(stdout).toContain(`${two}:1:1: error: metadata.name: the policy "cluster:floor" is in ${one} too\n`);
  });

  it.each<[string, string, RegExp]>([
    ['is not there', '/nonexistent/policy.yaml', /:1:1: error: there is no such file/],
    ['is a directory', '/', /:1:1: error: EISDIR/],
    ['is not UTF-8', file('latin1.yaml', Buffer.from([0x61, 0xe9])), /:1:1: error: the file is not UTF-8 text/],
    [
      'is too large',
      file('large.yaml', Buffer.alloc(3 * MAX_TEXT_LENGTH + 1, 0x23)),
      /:1:1: error: the file is larger than/,
    ],
    ['is empty', file('empty.yaml', ''), /:1:1: error: there is no EgressPolicy in this file\n {2}fix: start with/],
    [
      'has other documents only',
      file('other.yaml', 'kind: Pod\napiVersion: v1\n'),
      /:1:1: error: there is no EgressPolicy in this file/,
    ],
    ['is not YAML', file('broken.yaml', 'a: [\n'), /error: not valid YAML/],
  ])('says when a file %s', async (_, name, message) => {
    const { status, stdout } = await call(check, name);
    expect(status).toBe(1);
    expect(stdout).toMatch(message);
  });

  it('says when two files use one name', async () => {
    const again = file('again.yaml', POLICY);
    const { status, stdout } = await call(check, good, again);
    expect(status).toBe(1);
    expect(stdout).toContain(`${again}:1:1: error: metadata.name: the policy "ci/web" is in ${good} too\n`);
  });

  it('warns when two policies speak differently to one destination', async () => {
    const other = (namespace: string) =>
      file(
        `mixed-${namespace}.yaml`,
        `apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata: {name: other, namespace: ${namespace}}
spec:
  egress:
  - name: tunnel
    protocol: TCP
    to: {hosts: ["*.acme.dev"], ports: [443]}
    limits: {uploadSize: 1Ki}
`,
      );
    const { status, stdout } = await call(check, good, other('ci'));
    expect(status).toBe(0);
    expect(stdout).toContain(
      ':1:1: warning: spec.egress[0]: TCP here and HTTPS in web/api are for the same host and port',
    );
    expect((await call(check, good, other('qa'))).stdout).toBe('2 valid policies, 0 errors, 0 warnings\n');
  });

  it('reads standard input', () => {
    const main = new URL('../../../cli/main.ts', import.meta.url).pathname;
    const { status, stdout } = spawnSync(process.execPath, [main, 'check', '-'], {
      input: POLICY.replace('npm-install', 'x'),
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stdout).toContain('standard input:8:20: error: spec.egress[0].preset.name');
  });

  it('explains itself', async () => {
    expect(await call(check, '--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Usage: weir check'),
      stderr: '',
    });
    expect(await call(check)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'weir check: name at least one file\nSee weir check --help.\n',
    });
    expect(await call(check, '--jsno', good)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining("'--jsno'"),
    });
  });
});
