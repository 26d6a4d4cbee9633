import { execFile } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AUTHORITY_LIFETIME_MS,
  Authority,
  AuthorityError,
  BACKDATE_MS,
  LEAF_LIFETIME_MS,
  MAX_LEAVES,
} from '../../../sidecar/tls/authority.ts';
import { authorityCertificate, issuerFacts, MAX_COMMON_NAME } from '../../../sidecar/tls/certificate.ts';
import { pemEncode } from '../../../sidecar/tls/pem.ts';

const run = promisify(execFile);
const NOW = Date.parse('2027-03-01T12:00:00Z');
const HOST = 'registry.example.com';
const LONGEST = `${`${'a'.repeat(62)}.`.repeat(3)}${'b'.repeat(60)}.c`;

let authority: Authority;
let directory: string;

beforeAll(async () => {
  authority = await Authority.create();
  directory = mkdtempSync(path.join(tmpdir(), 'weir-authority-'));
  writeFileSync(path.join(directory, 'ca.pem'), authority.certificatePem);
});

afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const full = path.join(directory, name);
  writeFileSync(full, text);
  return full;
}

describe('the authority', () => {
  it('is self-signed, may sign, and is valid from before now', async () => {
    const made = await Authority.create({ now: () => NOW });
    const certificate = new X509Certificate(made.certificatePem);
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.validFromDate.getTime()).toBe(NOW - BACKDATE_MS);
    expect(certificate.validToDate.getTime()).toBe(NOW + AUTHORITY_LIFETIME_MS);
    expect(certificate.subject).toMatch(/^O=Weir\nCN=Weir authority [0-9a-f]{16}$/);
  });

  it('is another one each time, by key, name and serial number', async () => {
    const other = new X509Certificate((await Authority.create()).certificatePem);
    const certificate = new X509Certificate(authority.certificatePem);
    expect(other.subject).not.toBe(certificate.subject);
    expect(other.serialNumber).not.toBe(certificate.serialNumber);
    expect(other.publicKey.equals(certificate.publicKey)).toBe(false);
  });

  it('is made in well under 20 ms', async () => {
    const times: number[] = [];
    for (let round = 0; round < 9; round++) {
      const start = performance.now();
      await Authority.create();
      times.push(performance.now() - start);
    }
    expect(times.toSorted((a, b) => a - b)[4]).toBeLessThan(20);
  });
});

