/** What an Event on the pod says of a denial. Pure; takes checked events. */
import { REASONS } from '../../crds/reasons.ts';
import type { Event } from '../../crds/runtime.ts';

/** Bytes of a note (events.k8s.io/v1). */
export const MAX_NOTE = 1024;
/** Texts that can be pasted into a shell as they are; anything else stays out of the hint. */
const PLAIN_HOST = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const PLAIN_PATH = /^\/[A-Za-z0-9/._~-]*$/;
const PLAIN_WORD = /^[A-Za-z][A-Za-z0-9-]*$/;

/** The Event's `reason`. */
export function eventReason({ action }: Event): 'EgressDenied' | 'EgressWouldBeDenied' {
  return action === 'deny' ? 'EgressDenied' : 'EgressWouldBeDenied';
}

/**
 * One text for denials that are alike: what stands in it (layer, host, port, reason, rule, detectors) is what they are
 * counted together by.
 */
export function eventNote(event: Event): string {
  const { host, port, reason, rule, findings = [] } = event;
  if (reason === undefined) return '';
  const { sentence, help } = REASONS[reason];
  const place =
    host === undefined ? '' : `${oneWord(host)}${port === undefined || event.layer === 'dns' ? '' : `:${port}`}: `;
  const detectors = [...new Set(findings.map(({ detector }) => oneWord(detector)))].sort();
  const facts = [reason, ...(rule === undefined ? [] : [`rule ${rule}`]), ...detectors.map((name) => `found ${name}`)];
  const note = `${place}${sentence} (${facts.join(', ')}). ${help}`;
  const hint = hintOf(event, detectors);
  const whole = hint === undefined ? note : `${note} To see what would allow it: ${hint}`;
  return whole.length <= MAX_NOTE ? whole : `${note.slice(0, MAX_NOTE - 3)}...`;
}

/** A name as far as it can be one: no sentence. */
function oneWord(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?');
}

function hintOf({ layer, host, port, method, path, reason }: Event, detectors: readonly string[]): string | undefined {
  if (host === undefined || !PLAIN_HOST.test(host) || reason === undefined) return undefined;
  const isContent = reason.startsWith('content.');
  // The method and path belong to one denial, and the text stands for all of this host: they are shown where they decide.
  const isHttp = reason.startsWith('http.') || isContent;
  const shownPath = isHttp && path !== undefined && PLAIN_PATH.test(path) ? path : '/';
  const url =
    layer === 'dns'
      ? `dns://${host}`
      : layer === 'tcp'
        ? `tcp://${host}:${port ?? 443}`
        : `${port === 80 ? 'http' : 'https'}://${host}${port === undefined || port === 80 || port === 443 ? '' : `:${port}`}${shownPath}`;
  const shownMethod = isHttp && method !== undefined && PLAIN_WORD.test(method) ? ` --method ${method}` : '';
  const found = isContent ? detectors.filter((name) => PLAIN_WORD.test(name)).map((name) => ` --found ${name}`) : [];
  return `weir explain --policy FILE${shownMethod} --url ${url}${found.join('')}`;
}
