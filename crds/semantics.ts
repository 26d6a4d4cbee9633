/** What the schema cannot say: names that must exist, fields that go together, hosts, globs. For policies of the right shape. */
import { checkHosts } from './check-hosts.ts';
import { expandRule } from './expand.ts';
import { parseGlob } from './globs.ts';
import { hostsOverlap } from './hosts.ts';
import { type Issue, nearest } from './issues.ts';
import { findPreset, PRESET_NAMES } from './presets.ts';
import { parseSize } from './sizes.ts';
import type { ContentRules, EgressRule, HttpRule, PodSelector } from './types.generated.ts';
import type { Path } from './yaml.ts';

/** Header fields that Weir writes itself or must never forward (RFC 9110 sections 7.6.1 and 8.6; RFC 9112 section 6). */
const OWN_HEADERS = new Set(
  'connection content-length expect host http2-settings keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DNS_PORT = 53;
const DNS_OVER_TLS_PORT = 853;

const error = (path: Path, message: string, fix?: string): Issue => ({
  path,
  message,
  severity: 'error',
  ...(fix !== undefined && { fix }),
});
const warning = (path: Path, message: string, fix?: string): Issue => ({
  ...error(path, message, fix),
  severity: 'warning',
});

export function checkSelector(selector: PodSelector, path: Path): Issue[] {
  const issues: Issue[] = [];
  for (const key of Object.keys(selector.matchLabels ?? {})) {
    if (!LABEL_KEY.test(key))
      issues.push({ ...error([...path, 'matchLabels', key], `"${key}" is not a label key`), atKey: true });
  }
  selector.matchExpressions?.forEach(({ operator, values }, i) => {
    const at = [...path, 'matchExpressions', i];
    const takesValues = operator === 'In' || operator === 'NotIn';
    if (takesValues && !values) issues.push(error(at, `${operator} needs values`, 'add values: [...]'));
    if (!takesValues && values) issues.push(error([...at, 'values'], `${operator} takes no values`, 'remove them'));
  });
  return issues;
}

/** How the fields of one rule go together; its hosts and its `http` are looked at apart. */
export function checkRule(rule: EgressRule, path: Path): Issue[] {
  const preset = rule.preset && findPreset(rule.preset.name);
  const protocol = rule.protocol ?? preset?.protocol ?? 'HTTPS';
  const opaque = protocol === 'TLS' || protocol === 'TCP';
  const issues: Issue[] = [];
  if (rule.preset && !preset) {
    const meant = nearest(rule.preset.name, PRESET_NAMES);
    issues.push(
      error(
        [...path, 'preset', 'name'],
        'there is no such preset',
        meant ? `did you mean ${meant}?` : `the presets are ${PRESET_NAMES.join(', ')}`,
      ),
    );
  }
  if (!rule.preset && !rule.to?.hosts)
    issues.push(error(path, 'the rule says no host', 'add to: {hosts: [...]}, or a preset'));
  if (opaque && rule.http)
    issues.push(
      error(
        [...path, 'http'],
        `${protocol} is not decrypted, so requests cannot be judged`,
        'remove http, or use protocol: HTTPS',
      ),
    );
  if (opaque && rule.preset)
    issues.push(error([...path, 'preset'], `a preset cannot be used with ${protocol}`, 'remove protocol'));
  if (opaque && rule.limits?.uploadSize === undefined) {
    issues.push(
      error(
        [...path, 'protocol'],
        `${protocol} needs limits.uploadSize, since nobody judges what is sent`,
        'add limits: {uploadSize: 1Mi}',
      ),
    );
  }
  if (protocol === 'TCP' && !rule.to?.ports)
    issues.push(error([...path, 'protocol'], 'TCP needs to.ports', 'add ports: [...] under to'));
  rule.to?.ports?.forEach((port, i) => {
    const at = [...path, 'to', 'ports', i];
    if (port === DNS_PORT) issues.push(error(at, 'port 53 is DNS, which Weir answers itself', 'remove it'));
    if (port === DNS_OVER_TLS_PORT && opaque) issues.push(warning(at, 'names asked over DNS over TLS are not judged'));
  });
  if (rule.limits?.uploadSize !== undefined)
    issues.push(...checkSize(rule.limits.uploadSize, [...path, 'limits', 'uploadSize']));
  return issues;
}

/** One alternative of a rule. */
export function checkHttp(http: HttpRule, path: Path): Issue[] {
  const issues: Issue[] = [];
  http.methods?.forEach((method, i) => {
    if (method === 'CONNECT' || method === 'TRACE')
      issues.push(error([...path, 'methods', i], `${method} is never forwarded`, 'remove it'));
  });
  http.paths?.forEach((text, i) => {
    const at = [...path, 'paths', i];
    const parsed = parseGlob(text);
    if (!parsed.ok) issues.push(error(at, parsed.error, parsed.fix));
    else if (/[?#]/.test(text))
      issues.push(warning(at, '`?` and `#` here stand for themselves in the path, not for a query', 'use query'));
    else if (/%[0-9a-f]{2}/i.test(text))
      issues.push(warning(at, 'paths are compared decoded, so this matches no plain encoding', decodeFix(text)));
    else if (/\/\/./.test(text))
      issues.push(warning(at, 'this matches a path with an empty segment', text.replaceAll(/\/{2,}/g, '/')));
  });
  const names = new Set<string>();
  http.query?.forEach(({ name }, i) => {
    if (names.has(name))
      issues.push(
        error([...path, 'query', i, 'name'], `the parameter "${name}" is listed twice`, 'list its values in one item'),
      );
    names.add(name);
  });
  const headers = new Set<string>();
  http.forwardHeaders?.forEach((header, i) => {
    const name = header.toLowerCase();
    const at = [...path, 'forwardHeaders', i];
    if (OWN_HEADERS.has(name)) issues.push(error(at, `Weir writes or drops ${name} itself`, 'remove it'));
    else if (headers.has(name)) issues.push(error(at, `${name} is listed twice`, 'remove one of them'));
    headers.add(name);
  });
  if (http.maxBodySize !== undefined) issues.push(...checkSize(http.maxBodySize, [...path, 'maxBodySize']));
  return issues;
}

function checkSize(size: string | number, path: Path): Issue[] {
  return parseSize(size) === undefined ? [error(path, 'this size is too large')] : [];
}

function decodeFix(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Rules beside each other: unique names, and one way of reading each destination. */
export function checkRules(rules: readonly EgressRule[], path: Path): Issue[] {
  const issues: Issue[] = [];
  const byName = new Set<string>();
  rules.forEach(({ name }, i) => {
    if (byName.has(name)) issues.push(error([...path, i, 'name'], `two rules are named "${name}"`, `${name}-${i + 1}`));
    byName.add(name);
  });
  const expanded = rules.map((rule) => ({ name: rule.name, target: expandRule(rule) }));
  expanded.forEach(({ target }, i) => {
    const other = expanded.slice(0, i).find(({ target: before }) => target && before && areMixed(target, before));
    if (!target || !other) return;
    issues.push(
      error(
        [...path, i],
        `${target.protocol} here and ${other.target?.protocol} in rule "${other.name}" are for the same host and port, and only one of them can be spoken there`,
        'use one protocol for the destination',
      ),
    );
  });
  return issues;
}

type Target = NonNullable<ReturnType<typeof expandRule>>;

/** TCP is relayed without a look, TLS without decryption: neither can share a destination with what is read further. */
function areMixed(a: Target, b: Target): boolean {
  if (a.protocol === b.protocol) return false;
  const pair = new Set([a.protocol, b.protocol]);
  if (!pair.has('TCP') && !(pair.has('TLS') && pair.has('HTTPS'))) return false;
  return (
    a.ports.some((port) => b.ports.includes(port)) &&
    a.hosts.some((host) => b.hosts.some((other) => hostsOverlap(host, other)))
  );
}

export function checkContent(
  content: ContentRules,
  ruleNames: readonly string[],
  detectorNames: readonly string[],
  path: Path,
): Issue[] {
  const issues: Issue[] = [];
  const detector = (name: string, at: Path) => {
    if (detectorNames.includes(name)) return;
    const meant = nearest(name, detectorNames);
    issues.push(
      error(
        at,
        `there is no detector "${name}"`,
        meant ? `did you mean ${meant}?` : `the detectors are ${detectorNames.join(', ')}`,
      ),
    );
  };
  content.detectors?.disabled?.forEach((name, i) => {
    detector(name, [...path, 'detectors', 'disabled', i]);
  });
  const homes = new Set<string>();
  content.homeHosts?.forEach(({ detector: name, hosts }, i) => {
    const at = [...path, 'homeHosts', i];
    detector(name, [...at, 'detector']);
    if (homes.has(name))
      issues.push(error([...at, 'detector'], `home hosts of "${name}" are given twice`, 'list the hosts in one item'));
    homes.add(name);
    issues.push(...checkHosts(hosts, [...at, 'hosts']));
  });
  const suppressed = new Set<string>();
  content.suppressions?.forEach(({ detector: name, rule }, i) => {
    const at = [...path, 'suppressions', i];
    detector(name, [...at, 'detector']);
    if (!ruleNames.includes(rule)) {
      const meant = nearest(rule, ruleNames);
      issues.push(
        error([...at, 'rule'], `this policy has no rule "${rule}"`, meant ? `did you mean ${meant}?` : undefined),
      );
    }
    if (suppressed.has(`${name} ${rule}`))
      issues.push(error(at, 'this suppression is given twice', 'remove one of them'));
    suppressed.add(`${name} ${rule}`);
  });
  return issues;
}
