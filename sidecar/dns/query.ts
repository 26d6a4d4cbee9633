/**
 * The side that faces the client: its queries are read strictly and its answers are written anew. Nothing of a query but
 * its id, its question and the bits RD, CD and DO comes back, and nothing of it but the judged name goes anywhere else.
 */
import { CLASS_IN, encodeName, FLAG, HEADER_BYTES, OPCODE_QUERY, RCODE, readName, TYPE } from './wire.ts';

/** Longest query that is read; a question with EDNS and its usual options takes under 600 bytes. */
export const MAX_QUERY_BYTES = 4096;
/** What a client without EDNS can take over UDP (RFC 1035 §4.2.1). */
export const MIN_UDP_BYTES = 512;
/** The most that is sent over UDP whatever the client offers: no fragments (DNS flag day 2020). */
export const MAX_UDP_BYTES = 1232;
export const MAX_TCP_BYTES = 65_535;

/** What the client's OPT record said, as far as the answer depends on it (RFC 6891 §6.1.3). */
export interface Edns {
  udpBytes: number;
  dnssecOk: boolean;
}

export interface Query {
  id: number;
  recursionDesired: boolean;
  checkingDisabled: boolean;
  labels: Buffer[];
  type: number;
  /** Undefined when the query had no OPT record; its options are forgotten. */
  edns: Edns | undefined;
}

/** What could be read of a query that is answered with an error. */
export interface BadQuery {
  id: number;
  opcode: number;
  recursionDesired: boolean;
  edns?: Edns | undefined;
}

export type DecodedQuery =
  | { ok: true; query: Query }
  | { ok: false; drop: true }
  | { ok: false; drop?: false; rcode: number; id: number; bad: BadQuery };

/**
 * Reads one query (RFC 1035 §4.1, RFC 6891): exactly one question of class IN, no compression, no records but one OPT,
 * nothing after it. Never throws. What has no header, or is itself a response, is dropped: an answer could start a loop.
 */
export function decodeQuery(message: Buffer): DecodedQuery {
  if (message.length < HEADER_BYTES) return { ok: false, drop: true };
  const flags = message.readUInt16BE(2);
  if (flags & FLAG.QR) return { ok: false, drop: true };
  const id = message.readUInt16BE(0);
  const opcode = (flags >> 11) & 0xf;
  const recursionDesired = (flags & FLAG.RD) !== 0;
  const fail = (rcode: number, edns?: Edns): DecodedQuery => ({
    ok: false,
    rcode,
    id,
    bad: { id, opcode, recursionDesired, edns },
  });
  const body = readBody(message);
  // Whatever the operation, an EDNS client is owed an OPT; most have a body like a query's.
  if (opcode !== OPCODE_QUERY) return fail(RCODE.NOTIMP, body?.opt?.edns);
  if (!body || flags & FLAG.TC) return fail(RCODE.FORMERR);
  const { labels, type, queryClass, opt } = body;
  if (opt && opt.version !== 0) return fail(RCODE.BADVERS, opt.edns);
  if (type === 0 || type === TYPE.OPT) return fail(RCODE.FORMERR, opt?.edns);
  if (queryClass !== CLASS_IN) return fail(RCODE.NOTIMP, opt?.edns);
  const checkingDisabled = (flags & FLAG.CD) !== 0;
  return { ok: true, query: { id, recursionDesired, checkingDisabled, labels, type, edns: opt?.edns } };
}

interface Opt {
  edns: Edns;
  version: number;
}

/** One question, perhaps an OPT record, and the end of the message; undefined for anything else. */
function readBody(
  message: Buffer,
): { labels: Buffer[]; type: number; queryClass: number; opt: Opt | undefined } | undefined {
  if (message.length > MAX_QUERY_BYTES) return undefined;
  const extra = message.readUInt16BE(10);
  if (message.readUInt16BE(4) !== 1 || message.readUInt32BE(6) !== 0 || extra > 1) return undefined;
  const name = readName(message, HEADER_BYTES, false);
  if (!name || name.end + 4 > message.length) return undefined;
  const opt = extra === 1 ? readOpt(message, name.end + 4) : undefined;
  if (extra === 1 ? !opt : name.end + 4 !== message.length) return undefined;
  return {
    labels: name.labels,
    type: message.readUInt16BE(name.end),
    queryClass: message.readUInt16BE(name.end + 2),
    opt,
  };
}

