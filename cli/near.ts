/** Why a rule does not match a question, for people: what the rule wants, beside what it was given. Pure. */
import { hostText } from '../crds/host-patterns.ts';
import type { HttpMatch, Reason, RequestFacts, RuntimeRule } from '../crds/runtime.ts';
import { formatSize } from '../crds/sizes.ts';
import { MATCHED, RequestRule, RequestView } from '../sidecar/policy/requests.ts';
import type { Question } from './question.ts';

/** Values that are told of a list. */
const MAX_VALUES = 4;

/** A phrase without a full stop; empty when the reason says it all. */
export function whyNot(rule: RuntimeRule, reason: Reason, question: Question): string {
  switch (reason) {
    case 'host.not-allowed':
      return `it is for ${listed(rule.hosts.map(hostText))}`;
    case 'port.not-allowed':
      return `port ${question.port} is not among ${listed(rule.ports.map(String))}`;
    case 'protocol.not-allowed':
      return `it is for ${rule.protocol}`;
    case 'limit.upload-size':
      return rule.limits.uploadSize === undefined ? '' : `it may send ${formatSize(rule.limits.uploadSize)}`;
    case 'limit.new-text-size':
      return rule.limits.newTextSize === undefined
        ? ''
        : `it may send ${formatSize(rule.limits.newTextSize)} of new text`;
    case 'limit.requests':
      return rule.limits.requests === undefined ? '' : `it may be used ${rule.limits.requests} times`;
    default:
      return whyNotHttp(deciding(rule, question), reason, question);
  }
}

function whyNotHttp(matches: readonly HttpMatch[], reason: Reason, question: Question): string {
  switch (reason) {
    case 'http.method':
      return `${question.method} is not among ${listed(matches.flatMap(({ methods = [] }) => methods))}`;
    case 'http.path':
      return `${question.path} matches none of ${listed(matches.flatMap(({ paths = [] }) => paths))}`;
    case 'http.query':
      return `the query has to be ${listed(matches.map(({ query = [] }) => queryText(query)))}`;
    case 'http.content-type': {
      const types = listed(matches.flatMap(({ contentTypes = [] }) => contentTypes));
      return `${question.contentType ?? 'a body without a type'} is not among ${types}`;
    }
    case 'http.body-size': {
      const most = Math.max(...matches.map(({ maxBodySize = 0 }) => maxBodySize));
      if (most === 0) return 'it takes no body';
      const { contentLength } = question;
      const given = contentLength === undefined ? 'a body of unknown length' : `a body of ${formatSize(contentLength)}`;
      return `${given} is not within ${formatSize(most)}`;
    }
    default:
      return '';
  }
}

/** The alternatives that the request came nearest to, in the group of them that refuses it first. */
function deciding(rule: RuntimeRule, question: Question): HttpMatch[] {
  const { protocol, host } = question;
  if ((protocol !== 'HTTPS' && protocol !== 'HTTP') || host === undefined) return [];
  const facts: RequestFacts = { ...question, protocol, host };
  const view = new RequestView(facts);
  let least = MATCHED;
  let nearest: HttpMatch[] = [];
  for (const group of rule.http) {
    const ranks = group.map((match) => new RequestRule({ ...rule, http: [[match]] }).rank(view));
    const best = Math.max(...ranks);
    if (best >= least) continue;
    least = best;
    nearest = group.filter((_, i) => ranks[i] === best);
  }
  return nearest;
}

function queryText(query: NonNullable<HttpMatch['query']>): string {
  if (query.length === 0) return 'absent';
  return `?${query.map(({ name, values }) => `${name}=${values ? values.join('|') : '…'}`).join('&')}`;
}

/** `a, b, c, d and 4 more`: each once, in their order as text. */
function listed(values: readonly string[]): string {
  const all = [...new Set(values)].sort();
  const shown = all.slice(0, MAX_VALUES).join(', ');
  return all.length > MAX_VALUES ? `${shown} and ${all.length - MAX_VALUES} more` : shown;
}

/** Labels that a rule's hosts have in common with a host, counted from the right: how near they are. */
export function affinity(rule: RuntimeRule, host: string): number {
  const labels = host.split('.').reverse();
  const common = (other: string[]) => {
    const differs = other.findIndex((label, i) => label !== labels[i]);
    return differs < 0 ? other.length : differs;
  };
  return Math.max(0, ...rule.hosts.map(({ name }) => common(name.split('.').reverse())));
}
