/** What is cut from a name and a path by their looks, whatever is found in them. */
import type { Finding, Reason } from '../../crds/runtime.ts';

/** Stands for what was cut. */
export const CUT = '[redacted]';
/** Characters of a path with its query that a log shows. */
export const MAX_PATH_LENGTH = 512;
/** Characters of a path segment or query value that a log shows; a longer one is data. */
export const MAX_PART_LENGTH = 64;
/** Characters below the registrable domain of a denied name beyond which it is taken for data. */
export const MAX_SUBDOMAIN_LENGTH = 80;
/** A part of a label of a denied name, between hyphens, from this length on is taken for data when letters and digits alternate in it. */
export const MIN_RANDOM_LABEL = 16;
/** Changes between letter and digit: `productionresultssa0` has one, sixteen digits of base32 or hex have five or more. */
export const MIN_ALTERNATIONS = 4;
const ALTERNATION = /(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)/gi;

/** Reasons that say the name itself may be a message. */
export const CUT_ALWAYS: ReadonlySet<Reason> = new Set([
  'content.secret',
  'content.too-complex',
  'content.cut-off',
  'dns.budget',
  'dns.malformed',
] satisfies Reason[]);

/** Whether what stands below the registrable domain of a denied name is data rather than a name. */
export function looksLikeData(below: string): boolean {
  if (below.length > MAX_SUBDOMAIN_LENGTH) return true;
  return below
    .split(/[.-]/)
    .some((part) => part.length >= MIN_RANDOM_LABEL && (part.match(ALTERNATION)?.length ?? 0) >= MIN_ALTERNATIONS);
}

/**
 * `path` (with its query, if any, as sent) as a log may show it: without the part in which something was found, and
 * without parts that are data rather than names.
 */
export function redactPath(path: string, findings: readonly Finding[]): string {
  if (findings.some(({ channel }) => channel === 'http.path')) return `/${CUT}`;
  const mark = path.indexOf('?');
  const plain = (mark < 0 ? path : path.slice(0, mark)).split('/').map(shorten).join('/');
  if (mark < 0) return bound(plain);
  if (findings.some(({ channel }) => channel === 'http.query')) return bound(`${plain}?${CUT}`);
  const query = path
    .slice(mark + 1)
    .split('&')
    .map((parameter) => parameter.split('=').map(shorten).join('='))
    .join('&');
  return bound(`${plain}?${query}`);
}

function shorten(part: string): string {
  return part.length > MAX_PART_LENGTH ? CUT : part;
}

function bound(path: string): string {
  return path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH - CUT.length)}${CUT}` : path;
}
