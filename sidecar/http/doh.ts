/** DNS over HTTPS (RFC 8484, RFC 9230, and the JSON form): a resolver behind an allowed host would be a way around the DNS judge. */
import type { RuntimeRule } from '../../crds/runtime.ts';
import type { Head } from './head.ts';

const MEDIA_TYPES: ReadonlySet<string> = new Set([
  'application/dns-message',
  'application/dns-json',
  'application/oblivious-dns-message',
]);

/** Whether a request asks a resolver. */
export function isDoh(head: Pick<Head, 'path' | 'query' | 'contentType' | 'headers'>): boolean {
  if (head.contentType !== undefined && MEDIA_TYPES.has(head.contentType)) return true;
  for (const [name, value] of head.headers) {
    if (name !== 'accept') continue;
    for (const range of value.split(',')) {
      if (MEDIA_TYPES.has((range.split(';', 1)[0] ?? '').trim().toLowerCase())) return true;
    }
  }
  if (/(?:^|\/)dns-query\/?$/i.test(decode(head.path))) return true;
  return parameters(head.query).some(([name, value]) => name === 'dns' && isDnsQuery(value));
}

/** Whether the rule that admitted the request names DNS over HTTPS itself: by the media type, or by the parameter `dns`. */
export function allowsDoh(rule: RuntimeRule | undefined): boolean {
  const matches = rule?.http.flat() ?? [];
  return matches.some(
    (match) =>
      match.contentTypes?.some((type) => MEDIA_TYPES.has(type)) || match.query?.some(({ name }) => name === 'dns'),
  );
}

function parameters(query: string | undefined): [string, string][] {
  if (query === undefined) return [];
  return query.split(/[&;]/).map((part) => {
    const equals = part.indexOf('=');
    return equals < 0 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
  });
}

/** A DNS message (RFC 1035 section 4.1.1) that is a query with one question. */
function isDnsQuery(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 12 && ((bytes[2] as number) & 0xf8) === 0 && bytes.readUInt16BE(4) === 1;
}

function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1'));
}
