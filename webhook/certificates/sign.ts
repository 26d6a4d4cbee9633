/** Keys and certificates of the control plane, by the writer that the sidecar has. */
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { authorityCertificate, issuerFacts, leafCertificate } from '../../sidecar/tls/certificate.ts';
import { pemEncode } from '../../sidecar/tls/pem.ts';
import type { Lifetimes, Signer } from './rotation.ts';

/** What a server shows. PEM. */
export interface Serving {
  certificate: string;
  key: string;
  /** Milliseconds since the epoch. */
  notAfter: number;
}

/** A new authority. `now`: milliseconds since the epoch, as everywhere here. */
export function createSigner(now: number, { authority, skew }: Lifetimes): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const validity = { notBefore: new Date(now - skew * 1000), notAfter: new Date(now + authority * 1000) };
  const certificate = authorityCertificate(publicKey, privateKey, validity);
  return {
    certificate: pemEncode('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    notAfter: new X509Certificate(certificate).validToDate.getTime(),
  };
}

/** A leaf for `host` with a key of its own, inside the validity of its authority. */
export function createServing(host: string, signer: Signer, now: number, { leaf, skew }: Lifetimes): Serving {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const issuer = new X509Certificate(signer.certificate);
  const notBefore = Math.max(now - skew * 1000, issuer.validFromDate.getTime());
  const notAfter = Math.min(now + leaf * 1000, signer.notAfter);
  const certificate = leafCertificate(host, publicKey, issuerFacts(issuer.raw), createPrivateKey(signer.key), {
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
  });
  return {
    certificate: pemEncode('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    notAfter,
  };
}
