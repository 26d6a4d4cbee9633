/** Builds ClientHellos, right and wrong, from their parts. */

export function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

export function vector8(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([body.length]), body]);
}

export function vector16(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u16(body.length), body]);
}

export function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([u16(type), vector16(data)]);
}

export function hostEntry(name: string | Buffer, type = 0): Buffer {
  return Buffer.concat([Buffer.from([type]), vector16(Buffer.from(name))]);
}

export function serverName(name: string): Buffer {
  return extension(0, vector16(hostEntry(name)));
}

export interface HelloParts {
  version?: number;
  sessionId?: Buffer;
  suites?: Buffer;
  compression?: Buffer;
  extensions?: Buffer[] | 'absent';
  trailing?: Buffer;
}

/** A handshake message: header and body. */
export function helloMessage(parts: HelloParts = {}): Buffer {
  const body = Buffer.concat([
    u16(parts.version ?? 0x0303),
    Buffer.alloc(32, 7),
    vector8(parts.sessionId ?? Buffer.alloc(0)),
    vector16(parts.suites ?? Buffer.from([0x13, 0x01])),
    vector8(parts.compression ?? Buffer.from([0])),
    parts.extensions === 'absent' ? Buffer.alloc(0) : vector16(...(parts.extensions ?? [])),
    parts.trailing ?? Buffer.alloc(0),
  ]);
  return message(1, body);
}

export function message(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  header.writeUInt8(type, 0);
  return Buffer.concat([header, body]);
}

/** Records of type 22, each with at most `size` bytes of the message. */
export function records(bytes: Buffer, size = 16384): Buffer {
  const out: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) out.push(record(bytes.subarray(start, start + size)));
  return Buffer.concat(out);
}

export function record(fragment: Buffer, type = 22, version = 0x0301): Buffer {
  return Buffer.concat([Buffer.from([type]), u16(version), vector16(fragment)]);
}
