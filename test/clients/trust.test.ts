/**
 * Our certificates before the verifiers of real runtimes, each told by its own variable, as `trustEnvironment` sets it,
 * and by nothing else. Each has a control without those variables, in which it must refuse us.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../../sidecar/tls/authority.ts';
import { createTerminator } from '../../sidecar/tls/terminate.ts';
import { bundle, upstreamRoots } from '../../sidecar/tls/trust.ts';
import { trustEnvironment } from '../../sidecar/tls/trust-env.ts';

const run = promisify(execFile);
const HOST = 'registry.example.com';
const BODY = 'verified';
const PROGRAMS = path.join(import.meta.dirname, 'trust');
/** Compilers start cold here. */
const BUILD_TIMEOUT_MS = 300_000;

let directory: string;
let server: net.Server;
let port: number;
let settings: Record<string, string>;

/** This machine's environment without any of the variables in question. */
function bare(): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const name of Object.keys(settings)) delete env[name];
  // Vitest's own options for its Node are not for a child that is to start as a user's would.
  delete env.NODE_OPTIONS;
  return env;
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-clients-trust-'));
  const files = {
    ca: path.join(directory, 'ca.crt'),
    bundle: path.join(directory, 'bundle.pem'),
    pkcs12: path.join(directory, 'trust.p12'),
  };
  const authority = await Authority.create();
  const { pem, pkcs12 } = bundle(authority.certificatePem, upstreamRoots(process.env), process.env);
  writeFileSync(files.ca, authority.certificatePem);
  writeFileSync(files.bundle, pem);
  writeFileSync(files.pkcs12, pkcs12);
  settings = trustEnvironment({}, files);
  const terminate = createTerminator({
    authority,
    onSecure: (socket) => {
      const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`;
      socket.once('data', () => socket.end(answer));
    },
    onFailure: () => {},
  });
  server = net.createServer((raw) => terminate(raw, undefined, HOST)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as net.AddressInfo).port;
});

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

/** What `command` printed, given only the named ones of the settings. */
async function output(
  command: string,
  args: string[],
  names: string[],
  more: Record<string, string> = {},
): Promise<string> {
  const given = Object.fromEntries(names.map((name) => [name, settings[name]]));
  const { stdout } = await run(command, args, { env: { ...bare(), ...given, ...more }, timeout: BUILD_TIMEOUT_MS });
  return stdout;
}

interface Client {
  name: string;
  variables: string[];
  command: string;
  args: (port: number) => string[];
  /** What it says without the variables. */
  refusal: RegExp;
  more?: Record<string, string>;
}

const program = (file: string) => path.join(PROGRAMS, file);
const peer = (at: number) => [HOST, String(at)];
const url = (at: number) => `https://${HOST}:${at}/`;
const toLoopback = (at: number) => `${HOST}:${at}:127.0.0.1`;

const PYTHON_REQUESTS = `
import socket, sys
from pip._vendor import requests
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: real('127.0.0.1', *rest, **more)
print(requests.get(sys.argv[1]).text)
`;

const CLIENTS: Client[] = [
  {
    name: 'Python, strict as 3.13',
    variables: ['SSL_CERT_FILE'],
    command: 'python3',
    args: (at) => [program('verify.py'), ...peer(at)],
    refusal: /CERTIFICATE_VERIFY_FAILED/,
  },
  {
    name: "Python's requests",
    variables: ['REQUESTS_CA_BUNDLE'],
    command: 'python3',
    args: (at) => ['-c', PYTHON_REQUESTS, url(at)],
    refusal: /CERTIFICATE_VERIFY_FAILED/,
  },
  {
    name: 'curl',
    variables: ['CURL_CA_BUNDLE'],
    command: 'curl',
    args: (at) => ['-sS', '--resolve', toLoopback(at), url(at)],
    refusal: /certificate problem|certificate verif/,
  },
  {
    name: 'Node',
    variables: ['NODE_EXTRA_CA_CERTS'],
    command: process.execPath,
    args: (at) => [program('verify.mjs'), ...peer(at)],
    refusal: /unable to verify the first certificate|unable to get/,
  },
  {
    name: 'Go',
    variables: ['SSL_CERT_FILE'],
    command: 'go',
    args: (at) => ['run', program('verify.go'), ...peer(at)],
    refusal: /certificate signed by unknown authority/,
  },
  {
    name: 'Java',
    variables: ['JAVA_TOOL_OPTIONS'],
    command: 'java',
    args: (at) => [program('Verify.java'), ...peer(at)],
    refusal: /unable to find valid certification path/,
  },
  {
    name: 'rustls',
    variables: ['SSL_CERT_FILE'],
    command: 'cargo',
    args: (at) => ['run', '--quiet', '--locked', '--manifest-path', program('rustls/Cargo.toml'), '--', ...peer(at)],
    refusal: /UnknownIssuer/,
    more: { CARGO_TARGET_DIR: path.join(import.meta.dirname, '../../node_modules/.cache/weir-rustls') },
  },
];

describe('a verifier that is told by its variable takes our certificate, and without it refuses', () => {
  it.each(CLIENTS)('$name', { timeout: BUILD_TIMEOUT_MS }, async ({ command, args, variables, refusal, more }) => {
    expect(await output(command, args(port), variables, more)).toContain(BODY);
    await expect(output(command, args(port), [], more)).rejects.toThrow(refusal);
  });

  it('git, which takes our answer for an empty repository', async () => {
    const args = ['-c', `http.curloptResolve=${toLoopback(port)}`, 'ls-remote', url(port)];
    expect(await output('git', args, ['GIT_SSL_CAINFO'])).toBe('');
    await expect(output('git', args, [])).rejects.toThrow(/certificate/);
  });

  it('npm, against the cafile of its npmrc', { timeout: 60_000 }, async () => {
    const npmrc = path.join(directory, 'npmrc');
    writeFileSync(npmrc, 'cafile=/nowhere.pem\nfetch-retries=0\n');
    // npm has no way to name an address for a host: Node looks the name up in this file's place.
    const preload = path.join(directory, 'loopback.cjs');
    writeFileSync(
      preload,
      "const dns = require('node:dns'); const real = dns.lookup; dns.lookup = (host, ...rest) => real('127.0.0.1', ...rest);\n",
    );
    const args = ['ping', '--registry', url(port), '--loglevel', 'notice', '--userconfig', npmrc];
    const more = { NODE_OPTIONS: `--require ${preload}` };
    const env = { ...bare(), ...more };
    const ping = (given: Record<string, string | undefined>) => run('npm', args, { env: { ...env, ...given } });
    expect((await ping({ npm_config_cafile: settings.npm_config_cafile })).stderr).toMatch(/PONG/);
    await expect(ping({})).rejects.toThrow(/certificate|SELF_SIGNED|UNABLE_TO/);
  });
});

describe('openssl', () => {
  it('s_client -x509_strict takes our certificate from SSL_CERT_FILE', async () => {
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', HOST, '-verify_hostname', HOST];
    const strict = [...args, '-x509_strict', '-verify_return_error', '-brief'];
    const promise = run('openssl', strict, { env: { ...bare(), SSL_CERT_FILE: settings.SSL_CERT_FILE ?? '' } });
    promise.child.stdin?.end();
    expect((await promise).stderr).toContain('Verification: OK');
  });
});

describe("Java's trust store", () => {
  it('lists our authority and the roots as trusted entries', async () => {
    const store = path.join(directory, 'trust.p12');
    const { stdout } = await run('keytool', ['-list', '-keystore', store, '-storepass', 'changeit']);
    expect(stdout).toMatch(/^weir, .*trustedCertEntry/m);
    expect(stdout.match(/trustedCertEntry/g)?.length).toBeGreaterThan(100);
  });
});
