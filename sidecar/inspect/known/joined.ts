/** The fields of one message in a row, without what stands between their parts: a secret may be sent a piece in each. */
import type { Channel } from '../../../crds/runtime.ts';
import { lasting } from '../decode/scratch.ts';
import { unescaped } from './unescaped.ts';

/** Bytes kept of what went before, for what goes on in the next field. */
export const JOIN_TAIL = 512;

export class JoinedFields {
  private tail: Buffer = Buffer.alloc(0);

  /**
   * Takes a field and gives what went before with its parts after it, or undefined where that is nothing new. Of a path
   * the segments are joined, of a query the values; a header's value is one part.
   */
  add(channel: Channel, bytes: Buffer): Buffer | undefined {
    const text = bytes.toString('latin1');
    const parts = partsOf(channel, text);
    if (parts === undefined || parts === '') return undefined;
    const hadTail = this.tail.length > 0;
    const joined = Buffer.concat([this.tail, Buffer.from(parts, 'latin1')]);
    this.tail = lasting(joined.subarray(Math.max(0, joined.length - JOIN_TAIL)));
    return hadTail || parts !== text ? joined : undefined;
  }

  /** Begins anew with the next field. */
  clear(): void {
    this.tail = Buffer.alloc(0);
  }
}

/** `undefined`: it is itself a part of another field, or nothing that can be joined. */
function partsOf(channel: Channel, text: string): string | undefined {
  if (channel === 'http.header') return text.includes('\n') ? undefined : text;
  if (channel === 'http.path') return text.startsWith('/') ? unescaped(text.replaceAll('/', '')) : undefined;
  if (channel !== 'http.query' || !/[=&;]/.test(text)) return undefined;
  return text
    .split(/[&;]/)
    .map((part) => unescaped(part.slice(part.indexOf('=') + 1)))
    .join('');
}