/** The OPT record that must take the rest of the message: root owner, options well framed (RFC 6891 §6.1.2). */
function readOpt(message: Buffer, offset: number): Opt | undefined {
  if (offset + 11 > message.length || message[offset] !== 0) return undefined;
  if (message.readUInt16BE(offset + 1) !== TYPE.OPT) return undefined;
  if (offset + 11 + message.readUInt16BE(offset + 9) !== message.length) return undefined;
  for (let at = offset + 11; at < message.length; ) {
    if (at + 4 > message.length) return undefined;
    at += 4 + message.readUInt16BE(at + 2);
    if (at > message.length) return undefined;
  }
  return {
    edns: { udpBytes: message.readUInt16BE(offset + 3), dnssecOk: (message.readUInt16BE(offset + 7) & 0x8000) !== 0 },
    version: message[offset + 6] as number,
  };
}

/** One record of an answer; its owner is the name that was asked. `ttl` in seconds. */
export interface AnswerRecord {
  type: number;
  ttl: number;
  rdata: Buffer;
}

/** The most bytes this client takes over this transport. */
export function answerLimit(edns: Edns | undefined, transport: 'udp' | 'tcp'): number {
  if (transport === 'tcp') return MAX_TCP_BYTES;
  return Math.min(MAX_UDP_BYTES, Math.max(MIN_UDP_BYTES, edns?.udpBytes ?? 0));
}

/**
 * Writes an answer. When the records do not fit into `maxBytes` it has none and says TC (RFC 2181 §9), so that the client
 * asks again over TCP. An answer to a query with OPT has one (RFC 6891 §7).
 */
export function encodeAnswer(query: Query, rcode: number, records: readonly AnswerRecord[], maxBytes: number): Buffer {
  const question = Buffer.alloc(4);
  question.writeUInt16BE(query.type, 0);
  question.writeUInt16BE(CLASS_IN, 2);
  const head = [encodeName(query.labels), question];
  const opt = query.edns ? [encodeOpt(query.edns, rcode)] : [];
  const flags = FLAG.QR | FLAG.RA | (query.recursionDesired ? FLAG.RD : 0) | (query.checkingDisabled ? FLAG.CD : 0);
  const header = (extra: number, answers: number) =>
    encodeHeader(query.id, flags | extra | (rcode & 0xf), 1, answers, opt.length);
  const full = Buffer.concat([header(0, records.length), ...head, ...records.map(encodeRecord), ...opt]);
  if (full.length <= maxBytes) return full;
  return Buffer.concat([header(FLAG.TC, 0), ...head, ...opt]);
}

/** Writes the answer to a query that could not be read: without its question, which may not have been one. */
export function encodeError(bad: BadQuery, rcode: number): Buffer {
  const opt = bad.edns || rcode > 0xf ? [encodeOpt(bad.edns, rcode)] : [];
  const flags = FLAG.QR | FLAG.RA | (bad.opcode << 11) | (bad.recursionDesired ? FLAG.RD : 0) | (rcode & 0xf);
  return Buffer.concat([encodeHeader(bad.id, flags, 0, 0, opt.length), ...opt]);
}

function encodeHeader(id: number, flags: number, questions: number, answers: number, additional: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(questions, 4);
  header.writeUInt16BE(answers, 6);
  header.writeUInt16BE(additional, 10);
  return header;
}

/** The owner is a pointer to the question, which begins right after the header. */
function encodeRecord(record: AnswerRecord): Buffer {
  const fixed = Buffer.alloc(12);
  fixed.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  fixed.writeUInt16BE(record.type, 2);
  fixed.writeUInt16BE(CLASS_IN, 4);
  fixed.writeUInt32BE(record.ttl, 6);
  fixed.writeUInt16BE(record.rdata.length, 10);
  return Buffer.concat([fixed, record.rdata]);
}

/** RFC 6891 §6.1.2; the DO bit is the client's (RFC 3225 §3), the upper bits of the rcode go here. */
function encodeOpt(edns: Edns | undefined, rcode: number): Buffer {
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(TYPE.OPT, 1);
  opt.writeUInt16BE(MAX_UDP_BYTES, 3);
  opt[5] = rcode >> 4;
  opt.writeUInt16BE(edns?.dnssecOk ? 0x8000 : 0, 7);
  return opt;
}
