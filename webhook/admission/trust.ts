/** The environment that makes an app container's programs trust the pod's own authority. */
import type { V1EnvVar } from '@kubernetes/client-node';
import { TRUST_BUNDLE_FILE, TRUST_CA_FILE, TRUST_PKCS12_FILE } from '../../crds/injected.ts';
import { type TrustFiles, trustEnvironment } from '../../sidecar/tls/trust-env.ts';
import type { AnyContainer } from './pod.ts';

const FILES: TrustFiles = { ca: TRUST_CA_FILE, bundle: TRUST_BUNDLE_FILE, pkcs12: TRUST_PKCS12_FILE };
const JAVA = 'JAVA_TOOL_OPTIONS';
const TRUST_STORE = 'javax.net.ssl.trustStore=';

export interface TrustedEnvironment {
  env: V1EnvVar[];
  /** Variables that the container sets itself and keeps, though they decide whom it trusts. */
  kept: string[];
  /** Whether options for Java that come from `envFrom` may have been lost. */
  mayLoseJavaOptions: boolean;
}

/**
 * The container's own variables, then ours that it lacks. One that it sets itself, also through `valueFrom`, is kept and
 * told. What `envFrom` brings cannot be seen here, and gives way: the connection ends in the sidecar, which verifies the
 * server itself, so the file that such a variable names could only make it fail. Java's options are no matter of trust
 * alone: ours are added to what is there.
 */
export function trustedEnvironment(container: AnyContainer): TrustedEnvironment {
  const own = container.env ?? [];
  const present = new Map(own.map((variable) => [variable.name, variable]));
  // A value that is not known here counts as one that is there.
  const literal = Object.fromEntries(own.map(({ name, value, valueFrom }) => [name, value ?? (valueFrom ? name : '')]));
  const wanted = trustEnvironment(literal, FILES);
  const kept: string[] = [];
  const added: V1EnvVar[] = [];
  let env = own;
  for (const [name, value] of Object.entries(wanted)) {
    const variable = present.get(name);
    // npm reads its variables in any case, and one of ours would win over one that is to be kept.
    if (variable === undefined && own.some((each) => each.name.toLowerCase() === name)) continue;
    if (variable === undefined) added.push({ name, value });
    else if (name === JAVA && variable.valueFrom === undefined && !variable.value?.includes(TRUST_STORE)) {
      env = env.map((each) => (each === variable ? { name, value } : each));
    } else if (!isOurs(variable)) kept.push(name);
  }
  const mayLoseJavaOptions = (container.envFrom ?? []).length > 0 && added.some(({ name }) => name === JAVA);
  return { env: [...env, ...added], kept: kept.sort(), mayLoseJavaOptions };
}

/** Whether it says what an earlier injection wrote. */
function isOurs({ name, value }: V1EnvVar): boolean {
  if (name === JAVA) return value?.includes(`${TRUST_STORE}${TRUST_PKCS12_FILE}`) ?? false;
  return value === TRUST_BUNDLE_FILE || value === TRUST_CA_FILE;
}
