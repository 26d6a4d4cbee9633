/** Which parts of a head are judged for content, each as a field of the Inspector. Pure. */
import type { Channel } from '../../crds/runtime.ts';
import type { Head } from './head.ts';

/** Segments and parameter values shorter than this are judged only as part of the whole path or query: no secret is. */
export const MIN_PART_LENGTH = 8;

export interface Field {
  channel: Channel;
  /** Where it is; goes to the audit log, and so never has a part that the client wrote and that was not judged before. */
  place: string;
  bytes: Buffer;
}

/**
 * Method, path, query and content type: what the policy decides about, and an event may quote. Path and query are judged whole, since what is encoded in them may itself have their separators,
 * and part by part, since a detector may want a boundary where the separator is not one.
 */
export function targetFields(head: Pick<Head, 'method' | 'path' | 'query' | 'contentType'>): Field[] {
  const fields = [field('http.method', 'method', head.method)];
  if (head.path.length > 1) {
    fields.push(field('http.path', 'path', head.path));
    parts(head.path.slice(1), '/', (part, index) => fields.push(field('http.path', `segment ${index}`, part)));
  }
  if (head.query !== undefined && head.query !== '') {
    fields.push(field('http.query', 'query', head.query));
    parts(head.query, '&', (part, index) => {
      const equals = part.indexOf('=');
      const value = equals < 0 ? part : part.slice(equals + 1);
      if (value.length >= MIN_PART_LENGTH) fields.push(field('http.query', `parameter ${index}`, value));
    });
  }
  if (head.contentType !== undefined) fields.push(field('http.header', 'content-type', head.contentType));
  return fields;
}

/** Header names all at once and first, so that a place may carry one; then each value, and Basic credentials decoded. */
export function headerFields(headers: readonly [string, string][]): Field[] {
  if (headers.length === 0) return [];
  const fields = [field('http.header', 'names', headers.map(([name]) => name).join('\n'))];
  for (const [name, value] of headers) {
    fields.push(field('http.header', name, value));
    const basic = /^basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(value)?.[1];
    if (basic) fields.push({ channel: 'http.header', place: `${name} (Basic)`, bytes: Buffer.from(basic, 'base64') });
  }
  return fields;
}

function field(channel: Channel, place: string, text: string): Field {
  return { channel, place, bytes: Buffer.from(text, 'latin1') };
}

/** Calls back with each long part and its number from 1, if there is more than one part. */
function parts(text: string, separator: string, each: (part: string, index: number) => void): void {
  if (!text.includes(separator)) return;
  text.split(separator).forEach((part, index) => {
    if (part.length >= MIN_PART_LENGTH) each(part, index + 1);
  });
}
