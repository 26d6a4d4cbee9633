import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { pemBlocks, pemEncode } from '../../../sidecar/tls/pem.ts';
import { TRUST_STORE_PASSWORD, trustStore } from '../../../sidecar/tls/pkcs12.ts';
import { bundle, MAX_TRUST_FILE_BYTES, TrustError, upstreamRoots } from '../../../sidecar/tls/trust.ts';

const run = promisify(execFile);
let directory: string;
let corp: string;
let other: string;
let ours: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-trust-'));
  corp = (await Authority.create()).certificatePem;
  other = (await Authority.create()).certificatePem;
  ours = (await Authority.create()).certificatePem;
});

afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(text: string): string {
  const full = path.join(directory, `${files++}.pem`);
  writeFileSync(full, text);
  return full;
}

describe('upstreamRoots', () => {
  it("has Node's own and the system's roots, each once", () => {
    const roots = upstreamRoots({});
    const prints = roots.map((pem) => new X509Certificate(pem).fingerprint256);
    expect(new Set(prints).size).toBe(prints.length);
    for (const pem of [...tls.rootCertificates, ...tls.getCACertificates('system').slice(0, 20)]) {
      const { fingerprint256, subject } = new X509Certificate(pem);
      // Only a hashed directory may hold this one, and none is named here.
      if (!subject.includes('localhost')) expect(prints).toContain(fingerprint256);
    }
  });

  it.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])('adds what %s names', (variable) => {
    expect(upstreamRoots({ [variable]: file(corp) })).toContain(corp);
    expect(upstreamRoots({ [variable]: '' })).not.toContain(corp);
  });

  it('adds extra files, with text, CRLF and foreign blocks between their certificates', () => {
    const text = `Corp root\n${corp.replaceAll('\n', '\r\n')}${pemEncode('X509 CRL', Buffer.from('x'))}${other}`;
    expect(upstreamRoots({}, [file(text)]).slice(-2)).toEqual([corp, other]);
  });

  it('adds the hashed names of directories, and lets what is missing or no certificate be', () => {
    const hashed = path.join(directory, 'hashed');
    mkdirSync(hashed);
    symlinkSync(file(corp), path.join(hashed, '0123abcd.0'));
    writeFileSync(path.join(hashed, 'other.pem'), other);
    writeFileSync(path.join(hashed, '0123abcd.1'), 'no certificate');
    const roots = upstreamRoots({ SSL_CERT_DIR: `/nowhere::${hashed}` });
    expect(roots).toContain(corp);
    expect(roots).not.toContain(other);
  });

  it.each<[string, () => string, string]>([
    ['a file that is missing', () => path.join(directory, 'missing.pem'), 'does not exist'],
    ['a directory', () => directory, 'is not a regular file'],
    ['a file without certificates', () => file('hello'), 'holds no PEM certificate'],
    [
      'a broken certificate',
      () => file(corp + pemEncode('CERTIFICATE', Buffer.from('x'))),
      'certificate 2 in it cannot be read',
    ],
  ])('%s is an error that names the file and the variable', (_what, make, problem) => {
    const named = make();
    expect(() => upstreamRoots({ SSL_CERT_FILE: named })).toThrow(new TrustError(named, 'SSL_CERT_FILE', problem));
    expect(() => upstreamRoots({}, [named])).toThrow(`${named}: ${problem}`);
  });

  it('a file at the bound is read, one byte more is refused', () => {
    const large = file(corp);
    truncateSync(large, MAX_TRUST_FILE_BYTES);
    expect(upstreamRoots({}, [large])).toContain(corp);
    truncateSync(large, MAX_TRUST_FILE_BYTES + 1);
    expect(() => upstreamRoots({}, [large])).toThrow('is too large');
  });
});

describe('bundle', () => {
  it('is our authority, the roots and what variables name, each once', () => {
    const { pem, unusable } = bundle(ours, [other], { PIP_CERT: file(corp), GIT_SSL_CAINFO: file(other) });
    expect(pem).toBe(ours + other + corp);
    expect(unusable).toEqual([]);
  });

  it('reports a file that cannot be used, and goes on without it', () => {
    const { pem, unusable } = bundle(ours, [], { PIP_CERT: '/nowhere/pip.pem', AWS_CA_BUNDLE: file(corp) });
    expect(pem).toBe(ours + corp);
    expect(unusable.map((error) => error.message)).toEqual(['PIP_CERT: /nowhere/pip.pem: does not exist']);
  });

  it('comes as PKCS#12 with the same certificates, which openssl reads and whose MAC it checks', async () => {
    const store = path.join(directory, 'trust.p12');
    writeFileSync(store, bundle(ours, [other, corp], {}).pkcs12);
    const read = (password: string) =>
      run('openssl', ['pkcs12', '-in', store, '-nokeys', '-passin', `pass:${password}`]);
    const { stdout } = await read(TRUST_STORE_PASSWORD);
    expect(pemBlocks(stdout).map((block) => block.pem)).toEqual([ours, other, corp]);
    expect(stdout).toMatch(/friendlyName: weir\n[\s\S]*friendlyName: root-1\n[\s\S]*friendlyName: root-2\n/);
    await expect(read('wrong')).rejects.toThrow('Mac verify error');
  });

  it('is the same file for the same salt', () => {
    const salt = Buffer.alloc(8, 1);
    const certificates = [{ alias: 'weir', der: new X509Certificate(ours).raw }];
    expect(trustStore(certificates, salt)).toEqual(trustStore(certificates, salt));
    expect(trustStore(certificates)).not.toEqual(trustStore(certificates));
  });
});
