/** `weir explain`: would this request be allowed, by which rule, and if not, what would allow it? */
import { parseArgs } from 'node:util';
import { compile } from '../crds/compile.ts';
import { DEFAULT_PORTS } from '../crds/expand.ts';
import { normaliseHost } from '../crds/hosts.ts';
import { REASONS } from '../crds/reasons.ts';
import type { Protocol, RuntimePolicy } from '../crds/runtime.ts';
import { parseSize } from '../crds/sizes.ts';
import { DETECTOR_NAMES } from '../sidecar/inspect/detectors/index.ts';
import { type Answer, answer, type Question } from './answer.ts';
import { EXIT, type Io, UsageError, withUsage } from './io.ts';
import { loadPolicies, problemText } from './policies.ts';

const HELP = `Usage: weir explain --policy FILE... --url URL [--method METHOD]
                    [--content-type TYPE] [--body-size SIZE]
                    [--label KEY=VALUE]... [--json]

Says whether the policies allow a request, by which rule, and how near the
other rules come; if it is denied, prints the YAML that would allow it.
Nothing is looked up or sent, so addresses and content are not judged.

  --policy FILE         a policy file; may be given more than once
  --url URL             https:, http:, tls://host:port or tcp://host:port
  --method METHOD       GET unless said
  --content-type TYPE   media type of the body
  --body-size SIZE      size of the body: bytes, or with Ki, Mi or Gi
  --label KEY=VALUE     a label of the pod; without any, podSelector is
                        ignored and every policy applies
  --json                print the answer as JSON
  --help                print this

Exit status: 0 allowed, 1 denied, 2 the command line or a policy was not
understood.
`;

/** Resolves to the exit status. */
export function explain(argv: string[], io: Io): Promise<number> {
  return withUsage('explain', io, async () => {
    const { values } = parseArgs({
      args: argv,
      options: {
        policy: { type: 'string', multiple: true, default: [] },
        url: { type: 'string' },
        method: { type: 'string', default: 'GET' },
        'content-type': { type: 'string' },
        'body-size': { type: 'string' },
        label: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      io.stdout(HELP);
      return EXIT.ok;
    }
    if (values.url === undefined) throw new UsageError('--url is missing');
    if (values.policy.length === 0) throw new UsageError('--policy is missing');
    const question = questionOf(values.url, values.method, values['content-type'], values['body-size']);
    const labels = labelsOf(values.label);
    const { policies, problems } = await loadPolicies(values.policy, DETECTOR_NAMES);
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      for (const problem of errors) io.stderr(problemText(problem));
      return EXIT.usage;
    }
    const policy = compile(policies, labels);
    const result = answer(policy, question);
    io.stdout(values.json ? `${JSON.stringify(result, null, 2)}\n` : text(result, policy, question));
    return result.decision === 'deny' ? EXIT.no : EXIT.ok;
  });
}

const SCHEMES: Record<string, Protocol> = { 'https:': 'HTTPS', 'http:': 'HTTP', 'tls:': 'TLS', 'tcp:': 'TCP' };

function questionOf(
  text: string,
  method: string,
  contentType: string | undefined,
  bodySize: string | undefined,
): Question {
  const url = URL.parse(text);
  const protocol = url && SCHEMES[url.protocol];
  if (!url || !protocol || url.hostname === '')
    throw new UsageError(`"${text}" is not a URL with https:, http:, tls: or tcp:`);
  const port = url.port === '' ? DEFAULT_PORTS[protocol][0] : Number(url.port);
  if (port === undefined) throw new UsageError('tcp: needs a port, as in tcp://db.acme.dev:5432');
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$/.test(method)) throw new UsageError(`"${method}" is not a method`);
  const size = bodySize === undefined ? undefined : parseSize(bodySize);
  if (bodySize !== undefined && size === undefined)
    throw new UsageError(`"${bodySize}" is not a size: bytes, or a number with Ki, Mi or Gi`);
  const host = normaliseHost(url.hostname);
  const hasBody = size !== undefined ? size > 0 : contentType !== undefined;
  return {
    protocol,
    host: 'name' in host && !host.wildcard ? host.name : undefined,
    shownHost: url.hostname,
    port,
    method,
    path: url.pathname === '' ? '/' : url.pathname,
    hasBody,
    ...(url.search !== '' && { query: url.search.slice(1) }),
    ...(contentType !== undefined && { contentType: (contentType.split(';', 1)[0] ?? '').trim().toLowerCase() }),
    ...(size !== undefined && hasBody && { contentLength: size }),
  };
}

function labelsOf(pairs: readonly string[]): Record<string, string> | undefined {
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new UsageError(`"${pair}" is not KEY=VALUE`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

const HEADLINES: Record<Answer['decision'], string> = {
  allow: 'allowed',
  deny: 'denied',
  'would-deny': 'let pass in Audit mode, would be denied',
};

function text(result: Answer, policy: RuntimePolicy, question: Question): string {
  const lines = [`${HEADLINES[result.decision]}: ${subject(question)}`];
  if (result.rule !== undefined) {
    const preset = result.preset === undefined ? '' : ` (preset ${result.preset})`;
    lines.push(`${result.decision === 'allow' ? 'rule' : 'nearest rule'}: ${result.rule}${preset}`);
  }
  if (result.how !== undefined) lines.push(result.how);
  if (result.reason !== undefined) lines.push(`reason: ${result.reason}: ${REASONS[result.reason].sentence}`);
  if (policy.policies.length === 0) lines.push('no policy selects a pod with these labels');
  const near = result.rules.filter(({ reason }) => reason !== 'host.not-allowed');
  const far = result.rules.length - near.length;
  if (near.length > 0) {
    lines.push('', 'rules for this host, nearest first:');
    const width = Math.max(...near.map(({ rule }) => rule.length));
    for (const { rule, reason } of near) lines.push(`  ${rule.padEnd(width)}  ${reason}`);
  }
  if (far > 0) lines.push('', `${far === 1 ? '1 rule is' : `${far} rules are`} for other hosts`);
  if (result.presetHint !== undefined) {
    const { presetHint } = result;
    lines.push('', `the preset ${presetHint} allows it, with what else such tools need: preset: {name: ${presetHint}}`);
  }
  if (result.suggestion !== undefined) {
    lines.push('', 'this item of spec.egress allows exactly it:', result.suggestion.trimEnd());
  }
  return `${lines.join('\n')}\n`;
}

function subject({ protocol, shownHost, port, method, path, query }: Question): string {
  if (protocol === 'TLS' || protocol === 'TCP') return `${protocol} ${shownHost}:${port}`;
  const authority = DEFAULT_PORTS[protocol].includes(port) ? shownHost : `${shownHost}:${port}`;
  return `${method} ${protocol.toLowerCase()}://${authority}${path}${query === undefined ? '' : `?${query}`}`;
}
