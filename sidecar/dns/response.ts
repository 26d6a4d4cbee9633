/**
 * The side that faces the resolver: the sidecar's own query, and what is believed of its answer (RFC 1035 §4.1,
 * RFC 5452 §9 on matching answers to queries).
 */
import { isKnownType, rewriteRdata } from './rdata.ts';
import {
  CLASS_IN,
  encodeName,
  FLAG,
  HEADER_BYTES,
  type Labels,
  OPCODE_QUERY,
  readName,
  sameName,
  TYPE,
} from './wire.ts';

/** Records of one response, all sections together. */
export const MAX_RECORDS = 512;
/** TTLs from 2^31 on mean 0 (RFC 2181 §8). */
export const MAX_TTL_VALUE = 0x7fff_ffff;

/** The question of the sidecar's own query, which its answer must repeat. */
export interface Question {
  id: number;
  labels: Labels;
  type: number;
}

/** A record whose data was understood and uncompressed. `ttl` in seconds. */
export interface ResourceRecord {
  owner: Labels;
  type: number;
  ttl: number;
  rdata: Buffer;
}

export interface Reply {
  kind: 'reply';
  rcode: number;
  /** Records of class IN with a type we know, in order. */
  answers: ResourceRecord[];
  /** Seconds that a negative answer may be kept: min(TTL, MINIMUM) of the SOA (RFC 2308 §5); undefined without SOA. */
  negativeTtl: number | undefined;
  /** The server names others to ask instead of answering: NS without SOA, nothing answered (RFC 2308 §2.2). */
  referral: boolean;
}

export type DecodedResponse =
  /** Not an answer to this query. */
  | { kind: 'stray' }
  /** An answer to it but for the case of its letters: a server that does not keep it, or a forgery. */
  | { kind: 'case' }
  | { kind: 'truncated' }
  /** From the right server, but not to be understood. */
  | { kind: 'malformed' }
  | Reply;

/** A query with RD and without EDNS: what it says depends on nothing but its arguments. */
export function encodeQuery(question: Question): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(question.id, 0);
  header.writeUInt16BE(FLAG.RD, 2);
  header.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(question.type, 0);
  tail.writeUInt16BE(CLASS_IN, 2);
  return Buffer.concat([header, encodeName(question.labels), tail]);
}

/**
 * Reads an answer to `expected`. Never throws. Bytes after the last record are ignored, as unbound does: they are
 * nobody's data. `exactCase` demands the letters of the question as we sent them (draft-vixie-dnsext-dns0x20).
 */
export function decodeResponse(message: Buffer, expected: Question, exactCase: boolean): DecodedResponse {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== expected.id) return { kind: 'stray' };
  const flags = message.readUInt16BE(2);
  if (!(flags & FLAG.QR) || ((flags >> 11) & 0xf) !== OPCODE_QUERY) return { kind: 'stray' };
  const rcode = flags & 0xf;
  const questions = message.readUInt16BE(4);
  // Servers that could not read a query return its header alone; that may fail a query, never answer it.
  if (questions === 0 && rcode !== 0 && message.length === HEADER_BYTES) {
    return { kind: 'reply', rcode, answers: [], negativeTtl: undefined, referral: false };
  }
  if (questions !== 1) return { kind: 'stray' };
  const name = readName(message, HEADER_BYTES, false);
  if (!name || name.end + 4 > message.length) return { kind: 'stray' };
  if (message.readUInt16BE(name.end) !== expected.type || message.readUInt16BE(name.end + 2) !== CLASS_IN) {
    return { kind: 'stray' };
  }
  if (!sameName(name.labels, expected.labels)) return { kind: 'stray' };
  if (exactCase && !sameName(name.labels, expected.labels, true)) return { kind: 'case' };
  if (flags & FLAG.TC) return { kind: 'truncated' };
  return readRecords(message, name.end + 4, rcode) ?? { kind: 'malformed' };
}

function readRecords(message: Buffer, offset: number, rcode: number): Reply | undefined {
  const answerCount = message.readUInt16BE(6);
  const authorityCount = message.readUInt16BE(8);
  const total = answerCount + authorityCount + message.readUInt16BE(10);
  if (total > MAX_RECORDS) return undefined;
  const reply: Reply = { kind: 'reply', rcode, answers: [], negativeTtl: undefined, referral: false };
  let at = offset;
  for (let i = 0; i < total; i++) {
    const owner = readName(message, at, true);
    if (!owner || owner.end + 10 > message.length) return undefined;
    const type = message.readUInt16BE(owner.end);
    const recordClass = message.readUInt16BE(owner.end + 2);
    const rawTtl = message.readUInt32BE(owner.end + 4);
    const start = owner.end + 10;
    at = start + message.readUInt16BE(owner.end + 8);
    if (at > message.length) return undefined;
    // The additional section is only walked over: what is asked for is in the answer section.
    if (i >= answerCount + authorityCount || recordClass !== CLASS_IN || !isKnownType(type)) continue;
    const rdata = rewriteRdata(type, message, start, at);
    if (!rdata) return undefined;
    const ttl = rawTtl > MAX_TTL_VALUE ? 0 : rawTtl;
    if (i < answerCount) reply.answers.push({ owner: owner.labels, type, ttl, rdata });
    else if (type === TYPE.SOA) reply.negativeTtl = Math.min(ttl, rdata.readUInt32BE(rdata.length - 4), MAX_TTL_VALUE);
    else if (type === TYPE.NS) reply.referral = true;
  }
  reply.referral &&= reply.negativeTtl === undefined && answerCount === 0;
  return reply;
}
