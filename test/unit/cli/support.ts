import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Io } from '../../../cli/io.ts';

/** A place for files that is removed after the tests of the file. */
export function temporaryFiles(): (name: string, content: string | Buffer) => string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-cli-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  return (name, content) => {
    const file = join(directory, name);
    writeFileSync(file, content);
    return file;
  };
}

/** Runs a command and gives its exit status and what it wrote. */
export async function call(command: (argv: string[], io: Io) => Promise<number>, ...argv: string[]) {
  let stdout = '';
  let stderr = '';
  const status = await command(argv, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
  });
  return { status, stdout, stderr };
}

export const POLICY = `apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata: {name: web, namespace: ci}
spec:
  podSelector: {matchLabels: {stage: build}}
  egress:
  - name: npm
    preset: {name: npm-install}
  - name: api
    to: {hosts: [api.acme.dev]}
    http: [{methods: [GET], paths: [/v1/**]}, {methods: [POST], paths: [/v1/events], contentTypes: [application/json], maxBodySize: 1Ki}]
  - name: pinned
    protocol: TLS
    to: {hosts: [pinned.acme.dev]}
    limits: {uploadSize: 1Mi}
  - name: db
    protocol: TCP
    to: {hosts: [db.acme.dev], ports: [5432], addressScope: Private}
    limits: {uploadSize: 1Mi}
`;

export const CLUSTER_POLICY = `apiVersion: weir.dev/v1alpha1
kind: ClusterEgressPolicy
metadata: {name: floor}
spec:
  namespaceSelector: {matchLabels: {tier: builds}}
  egress:
  - name: status
    to: {hosts: [status.acme.dev]}
    http: [{methods: [GET]}]
  constraints:
    allowedHosts: ["*.acme.dev", registry.npmjs.org]
    deniedHosts: [paste.acme.dev]
    allowedProtocols: [HTTPS]
`;
