/**
 * A PKCS#12 trust store (RFC 7292) for Java: certificates only, each marked trusted by Java's own attribute, without
 * which Java takes the file for an empty store. Nothing in it is secret, so nothing is encrypted, and the password is
 * Java's customary one.
 */
import { createHmac, hash, randomBytes } from 'node:crypto';
import { bmpString, explicit, nothing, octetString, oid, sequence, setOf, smallInteger } from './der.ts';

export const TRUST_STORE_PASSWORD = 'changeit';

const ID = {
  data: '1.2.840.113549.1.7.1',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  /** Oracle's `trustedKeyUsage`: the entry is a trust anchor for the key usages listed. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyExtendedKeyUsage: '2.5.29.37.0',
  sha1: '1.3.14.3.2.26',
} as const;

const PFX_VERSION = 3;
/** Few: they would slow down who guesses a password, and this one is known. */
const ITERATIONS = 100;
const SALT_BYTES = 8;
const SHA1_BLOCK = 64;
const MAC_KEY = 3;

export interface TrustedCertificate {
  /** The alias that keytool shows; unique in a store, compared without case. */
  alias: string;
  der: Uint8Array;
}

/** The store as bytes of a `.p12` file. */
export function trustStore(
  certificates: readonly TrustedCertificate[],
  salt: Buffer = randomBytes(SALT_BYTES),
): Buffer {
  const bags = sequence(...certificates.map(certificateBag));
  const safe = sequence(dataContent(bags));
  return sequence(smallInteger(PFX_VERSION), dataContent(safe), macData(safe, salt));
}

function dataContent(bytes: Buffer): Buffer {
  return sequence(oid(ID.data), explicit(0, octetString(bytes)));
}

function certificateBag(certificate: TrustedCertificate): Buffer {
  const bag = sequence(oid(ID.x509Certificate), explicit(0, octetString(certificate.der)));
  const attributes = setOf(
    sequence(oid(ID.friendlyName), setOf(bmpString(certificate.alias))),
    sequence(oid(ID.trustedKeyUsage), setOf(oid(ID.anyExtendedKeyUsage))),
  );
  return sequence(oid(ID.certBag), explicit(0, bag), attributes);
}

/**
 * RFC 7292 section 4. With a password that everyone knows the MAC is a checksum, and SHA-1 is what every Java reads
 * (HmacPBESHA256 came with 8u301).
 */
function macData(content: Buffer, salt: Buffer): Buffer {
  const mac = createHmac('sha1', macKey(salt)).update(content).digest();
  const digestInfo = sequence(sequence(oid(ID.sha1), nothing()), octetString(mac));
  return sequence(digestInfo, octetString(salt), smallInteger(ITERATIONS));
}

/** RFC 7292 appendix B.2 for a key as long as the hash, where one block is all there is. */
function macKey(salt: Buffer): Buffer {
  const password = Buffer.from(`${TRUST_STORE_PASSWORD}\0`, 'utf16le').swap16();
  const diversifier = Buffer.alloc(SHA1_BLOCK, MAC_KEY);
  let digest: Buffer = Buffer.concat([diversifier, fill(salt), fill(password)]);
  for (let round = 0; round < ITERATIONS; round++) digest = hash('sha1', digest, 'buffer');
  return digest;
}

/** `bytes` over and over, up to the next multiple of the block. */
function fill(bytes: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / SHA1_BLOCK) * SHA1_BLOCK, bytes);
}
