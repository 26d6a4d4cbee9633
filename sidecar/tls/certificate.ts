/**
 * X.509 certificates (RFC 5280) for the authority and its leaves, in the shape that the strictest verifiers ask for:
 * OpenSSL's -x509_strict (and so Python 3.13) wants keyUsage, critical basicConstraints and both key identifiers.
 */
import { hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
  smallInteger,
  time,
  utf8String,
} from './der.ts';
import { derValue, derValues } from './der-reader.ts';

/** Upper bound of a common name (RFC 5280, ub-common-name); longer hosts stand in the subjectAltName alone. */
export const MAX_COMMON_NAME = 64;

const ID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

const SERIAL_BYTES = 16;
const KEY_IDENTIFIER_BYTES = 20;
const VERSION_3 = 2;
const TAG_EXTENSIONS = 0xa3;
const TAG_VERSION = 0xa0;

/** What a leaf takes from the certificate of its issuer. */
export interface IssuerFacts {
  /** The subject, as encoded there: names are compared byte by byte. */
  name: Buffer;
  keyIdentifier: Buffer;
}

export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

/** A self-signed P-256 authority that may sign leaves only. Returns DER. */
export function authorityCertificate(publicKey: KeyObject, privateKey: KeyObject, validity: Validity): Buffer {
  const keyIdentifier = keyIdentifierOf(publicKey);
  // The name carries the key: two authorities of one machine must not look alike to a verifier that looks up by name.
  const name = distinguishedName(`Weir authority ${keyIdentifier.subarray(0, 8).toString('hex')}`);
  const extensions = [
    extension(ID.basicConstraints, true, sequence(boolean(true), smallInteger(0))),
    // Bits 5 and 6: keyCertSign, cRLSign.
    extension(ID.keyUsage, true, bitString(Buffer.from([0b0000_0110]), 1)),
    extension(ID.subjectKeyIdentifier, false, octetString(keyIdentifier)),
    extension(ID.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier))),
  ];
  return signed({ issuer: name, subject: name, publicKey, validity, extensions }, privateKey);
}

/** A server certificate for exactly one host (a lower-case DNS name). Returns DER. */
export function leafCertificate(
  host: string,
  publicKey: KeyObject,
  issuer: IssuerFacts,
  issuerKey: KeyObject,
  validity: Validity,
): Buffer {
  const extensions = [
    extension(ID.basicConstraints, true, sequence()),
    // Bit 0: digitalSignature.
    extension(ID.keyUsage, true, bitString(Buffer.from([0b1000_0000]), 7)),
    extension(ID.extendedKeyUsage, false, sequence(oid(ID.serverAuth))),
    extension(ID.subjectAltName, false, sequence(implicit(2, Buffer.from(host, 'latin1')))),
    extension(ID.subjectKeyIdentifier, false, octetString(keyIdentifierOf(publicKey))),
    extension(ID.authorityKeyIdentifier, false, sequence(implicit(0, issuer.keyIdentifier))),
  ];
  const subject = distinguishedName(host.length <= MAX_COMMON_NAME ? host : undefined);
  return signed({ issuer: issuer.name, subject, publicKey, validity, extensions }, issuerKey);
}

/** Reads what a leaf needs from an authority's certificate (DER). Throws when it has no subjectKeyIdentifier. */
export function issuerFacts(certificate: Buffer): IssuerFacts {
  const [tbs] = derValues(derValue(certificate).content);
  if (!tbs) throw new Error('certificate: empty');
  const fields = derValues(tbs.content);
  // version (optional), serial, signature, issuer, validity, subject, …
  const subject = fields[fields[0]?.tag === TAG_VERSION ? 5 : 4];
  const extensions = fields.find((field) => field.tag === TAG_EXTENSIONS);
  if (!subject || !extensions) throw new Error('certificate: no extensions');
  const wanted = oid(ID.subjectKeyIdentifier);
  for (const entry of derValues(derValue(extensions.content).content)) {
    const parts = derValues(entry.content);
    const value = parts.at(-1);
    if (parts[0]?.whole.equals(wanted) && value) {
      return { name: subject.whole, keyIdentifier: derValue(value.content).content };
    }
  }
  throw new Error('certificate: no subject key identifier');
}

interface Facts {
  issuer: Buffer;
  subject: Buffer;
  publicKey: KeyObject;
  validity: Validity;
  extensions: readonly Buffer[];
}

function signed(facts: Facts, key: KeyObject): Buffer {
  const algorithm = sequence(oid(ID.ecdsaWithSha256));
  const tbs = sequence(
    explicit(0, smallInteger(VERSION_3)),
    integer(serialNumber()),
    algorithm,
    facts.issuer,
    sequence(time(facts.validity.notBefore), time(facts.validity.notAfter)),
    facts.subject,
    facts.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...facts.extensions)),
  );
  return sequence(tbs, algorithm, bitString(sign('sha256', tbs, key)));
}

/** Random, positive, of constant length (RFC 5280 section 4.1.2.2 allows up to 20 bytes). */
function serialNumber(): Buffer {
  const serial = randomBytes(SERIAL_BYTES);
  serial.writeUInt8(0x40 | (serial.readUInt8(0) & 0x3f), 0);
  return serial;
}

function distinguishedName(commonName: string | undefined): Buffer {
  const attributes = [attribute(ID.organization, 'Weir')];
  if (commonName !== undefined) attributes.push(attribute(ID.commonName, commonName));
  return sequence(...attributes);
}

function attribute(type: string, value: string): Buffer {
  return setOf(sequence(oid(type), utf8String(value)));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return critical ? sequence(oid(id), boolean(true), octetString(value)) : sequence(oid(id), octetString(value));
}

/** RFC 7093 section 2, method 1: the leftmost 160 bits of SHA-256 over the subjectPublicKey bits. */
function keyIdentifierOf(publicKey: KeyObject): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const bits = derValues(derValue(spki).content)[1];
  if (!bits) throw new Error('public key: malformed');
  return hash('sha256', bits.content.subarray(1), 'buffer').subarray(0, KEY_IDENTIFIER_BYTES);
}
