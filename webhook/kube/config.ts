/** Where the API server is and how we show who we are: from inside a pod, or from a kubeconfig file. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';
import { SERVICE_ACCOUNT_DIR } from '../../crds/injected.ts';

export interface ApiConfig {
  host: string;
  port: number;
  /** For a server that listens on a Unix socket. */
  socketPath?: string;
  /** The name in the server's certificate, when it is not `host`. */
  servername?: string;
  ca: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  /** The bearer token of now; a mounted one changes. */
  token?: () => string;
}

/** Milliseconds for which a token file is not read again: kubelet renews it long before it expires. */
const TOKEN_FRESH_MS = 60_000;

/** KUBECONFIG when it is set, else the ServiceAccount of the pod. Throws an Error that names what is missing. */
export function apiConfig(env: Readonly<Record<string, string | undefined>>): ApiConfig {
  if (env.KUBECONFIG) return fromKubeconfig(readFileSync(env.KUBECONFIG, 'utf8'), dirname(resolve(env.KUBECONFIG)));
  const host = env.KUBERNETES_SERVICE_HOST;
  if (!host) throw new Error('KUBERNETES_SERVICE_HOST is not set: run in a pod, or set KUBECONFIG');
  return {
    host,
    port: Number(env.KUBERNETES_SERVICE_PORT_HTTPS ?? env.KUBERNETES_SERVICE_PORT ?? 443),
    ca: readFileSync(`${SERVICE_ACCOUNT_DIR}/ca.crt`),
    token: tokenFile(`${SERVICE_ACCOUNT_DIR}/token`),
  };
}

interface Named<K extends string, V> {
  contexts?: unknown;
  list?: ({ name: string } & Record<K, V>)[];
}
type Fields = Record<string, string | undefined>;

/** The current context; certificates, tokens and token files, not programs. Paths are relative to `directory`. */
export function fromKubeconfig(text: string, directory: string): ApiConfig {
  const file = (load(text) ?? {}) as Record<string, unknown>;
  const named = <K extends string, V>(list: string, name: string | undefined, field: K): V => {
    const found = ((file[list] ?? []) as NonNullable<Named<K, V>['list']>).find((each) => each.name === name);
    if (!found) throw new Error(`kubeconfig: ${list} has no "${name}"`);
    return found[field];
  };
  const context = named<'context', Fields>('contexts', file['current-context'] as string, 'context');
  const cluster = named<'cluster', Fields>('clusters', context.cluster, 'cluster');
  const user = named<'user', Fields>('users', context.user, 'user');
  const part = (fields: Fields, name: string): Buffer | undefined => {
    const data = fields[`${name}-data`];
    if (data !== undefined) return Buffer.from(data, 'base64');
    const path = fields[name];
    return path === undefined ? undefined : readFileSync(resolve(directory, path));
  };
  const ca = part(cluster, 'certificate-authority');
  if (!ca || cluster.server === undefined)
    throw new Error('kubeconfig: the cluster needs server and certificate-authority');
  const url = new URL(cluster.server);
  if (url.protocol !== 'https:') throw new Error('kubeconfig: server is not an https URL');
  const [cert, key] = [part(user, 'client-certificate'), part(user, 'client-key')];
  const token = user.tokenFile !== undefined ? tokenFile(resolve(directory, user.tokenFile)) : undefined;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 443),
    ca,
    ...(cluster['tls-server-name'] !== undefined && { servername: cluster['tls-server-name'] }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(token ? { token } : user.token !== undefined && { token: () => user.token as string }),
  };
}

function tokenFile(path: string): () => string {
  let read = Number.NEGATIVE_INFINITY;
  let token = '';
  return () => {
    const now = performance.now();
    if (now - read >= TOKEN_FRESH_MS) {
      token = readFileSync(path, 'utf8').trim();
      read = now;
    }
    return token;
  };
}
