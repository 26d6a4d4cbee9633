/** The data plane for one command: what has to be loaded late, because it is large. */
import { compile } from '../../crds/compile.ts';
import { KNOWN_SECRET_DEFAULTS } from '../../crds/known-secrets.ts';
import type { RuntimePolicy } from '../../crds/runtime.ts';
import { createLog } from '../../sidecar/audit/log.ts';
import { Summary } from '../../sidecar/audit/summary.ts';
import { DETECTOR_NAMES } from '../../sidecar/inspect/detectors/names.ts';
import type { KnownSecretsReport } from '../../sidecar/inspect/index.ts';
import { type Plane, start } from '../../sidecar/plane.ts';
import { fixedPolicy } from '../../sidecar/policy/index.ts';
import { knownSecrets } from '../../sidecar/secrets/known.ts';
import { plainEgress } from '../../sidecar/tcp/egress.ts';
import { originalDestination } from '../../sidecar/tcp/original-destination.ts';
import type { Endpoint } from '../../sidecar/tcp/types.ts';
import { Authority } from '../../sidecar/tls/authority.ts';
import { bundle, upstreamRoots } from '../../sidecar/tls/trust.ts';
import type { TrustFiles } from '../../sidecar/tls/trust-env.ts';
import { loadPolicies, problemText } from '../policies.ts';
import { WEIR_DIRECTORY } from './protocol.ts';
import type { Listeners } from './sandbox.ts';
import type { LocalSecrets } from './secrets.ts';

/**
 * What the files of --policy say together; no file denies everything. @returns the text of all problems, and no policy when one
 * of them is an error
 */
export async function loadPolicy(
  files: readonly string[],
  audit: boolean,
): Promise<{ policy: RuntimePolicy | undefined; problems: string }> {
  const { policies, clusterPolicies, problems } = await loadPolicies(files, DETECTOR_NAMES);
  const text = problems.map(problemText).join('');
  if (problems.some(({ severity }) => severity === 'error')) return { policy: undefined, problems: text };
  if (audit) for (const { spec } of policies) spec.mode = 'Audit';
  const policy = compile(policies, undefined, { clusterPolicies });
  // Without an EgressPolicy there is none to compile the mode from. A constraint that forbids Audit still does.
  const mayAudit = clusterPolicies.every(({ spec }) => spec.constraints?.allowedModes?.includes('Audit') ?? true);
  return { policy: audit && mayAudit ? { ...policy, mode: 'Audit' } : policy, problems: text };
}

export interface Trust {
  authority: Authority;
  roots: string[];
  /** What the command is to trust instead of the machine's bundle. */
  bundle: Buffer;
  files: { name: string; contents: string }[];
  paths: TrustFiles;
  warnings: string[];
}

/** A new authority for this run. @throws TrustError when a file that was named cannot be used */
export async function prepareTrust(env: NodeJS.ProcessEnv, upstreamCa: readonly string[]): Promise<Trust> {
  const roots = upstreamRoots(env, upstreamCa);
  const authority = await Authority.create();
  const { pem, pkcs12, unusable } = bundle(authority.certificatePem, roots, env);
  const text = Buffer.from(pem);
  const files: [string, Buffer][] = [
    ['ca.crt', Buffer.from(authority.certificatePem)],
    ['bundle.pem', text],
    ['trust.p12', pkcs12],
  ];
  return {
    authority,
    roots,
    bundle: text,
    files: files.map(([name, contents]) => ({ name, contents: contents.toString('base64') })),
    paths: {
      ca: `${WEIR_DIRECTORY}/ca.crt`,
      bundle: `${WEIR_DIRECTORY}/bundle.pem`,
      pkcs12: `${WEIR_DIRECTORY}/trust.p12`,
    },
    warnings: unusable.map((error) => error.message),
  };
}

export interface ServiceOptions {
  listeners: Listeners;
  policy: RuntimePolicy;
  authority: Authority;
  roots: readonly string[];
  nameservers: readonly Endpoint[];
  staticHosts: ReadonlyMap<string, readonly string[]>;
  searchDomains: readonly string[];
  /** Of the user's, which must not leave. */
  secrets: LocalSecrets;
  log: string | undefined;
}

export class Service {
  readonly #plane: Plane;
  readonly #log: ReturnType<typeof createLog> | undefined;
  readonly #summary: Summary;
  /** Secrets that are not looked for, and the bound that they exceed. */
  readonly unknown: KnownSecretsReport['refused'];

  private constructor(
    plane: Plane,
    log: ReturnType<typeof createLog> | undefined,
    summary: Summary,
    unknown: KnownSecretsReport['refused'],
  ) {
    this.#plane = plane;
    this.#log = log;
    this.#summary = summary;
    this.unknown = unknown;
  }

  static start({ log: file, policy, searchDomains, secrets, ...options }: ServiceOptions): Service {
    const log = file === undefined ? undefined : createLog(file);
    const summary = new Summary();
    const plane = start({
      ...options,
      policySource: fixedPolicy(policy),
      originalDestination,
      egress: plainEgress(),
      emit: (event) => {
        log?.write(event);
        summary.add(event);
      },
      // Nothing inside has a route for IPv6: the loopback is all there is.
      facts: { searchDomains, hasIpv6Route: false },
    });
    const { knownSecrets: rules = KNOWN_SECRET_DEFAULTS } = policy.content;
    const known = knownSecrets(secrets.files, rules, (name) => !secrets.masked.includes(name));
    return new Service(plane, log, summary, plane.setKnownSecrets(known, rules.minLength).refused);
  }

  /** Ends every connection and writes out the log. */
  async close(): Promise<void> {
    await this.#plane.close();
    await this.#log?.close();
  }

  /** What was denied, as a table; empty when nothing was. */
  summary(): string {
    return this.#summary.table().trimEnd();
  }
}
