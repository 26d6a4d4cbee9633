import { compile } from '../../../crds/compile.ts';
import { parseDocuments } from '../../../crds/document.ts';
import type { Finding, RequestFacts, RuntimePolicy } from '../../../crds/runtime.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';

export const DETECTORS = ['github-token', 'npm-token', 'jwt', 'opaque-upload'];

/** Compiles one policy from the YAML of its `spec`. */
export function policyOf(spec: string, name = 'p'): RuntimePolicy {
  const body = spec
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  const text = `apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: ${name}}\nspec:\n${body}\n`;
  const { policies, problems } = parseDocuments(text, 'test.yaml', DETECTORS);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors, null, 2));
  return compile(policies, undefined);
}

export function engineOf(spec: string, budgets = new Budgets()): PolicyEngine {
  return new PolicyEngine(policyOf(spec), budgets);
}

/** A request as `GET https://host/path?query`, without a body unless `more` says so. */
export function request(method: string, url: string, more: Partial<RequestFacts> = {}): RequestFacts {
  const [, scheme = '', host = '', port, path = '/', query] =
    /^(https?):\/\/([^/:?]+)(?::(\d+))?(\/[^?]*)?(?:\?(.*))?$/.exec(url) ?? [];
  return {
    protocol: scheme === 'http' ? 'HTTP' : 'HTTPS',
    host,
    port: port === undefined ? (scheme === 'http' ? 80 : 443) : Number(port),
    method,
    path,
    ...(query !== undefined && { query }),
    hasBody: false,
    ...more,
  };
}

/** What a verdict says, in one word: the rule that allows, or the reason. */
export function outcome(verdict: ReturnType<PolicyEngine['decideRequest']>): string {
  if (verdict.allow) return verdict.audit ? `audit ${verdict.audit.reason}` : `allow ${verdict.rule?.id}`;
  return `${verdict.reason}${verdict.rule ? ` ${verdict.rule.id}` : ''}`;
}

export function finding(detector: string, more: Partial<Finding> = {}): Finding {
  return { detector, channel: 'http.body', place: 'body', decoding: [], offset: 0, homeHosts: [], ...more };
}
