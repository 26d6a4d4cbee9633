/**
 * The body of a ClientHello (RFC 8446 section 4.1.2), read strictly: what a lenient reader would guess at is refused,
 * so that no server behind us can read another name in it than we did.
 */
import { Cursor, MalformedError } from './cursor.ts';
import { serverNameOf } from './server-name.ts';

export interface ClientHello {
  /** Lower-cased, validated host name: no address, no trailing dot. */
  serverName?: string;
  /** Protocol names as latin1 text, in the client's order. */
  alpn: string[];
  /** An encrypted hello inside (RFC 9849, or its draft), real or GREASE: the name here is the outer one. */
  hasEch: boolean;
  /** Offered versions: those of supported_versions, else the one of the hello itself. GREASE values are left in. */
  versions: number[];
}

const EXTENSION = {
  serverName: 0,
  alpn: 16,
  preSharedKey: 41,
  supportedVersions: 43,
  /** RFC 9849. */
  encryptedClientHello: 0xfe0d,
  /** The draft before it (ESNI). */
  encryptedServerName: 0xffce,
} as const;

const HOST_NAME = 0;
const RANDOM_BYTES = 32;
const MAX_SESSION_ID = 32;

/** Reads the body of a ClientHello message (without its handshake header). Throws MalformedError. */
export function readClientHello(body: Buffer): ClientHello {
  const cursor = new Cursor(body);
  const legacyVersion = cursor.uint16();
  if (legacyVersion >> 8 !== 3) throw new MalformedError('unknown version');
  cursor.take(RANDOM_BYTES);
  cursor.vector8(0, MAX_SESSION_ID);
  if (cursor.vector16(2).length % 2 !== 0) throw new MalformedError('odd list of cipher suites');
  if (!cursor.vector8(1).includes(0)) throw new MalformedError('no null compression');
  const hello: ClientHello = { alpn: [], hasEch: false, versions: [legacyVersion] };
  // RFC 5246 section 7.4.1.2: the extensions may be absent altogether.
  if (!cursor.done) readExtensions(cursor.vector16(), hello);
  cursor.finish();
  return hello;
}

function readExtensions(bytes: Buffer, hello: ClientHello): void {
  const cursor = new Cursor(bytes);
  const seen = new Set<number>();
  while (!cursor.done) {
    const type = cursor.uint16();
    if (seen.has(type)) throw new MalformedError('duplicate extension');
    if (seen.has(EXTENSION.preSharedKey)) throw new MalformedError('pre_shared_key is not last');
    seen.add(type);
    readExtension(type, cursor.vector16(), hello);
  }
}

function readExtension(type: number, data: Buffer, hello: ClientHello): void {
  switch (type) {
    case EXTENSION.serverName:
      hello.serverName = readServerName(data);
      break;
    case EXTENSION.alpn:
      hello.alpn = readAlpn(data);
      break;
    case EXTENSION.supportedVersions:
      hello.versions = readVersions(data);
      break;
    case EXTENSION.encryptedClientHello:
    case EXTENSION.encryptedServerName:
      hello.hasEch = true;
      break;
  }
}

/** RFC 6066 section 3. The format allows a list of names, of which no second one was ever defined. */
function readServerName(data: Buffer): string {
  const cursor = new Cursor(data);
  const list = new Cursor(cursor.vector16(1));
  cursor.finish();
  if (list.uint8() !== HOST_NAME) throw new MalformedError('server_name of unknown type');
  const name = serverNameOf(list.vector16(1));
  list.finish();
  if (name === undefined) throw new MalformedError('server_name is not a host name');
  return name;
}

/** RFC 7301 section 3.1. */
function readAlpn(data: Buffer): string[] {
  const cursor = new Cursor(data);
  const list = new Cursor(cursor.vector16(2));
  cursor.finish();
  const names: string[] = [];
  while (!list.done) names.push(list.vector8(1).toString('latin1'));
  return names;
}

/** RFC 8446 section 4.2.1. */
function readVersions(data: Buffer): number[] {
  const cursor = new Cursor(data);
  const list = new Cursor(cursor.vector8(2, 254));
  cursor.finish();
  const versions: number[] = [];
  while (!list.done) versions.push(list.uint16());
  return versions;
}
