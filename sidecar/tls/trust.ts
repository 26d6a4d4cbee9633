/** Whom to trust: the roots that upstream servers are verified against, and the bundles that clients are given. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { messageOf } from '../../crds/errors.ts';
import { type PemBlock, pemBlocks, pemDecode } from './pem.ts';
import { type TrustedCertificate, trustStore } from './pkcs12.ts';
import { type Environment, namedFiles } from './trust-env.ts';

/** A bundle of every public authority takes 300 KiB. */
export const MAX_TRUST_FILE_BYTES = 16 * 1024 * 1024;

/** Where distributions keep their bundle; the first that exists counts. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Alpine, Arch
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Fedora, RHEL
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/var/lib/ca-certificates/ca-bundle.pem', // openSUSE
  '/etc/ssl/cert.pem',
];

/** The names by which OpenSSL finds certificates in a directory. */
const HASHED_NAME = /^[0-9a-f]{8}\.\d+$/;

/** A file that was named as trust anchors and cannot serve; the message names the file and who named it. */
export class TrustError extends Error {
  override readonly name = 'TrustError';
  readonly file: string;

  constructor(file: string, namedBy: string | undefined, problem: string) {
    super(`${namedBy === undefined ? '' : `${namedBy}: `}${file}: ${problem}`);
    this.file = file;
  }
}

/**
 * The certificates (PEM, each once) that upstream servers may chain to: Node's, the system's, and those that
 * SSL_CERT_FILE, SSL_CERT_DIR, NODE_EXTRA_CA_CERTS and `extraFiles` name. They add up: a command would have used now
 * one and now the other of them, according to its runtime. Throws TrustError when a named file cannot be used.
 */
export function upstreamRoots(env: Environment, extraFiles: readonly string[] = []): string[] {
  const roots = new Collection();
  roots.add(tls.rootCertificates.flatMap((pem) => pemBlocks(pem).map((block) => block.pem)));
  const system = SYSTEM_BUNDLES.find((file) => existsSync(file));
  if (system !== undefined) roots.addFile(system, undefined);
  for (const variable of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']) {
    const file = env[variable];
    if (file) roots.addFile(file, variable);
  }
  for (const directory of (env.SSL_CERT_DIR ?? '').split(':')) if (directory) roots.addDirectory(directory);
  for (const file of extraFiles) roots.addFile(file, undefined);
  return roots.pems;
}

export interface Bundle {
  /** PEM text for clients: our authority first. */
  pem: string;
  /** The same for Java. */
  pkcs12: Buffer;
  /** Files that the environment names for single tools and that cannot be used: their tools get the rest. */
  unusable: TrustError[];
}

/** What clients trust inside: `authorityPem`, `roots`, and every file that a variable of `env` names. */
export function bundle(authorityPem: string, roots: readonly string[], env: Environment): Bundle {
  const certificates = new Collection();
  certificates.add([authorityPem, ...roots]);
  const unusable: TrustError[] = [];
  for (const { file, variable } of namedFiles(env)) {
    try {
      certificates.addFile(file, variable);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      unusable.push(error);
    }
  }
  const pem = certificates.pems.join('');
  return { pem, pkcs12: trustStore(pemBlocks(pem).map(trusted)), unusable };
}

function trusted(block: PemBlock, index: number): TrustedCertificate {
  return { alias: index === 0 ? 'weir' : `root-${index}`, der: pemDecode(block) };
}

/** Certificates in the order in which they came, each once; files, each read once. */
class Collection {
  readonly #pems = new Set<string>();
  readonly #files = new Set<string>();

  get pems(): string[] {
    return Array.from(this.#pems);
  }

  add(pems: readonly string[]): void {
    for (const pem of pems) this.#pems.add(pem);
  }

  addFile(file: string, namedBy: string | undefined): void {
    const text = this.#read(file, namedBy);
    if (text === undefined) return;
    const blocks = pemBlocks(text).filter((block) => block.label === 'CERTIFICATE');
    if (blocks.length === 0) throw new TrustError(file, namedBy, 'holds no PEM certificate');
    for (const [index, { pem }] of blocks.entries()) {
      if (this.#pems.has(pem)) continue;
      if (!isCertificate(pem)) throw new TrustError(file, namedBy, `certificate ${index + 1} in it cannot be read`);
      this.#pems.add(pem);
    }
  }

  /** As OpenSSL does it: hashed names only; what is missing or is no certificate does not count. */
  addDirectory(directory: string): void {
    for (const name of list(directory)) {
      try {
        if (HASHED_NAME.test(name)) this.addFile(path.join(directory, name), 'SSL_CERT_DIR');
      } catch (error) {
        if (!(error instanceof TrustError)) throw error;
      }
    }
  }

  /** The file's text; undefined when it was read before, under whatever name. */
  #read(file: string, namedBy: string | undefined): string | undefined {
    try {
      const real = realpathSync.native(file);
      if (this.#files.has(real)) return undefined;
      const { size } = regularFile(real);
      if (size > MAX_TRUST_FILE_BYTES) throw new TrustError(file, namedBy, 'is too large');
      const text = readFileSync(real, 'latin1');
      this.#files.add(real);
      return text;
    } catch (error) {
      if (error instanceof TrustError) throw error;
      throw new TrustError(file, namedBy, problemOf(error));
    }
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Reading a pipe would block, reading a device might not end. */
function regularFile(file: string): { size: number } {
  const stats = statSync(file);
  if (!stats.isFile()) throw new Error('is not a regular file');
  return stats;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read';
  return messageOf(error);
}
