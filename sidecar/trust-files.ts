/** The pod's authority over restarts, and what its containers trust. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeAtomically } from './state/atomic.ts';
import { Authority } from './tls/authority.ts';
import { bundle, type TrustError } from './tls/trust.ts';

const AUTHORITY_FILE = 'authority.pem';
/** Every user of every container reads them. */
const READABLE = 0o644;

/** The authority that is kept in `directory`, which the containers trust already, or a new one. */
export async function authorityIn(directory: string): Promise<Authority> {
  const file = path.join(directory, AUTHORITY_FILE);
  if (existsSync(file)) return Authority.load(readFileSync(file, 'utf8'));
  const authority = await Authority.create();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeAtomically(file, `${authority.certificatePem}${authority.keyPem}`);
  return authority;
}

/** Writes what containers trust. A file is there whole or as it was: they may be reading it. @returns what was left out */
export function writeTrust(directory: string, authority: Authority, roots: readonly string[]): TrustError[] {
  const { pem, pkcs12, unusable } = bundle(authority.certificatePem, roots, {});
  mkdirSync(directory, { recursive: true });
  writeAtomically(path.join(directory, 'ca.crt'), authority.certificatePem, READABLE);
  writeAtomically(path.join(directory, 'bundle.pem'), pem, READABLE);
  writeAtomically(path.join(directory, 'trust.p12'), pkcs12, READABLE);
  return unusable;
}
