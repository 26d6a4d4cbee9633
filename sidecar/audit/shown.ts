/**
 * What may be shown of the names and texts that an event carries. Everything that a workload wrote goes through here on
 * its way to the log and the summary, whichever room made the event: a denial must not carry on what it stopped. Pure.
 */
import { registrableDomain } from '../../crds/hosts.ts';
import type { Event, Finding, Reason } from '../../crds/runtime.ts';
import { CUT, CUT_ALWAYS, looksLikeData } from './redact.ts';

/** What the Inspector finds in a text, read as a host name (`dns.name`). Throws when it cannot be judged. */
export type InspectName = (name: string) => readonly Finding[];

/** Names whose findings are remembered: the same few hosts are in nearly all events. */
export const MAX_REMEMBERED_NAMES = 1024;
/**
 * Characters of the domain of a name in which something was found: the domain may be the end of it (a token of no fixed
 * length has no certain end), and of a secret less than eight characters in a row may be shown.
 */
export const MAX_DOMAIN_CHARACTERS = 7;
/** Words of a detail shorter than this are judged only as part of the whole: no secret is. */
export const MIN_WORD_LENGTH = 8;

/** Characters of a text that may be shown; a longer one is data, and a part of it might hide what the whole shows. */
export const MAX_TEXT_LENGTH = 512;

/** Reasons whose detail is a name that nobody judged before. */
const NAMES_ANOTHER: ReadonlySet<Reason> = new Set(['tls.host-mismatch', 'http.host-mismatch'] satisfies Reason[]);
const WORD = /[A-Za-z0-9_][A-Za-z0-9._-]*/g;

/**
 * `host` as an event, a refusal or the summary may show it: cut below the registrable domain where, refused for `reason`,
 * it may carry something; to the beginning of that where something was found, and whole where the domain has a part in it
 * or it cannot be judged.
 */
export function shownName(host: string, reason: Reason | undefined, inspectName: InspectName): string {
  return shown(host, inspectName, (below) => reason !== undefined && (CUT_ALWAYS.has(reason) || looksLikeData(below)));
}

/** A text that may quote the workload: each name in it as `shownName` has it, nothing in which something is found. */
export function shownText(text: string, reason: Reason | undefined, inspectName: InspectName): string {
  if (text.length > MAX_TEXT_LENGTH) return CUT;
  const isCut = (below: string) =>
    reason !== undefined && (CUT_ALWAYS.has(reason) || NAMES_ANOTHER.has(reason) || looksLikeData(below));
  const words = text.replace(WORD, (word) => {
    if (word.length < MIN_WORD_LENGTH) return word;
    return isName(word) ? shown(word, inspectName, isCut) : isClean(word, inspectName) ? word : CUT;
  });
  return isClean(words, inspectName) ? words : CUT;
}

/** An event as it may leave the data plane. */
export function shownEvent(event: Event, inspectName: InspectName): Event {
  const { reason, host, method, detail, path, findings } = event;
  const out: Event = { ...event };
  if (host !== undefined) out.host = shownName(host, reason, inspectName);
  if (method !== undefined) out.method = shownText(method, undefined, inspectName);
  if (detail !== undefined) out.detail = shownText(detail, reason, inspectName);
  // What passed has its path in the log of the server too.
  if (path !== undefined && reason !== undefined && !isClean(path, inspectName)) out.path = `/${CUT}`;
  if (findings !== undefined) {
    out.findings = findings.map((found) => ({ ...found, place: shownText(found.place, undefined, inspectName) }));
  }
  return out;
}

/** An InspectName that can be told that what it remembers may be wrong now. */
export interface RememberingInspectName extends InspectName {
  forget(): void;
}

/** The same function, which asks once for each of the names that come up again and again. */
export function remembering(inspectName: InspectName, most: number = MAX_REMEMBERED_NAMES): RememberingInspectName {
  const known = new Map<string, readonly Finding[]>();
  const ask = (name: string): readonly Finding[] => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const findings = inspectName(name);
    if (known.size >= most) known.delete(known.keys().next().value as string);
    known.set(name, findings);
    return findings;
  };
  return Object.assign(ask, { forget: () => known.clear() });
}

/** Whether nothing is found in a text, neither in the letters given nor in lower case. A text that cannot be judged is not clean. */
export function isClean(text: string, inspectName: InspectName): boolean {
  return detectorsIn(text, inspectName)?.size === 0;
}

function shown(host: string, inspectName: InspectName, isCut: (below: string) => boolean): string {
  const domain = registrableDomain(host.toLowerCase());
  const below = host.slice(0, Math.max(0, host.length - domain.length - 1));
  const whole = detectorsIn(host, inspectName);
  const inBelow = detectorsIn(below, inspectName);
  const isDomainClean = isClean(host.slice(-domain.length), inspectName);
  if (!whole || !inBelow || !isDomainClean) return CUT;
  // Found in the whole and not below the domain: the domain is a part of it.
  if ([...whole].some((detector) => !inBelow.has(detector))) return CUT;
  if (inBelow.size > 0) return `${CUT}.${beginning(domain)}`;
  return below !== '' && isCut(below) ? `${CUT}.${domain}` : host;
}

/** The domain, or its first MAX_DOMAIN_CHARACTERS with an ellipsis; dots do not count, since a secret may be written with them. */
function beginning(domain: string): string {
  let shown = '';
  let count = 0;
  for (const character of domain) {
    if (character !== '.' && ++count > MAX_DOMAIN_CHARACTERS) return `${shown}…`;
    shown += character;
  }
  return shown;
}

/** Names of the detectors that fire; undefined when the text cannot be judged. */
function detectorsIn(text: string, inspectName: InspectName): Set<string> | undefined {
  if (text === '') return new Set();
  try {
    return new Set([...inspectName(text), ...inspectName(text.toLowerCase())].map(({ detector }) => detector));
  } catch {
    return undefined;
  }
}

/** Dots, and a last label that is no number: not an address, not a count. */
function isName(word: string): boolean {
  return /\.[A-Za-z][A-Za-z0-9-]*$/.test(word);
}
