/**
 * The certificate authority of one pod or one run: a P-256 key, its certificate, and a secure context for each host
 * that a client asks for. All leaves share one key: the process that holds it holds the authority's key too.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import { authorityCertificate, type IssuerFacts, issuerFacts, leafCertificate, type Validity } from './certificate.ts';
import { LeafCache } from './leaf-cache.ts';
import { pemBlocks, pemEncode } from './pem.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Certificates begin in the past: a client's clock may lag behind ours. */
export const BACKDATE_MS = 2 * DAY_MS;
/** The key lives in memory as long as the pod, and no pod should outlive its certificate. */
export const AUTHORITY_LIFETIME_MS = 3650 * DAY_MS;
/** Well under the 398 days that Apple's and the browsers' verifiers allow. */
export const LEAF_LIFETIME_MS = 30 * DAY_MS;
/** Secure contexts kept, of about 40 kB each. */
export const MAX_LEAVES = 256;

const KEY_CURVE = 'prime256v1';

/** A certificate authority that cannot be used; the message says why. */
export class AuthorityError extends Error {
  override readonly name = 'AuthorityError';
}

export interface AuthorityOptions {
  /** Milliseconds since the epoch; a test's clock. */
  now?: () => number;
}

export class Authority {
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly keyPem: string;
  readonly #key: KeyObject;
  readonly #certificate: X509Certificate;
  readonly #issuer: IssuerFacts;
  readonly #leafPublicKey: KeyObject;
  readonly #leafKeyPem: string;
  readonly #cache: LeafCache<tls.SecureContext>;
  readonly #now: () => number;

  private constructor(certificate: X509Certificate, key: KeyObject, options: AuthorityOptions) {
    this.certificatePem = pemEncode('CERTIFICATE', certificate.raw);
    this.keyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.#key = key;
    this.#certificate = certificate;
    this.#issuer = issuerFacts(certificate.raw);
    this.#now = options.now ?? Date.now;
    const leaf = generateKeyPairSync('ec', { namedCurve: KEY_CURVE });
    this.#leafPublicKey = leaf.publicKey;
    this.#leafKeyPem = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.#cache = new LeafCache({ limit: MAX_LEAVES, lifetimeMs: LEAF_LIFETIME_MS / 2, now: this.#now });
  }

  /** A new authority with a new key. */
  static async create(options: AuthorityOptions = {}): Promise<Authority> {
    const now = (options.now ?? Date.now)();
    const keys = generateKeyPairSync('ec', { namedCurve: KEY_CURVE });
    const validity = { notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + AUTHORITY_LIFETIME_MS) };
    const der = authorityCertificate(keys.publicKey, keys.privateKey, validity);
    return new Authority(new X509Certificate(der), keys.privateKey, options);
  }

  /**
   * The authority that `pem` holds: one certificate and its private key (PKCS#8), in either order, as `pem` of an
   * authority gives them. Throws AuthorityError when they do not belong together or cannot sign now.
   */
  static load(pem: string, options: AuthorityOptions = {}): Authority {
    const blocks = pemBlocks(pem);
    const certificates = blocks.filter((block) => block.label === 'CERTIFICATE');
    const keys = blocks.filter((block) => block.label === 'PRIVATE KEY');
    const [certificateBlock] = certificates;
    const [keyBlock] = keys;
    if (!certificateBlock || !keyBlock || certificates.length > 1 || keys.length > 1) {
      throw new AuthorityError('an authority is one certificate and one private key');
    }
    try {
      const certificate = new X509Certificate(certificateBlock.pem);
      const key = createPrivateKey(keyBlock.pem);
      check(certificate, key, (options.now ?? Date.now)());
      return new Authority(certificate, key, options);
    } catch (error) {
      if (error instanceof AuthorityError) throw error;
      throw new AuthorityError('the authority cannot be read', { cause: error });
    }
  }

  /** Certificate and key, as `load` takes them. */
  get pem(): string {
    return this.certificatePem + this.keyPem;
  }

  /** A leaf for `host` (lower-case DNS name), as the context that a server gives to SNI. Cached. */
  leaf(host: string): Promise<tls.SecureContext> {
    return this.#cache.get(host, () =>
      tls.createSecureContext({ key: this.#leafKeyPem, cert: this.leafPem(host), minVersion: 'TLSv1.2' }),
    );
  }

  /** A new leaf certificate for `host`, not cached. */
  leafPem(host: string): string {
    const der = leafCertificate(host, this.#leafPublicKey, this.#issuer, this.#key, this.#leafValidity());
    return pemEncode('CERTIFICATE', der);
  }

  /** PKCS#8 of the key that all leaves share. */
  get leafKeyPem(): string {
    return this.#leafKeyPem;
  }

  /** Inside the authority's own validity: some verifiers want the one nested in the other. */
  #leafValidity(): Validity {
    const now = this.#now();
    return {
      notBefore: new Date(Math.max(now - BACKDATE_MS, this.#certificate.validFromDate.getTime())),
      notAfter: new Date(Math.min(now + LEAF_LIFETIME_MS, this.#certificate.validToDate.getTime())),
    };
  }
}

function check(certificate: X509Certificate, key: KeyObject, now: number): void {
  if (key.asymmetricKeyDetails?.namedCurve !== KEY_CURVE) throw new AuthorityError('the key is not a P-256 key');
  if (!certificate.checkPrivateKey(key)) throw new AuthorityError('the key is not the key of the certificate');
  if (!certificate.ca) throw new AuthorityError('the certificate is not that of an authority');
  if (now < certificate.validFromDate.getTime()) throw new AuthorityError('the certificate is not valid yet');
  if (now >= certificate.validToDate.getTime()) throw new AuthorityError('the certificate has expired');
}