describe('leaves', () => {
  it('are for one host, signed by the authority, nested in its validity', () => {
    const leaf = new X509Certificate(authority.leafPem(HOST));
    const issuer = new X509Certificate(authority.certificatePem);
    expect(leaf.subjectAltName).toBe(`DNS:${HOST}`);
    expect(leaf.checkIssued(issuer)).toBe(true);
    expect(leaf.verify(issuer.publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.validFromDate.getTime()).toBeGreaterThanOrEqual(issuer.validFromDate.getTime());
    expect(leaf.validToDate.getTime()).toBeLessThanOrEqual(issuer.validToDate.getTime());
  });

  it('do not outlive the authority', async () => {
    let now = NOW;
    const made = await Authority.create({ now: () => now });
    expect(new X509Certificate(made.leafPem(HOST)).validToDate.getTime()).toBe(NOW + LEAF_LIFETIME_MS);
    now = NOW + AUTHORITY_LIFETIME_MS - 1000;
    expect(new X509Certificate(made.leafPem(HOST)).validToDate.getTime()).toBe(NOW + AUTHORITY_LIFETIME_MS);
  });

  it('have the host as common name only where it fits', () => {
    const fits = `${'a'.repeat(MAX_COMMON_NAME - 8)}.example`;
    expect(new X509Certificate(authority.leafPem(fits)).subject).toBe(`O=Weir\nCN=${fits}`);
    expect(new X509Certificate(authority.leafPem(`a.${fits}`)).subject).toBe('O=Weir');
  });

  it('come from a cache', async () => {
    expect(await authority.leaf(HOST)).toBe(await authority.leaf(HOST));
    expect(await authority.leaf(HOST)).not.toBe(await authority.leaf('other.example.com'));
  });

  it('are kept up to the bound, and no further', async () => {
    const made = await Authority.create();
    const first = await made.leaf(HOST);
    const fill = async (from: number, to: number) => {
      for (let index = from; index < to; index++) await made.leaf(`${index}.example.com`);
    };
    await fill(1, MAX_LEAVES);
    expect(await made.leaf(HOST)).toBe(first);
    await fill(1000, 1000 + MAX_LEAVES);
    expect(await made.leaf(HOST)).not.toBe(first);
  });

  it.each([HOST, LONGEST, '_x.example'])('pass openssl verify -x509_strict for %s', async (host) => {
    const leaf = file('leaf.pem', authority.leafPem(host));
    const strict = ['verify', '-x509_strict', '-check_ss_sig', '-no-CApath', '-CAfile', path.join(directory, 'ca.pem')];
    const { stdout } = await run('openssl', [...strict, '-purpose', 'sslserver', '-verify_hostname', host, leaf]);
    expect(stdout).toContain('leaf.pem: OK');
    await expect(run('openssl', [...strict, '-verify_hostname', `x.${host}`, leaf])).rejects.toThrow(
      'ostname mismatch',
    );
  });

  it('of another authority are refused by openssl', async () => {
    const other = file('other.pem', (await Authority.create()).leafPem(HOST));
    const args = ['verify', '-x509_strict', '-no-CApath', '-CAfile', path.join(directory, 'ca.pem'), other];
    await expect(run('openssl', args)).rejects.toThrow('unable to get local issuer certificate');
  });
});

describe('load', () => {
  it('brings back an authority whose leaves the first certificate vouches for', () => {
    for (const pem of [authority.pem, authority.keyPem + authority.certificatePem]) {
      const loaded = Authority.load(pem);
      expect(loaded.pem).toBe(authority.pem);
      const issuer = new X509Certificate(authority.certificatePem);
      expect(new X509Certificate(loaded.leafPem(HOST)).checkIssued(issuer)).toBe(true);
    }
  });

  it('takes the key identifier that an authority made elsewhere has', async () => {
    const key = path.join(directory, 'foreign.key');
    const certificate = path.join(directory, 'foreign.pem');
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=Foreign',
    ];
    const usage = ['-addext', 'keyUsage=critical,keyCertSign', '-keyout', key, '-out', certificate];
    await run('openssl', [...args, ...usage]);
    const loaded = Authority.load(readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'));
    const leaf = file('foreign-leaf.pem', loaded.leafPem(HOST));
    const { stdout } = await run('openssl', ['verify', '-x509_strict', '-no-CApath', '-CAfile', certificate, leaf]);
    expect(stdout).toContain('OK');
  });

  const pkcs8 = (type: 'P-256' | 'P-384') =>
    generateKeyPairSync('ec', { namedCurve: type }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  it.each([
    ['nothing', () => '', 'one certificate and one private key'],
    ['no key', () => authority.certificatePem, 'one certificate and one private key'],
    ['two certificates', () => authority.pem + authority.certificatePem, 'one certificate and one private key'],
    ['two keys', () => authority.pem + authority.keyPem, 'one certificate and one private key'],
    ['the key of another', () => authority.certificatePem + pkcs8('P-256'), 'not the key of the certificate'],
    ['a key of another kind', () => authority.certificatePem + pkcs8('P-384'), 'not a P-256 key'],
    ['a leaf', () => authority.leafPem(HOST) + authority.leafKeyPem, 'not that of an authority'],
    ['garbage in a block', () => pemEncode('CERTIFICATE', Buffer.from('x')) + authority.keyPem, 'cannot be read'],
  ])('refuses %s', (_what, pem, problem) => {
    expect(() => Authority.load(pem())).toThrow(AuthorityError);
    expect(() => Authority.load(pem())).toThrow(problem);
  });

  it('refuses what is not valid now', async () => {
    const { pem } = await Authority.create({ now: () => NOW });
    const at = (now: number) => () => Authority.load(pem, { now: () => now });
    expect(at(NOW - BACKDATE_MS - 1)).toThrow('not valid yet');
    expect(at(NOW - BACKDATE_MS)).not.toThrow();
    expect(at(NOW + AUTHORITY_LIFETIME_MS - 1)).not.toThrow();
    expect(at(NOW + AUTHORITY_LIFETIME_MS)).toThrow('has expired');
  });
});

describe('issuerFacts', () => {
  it('throws on what is no certificate', () => {
    expect(() => issuerFacts(Buffer.from('3000', 'hex'))).toThrow('empty');
    expect(() => issuerFacts(Buffer.from('30023000', 'hex'))).toThrow('no extensions');
  });

  it('reads a certificate that ends in 2050 or later', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const validity = { notBefore: new Date('2049-12-31T00:00:00Z'), notAfter: new Date('2051-01-01T00:00:00Z') };
    const der = authorityCertificate(publicKey, privateKey, validity);
    expect(new X509Certificate(der).validToDate).toEqual(validity.notAfter);
    expect(issuerFacts(der).keyIdentifier).toHaveLength(20);
  });
});
