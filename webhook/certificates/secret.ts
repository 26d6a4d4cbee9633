/** The authority as it lies in its Secret, there and back. Pure. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { pemBlocks } from '../../sidecar/tls/pem.ts';
import type { AuthorityState, Signer } from './rotation.ts';

const NEXT_SINCE = 'weir.dev/next-since';
const PREVIOUS_UNTIL = 'weir.dev/previous-until';

/**
 * Takes what `secretOf` writes, and a Secret of type kubernetes.io/tls or with `ca.crt` and `ca.key` that somebody else
 * made. `undefined`: there is no authority in it. Throws an Error that names the key that cannot be read.
 */
export function stateOf({ data = {}, metadata }: V1Secret): AuthorityState | undefined {
  const text = (key: string): string | undefined => {
    const value = data[key];
    return value === undefined || value === '' ? undefined : Buffer.from(value, 'base64').toString('utf8');
  };
  const certificate = text('ca.crt') ?? text('tls.crt');
  const key = text('ca.key') ?? text('tls.key');
  if (certificate === undefined || key === undefined) return undefined;
  const state: AuthorityState = { current: signerOf(certificate, key, 'ca') };
  const [nextCertificate, nextKey, previous] = [text('next.crt'), text('next.key'), text('previous.crt')];
  const time = (name: string) => Date.parse(metadata?.annotations?.[name] ?? '') || 0;
  if (nextCertificate !== undefined && nextKey !== undefined) {
    state.next = { signer: signerOf(nextCertificate, nextKey, 'next'), since: time(NEXT_SINCE) };
  }
  if (previous !== undefined) state.previous = { certificates: previous, until: time(PREVIOUS_UNTIL) };
  return state;
}

/** `version`: of the Secret that this one follows; another in the cluster is a Conflict. */
export function secretOf(state: AuthorityState, namespace: string, name: string, version?: string): V1Secret {
  const { current, next, previous } = state;
  const encode = (text: string) => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      ...(version !== undefined && { resourceVersion: version }),
      annotations: {
        ...(next && { [NEXT_SINCE]: new Date(next.since).toISOString() }),
        ...(previous && { [PREVIOUS_UNTIL]: new Date(previous.until).toISOString() }),
      },
    },
    type: 'Opaque',
    data: {
      'ca.crt': encode(current.certificate),
      'ca.key': encode(current.key),
      ...(next && { 'next.crt': encode(next.signer.certificate), 'next.key': encode(next.signer.key) }),
      ...(previous && { 'previous.crt': encode(previous.certificates) }),
    },
  };
}

function signerOf(certificate: string, key: string, name: string): Signer {
  try {
    const [block] = pemBlocks(certificate).filter(({ label }) => label === 'CERTIFICATE');
    const parsed = new X509Certificate(block?.pem ?? '');
    const privateKey = createPrivateKey(key);
    if (!parsed.ca || !parsed.checkPrivateKey(privateKey)) throw new Error('they do not belong together');
    if (privateKey.asymmetricKeyType !== 'ec') throw new Error('the key is not an EC key');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { certificate: block?.pem ?? '', key: pem, notAfter: parsed.validToDate.getTime() };
  } catch (cause) {
    throw new Error(`${name}.crt and ${name}.key are no authority and its key: ${(cause as Error).message}`, { cause });
  }
}
