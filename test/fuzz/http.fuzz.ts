/** Properties of the HTTP head check and the WebSocket codec. */
import fc from 'fast-check';
import { checkHead, type Head, type HeadInput, wireHeaders, wireTarget } from '../../sidecar/http/head.ts';
import { HOP_BY_HOP, OVERRIDES } from '../../sidecar/http/header-names.ts';
import {
  clientFrame,
  closePayload,
  FrameReader,
  MessageWriter,
  OPCODE,
  type Piece,
  WebSocketError,
} from '../../sidecar/http/websocket.ts';
import { WebSocketJudge } from '../../sidecar/http/websocket-judge.ts';
import type { InspectSession } from '../../sidecar/inspect/inspector.ts';

const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}$/);

const headerName = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'Host',
      'host',
      'Content-Length',
      'Transfer-Encoding',
      'Transfer_Encoding',
      'Connection',
      'Upgrade',
      'Expect',
      'TE',
      'Trailer',
      'Content-Type',
      'Content-Encoding',
      'Keep-Alive',
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Version',
      'Sec-WebSocket-Extensions',
      'X-HTTP-Method-Override',
      'X-Forwarded-Host',
      'Authorization',
      'Cookie',
      'Accept',
      'Range',
      '__proto__',
      'constructor',
    ),
  },
  { weight: 2, arbitrary: token },
  { weight: 1, arbitrary: bytes },
);
const headerValue = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'a.test',
      'A.TEST:443',
      'a.test.',
      'b.test',
      '5',
      '0',
      '05',
      '+5',
      'chunked',
      'Chunked',
      'gzip, chunked',
      'identity',
      'close',
      'keep-alive',
      'upgrade',
      'Upgrade, HTTP2-Settings',
      'websocket',
      'h2c',
      '100-continue',
      'text/plain',
      'text/plain; a=b',
      'gzip',
      '13',
      'dGhlIHNhbXBsZSBub25jZQ==',
      '',
      ' padded ',
      'a\r\n b',
      'a\0b',
    ),
  },
  { weight: 2, arbitrary: fc.string() },
  { weight: 1, arbitrary: bytes },
);
const target = fc.oneof(
  fc.webPath(),
  fc.constantFrom(
    '/',
    '/a?b',
    '*',
    'a.test:443',
    'https://a.test/x',
    'https://b.test/',
    'http://a.test/',
    'https://a.test?q',
    '/a#b',
    '/\\',
    '//x',
    '',
  ),
  bytes,
  bytes.map((text) => `/${text}`),
);

const input: fc.Arbitrary<HeadInput> = fc.record({
  method: fc.oneof(fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'get'), bytes),
  target,
  rawHeaders: fc
    .array(fc.tuple(headerName, headerValue), { maxLength: 12 })
    .chain((lines) =>
      fc.boolean().map((withHost) => (withHost ? [['Host', 'a.test'] as [string, string], ...lines] : lines)),
    )
    .map((lines) => lines.flat()),
  httpVersion: fc.constantFrom('1.1', '1.1', '1.1', '1.0', '2.0', ''),
  secure: fc.boolean(),
});

/** The request as bytes, by the book and by nothing else. */
function serialise(head: Head, secure: boolean): string {
  const lines = wireHeaders(head, secure).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${head.method} ${wireTarget(head)} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** What a plain parser, with no leniency at all, reads back. */
function reparse(text: string): HeadInput | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end !== text.length - 4) return undefined;
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const parts = line.split(' ');
  if (parts.length !== 3 || parts[2] !== 'HTTP/1.1') return undefined;
  const rawHeaders = fields.flatMap((field) => {
    const colon = field.indexOf(': ');
    return [field.slice(0, colon), field.slice(colon + 2)];
  });
  return { method: parts[0] as string, target: parts[1] as string, rawHeaders, httpVersion: '1.1', secure: true };
}

function assert(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

function unambiguous(text: string): void {
  const read = reparse(text);
  assert(read !== undefined, 'does not read back as one head');
  const names = (read as HeadInput).rawHeaders.filter((_, index) => index % 2 === 0);
  const count = (name: string): number => names.filter((other) => other === name).length;
  assert(count('host') === 1, 'not exactly one Host');
  assert(count('content-length') + count('transfer-encoding') <= 1, 'more than one framing header');
  for (const name of names) {
    assert(/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name), 'name is not a lower-case token');
    assert(name === 'transfer-encoding' || !HOP_BY_HOP.has(name), 'hop-by-hop header');
    assert(!OVERRIDES.has(name.replaceAll('_', '-')), 'override header');
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  assert(!/[\0-\x08\x0a-\x1f\x7f]/.test(text.replaceAll('\r\n', '')), 'control character');
}

const noUpgrade = ({ upgrade: _upgrade, websocketKey: _key, expectContinue: _expect, ...rest }: Head): unknown => rest;

const frameInput = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom(1, 2), fc.boolean(), fc.uint8Array({ maxLength: 300 })),
    fc.tuple(fc.constant(0), fc.boolean(), fc.uint8Array({ maxLength: 70_000, size: 'max' })),
    fc.tuple(fc.constantFrom(9, 10), fc.constant(true), fc.uint8Array({ maxLength: 125 })),
    fc.constant([8, true, new Uint8Array(closePayload(1000, ''))] as [number, boolean, Uint8Array]),
  ),
  { maxLength: 8 },
);

function cut(all: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (all.length + 1)))].sort((a, b) => a - b);
  // A copy: the reader unmasks in place.
  return [0, ...at].map((start, index) => Buffer.from(all.subarray(start, at[index] ?? all.length)));
}

/** Messages and control frames in order, payloads joined; or the error that ended it. */
function outline(pieces: readonly Piece[]): string[] {
  const lines: string[] = [];
  let open: Buffer[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'control') lines.push(`${piece.opcode} ${piece.payload.toString('hex')}`);
    else {
      if (piece.first) open = [];
      open.push(piece.payload);
      if (piece.last) lines.push(`${piece.opcode} ${Buffer.concat(open).toString('hex')}`);
    }
  }
  return lines;
}

function readAll(chunks: readonly Buffer[]): string[] {
  const reader = new FrameReader();
  const pieces: Piece[] = [];
  try {
    for (const chunk of chunks) for (const piece of reader.push(chunk)) pieces.push(piece);
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return [...outline(pieces), `error ${error.code} ${error.message}`];
  }
  return outline(pieces);
}

/** Passes everything, at once. */
const session: InspectSession = {
  open: () => ({
    field: () => ({ findings: [], release: [] }),
    push: (chunk) => ({ findings: [], release: [chunk] }),
    end: () => ({ findings: [], release: [] }),
    commit: () => ({ findings: [], release: [] }),
    abort() {},
  }),
};
const rules = {
  admitMessage() {},
  take: () => ({ resize: () => true, release() {} }),
  hold() {},
  admitSize() {},
  charge() {},
  judge: (step: { release: readonly Buffer[] }) => step.release,
};

async function judgeAll(chunks: readonly Buffer[]): Promise<string[]> {
  const judge = new WebSocketJudge(session, rules);
  const frames: Buffer[] = [];
  try {
    for (const chunk of chunks) frames.push(...(await judge.push(chunk)));
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    judge.abort();
    return [`error ${error.code}`];
  }
  // Frame by frame, so that fragments count too; the masks are random and so taken off.
  return frames.map((frame) => {
    const before = ((frame[0] as number) & 0x0f) === 0 ? clientFrame(1, false, Buffer.alloc(0)) : Buffer.alloc(0);
    const [piece] = new FrameReader().push(Buffer.concat([before, frame]));
    return `${(frame[0] as number).toString(16)} ${piece?.payload.toString('hex')}`;
  });
}

export const properties: { name: string; property: fc.IProperty<unknown> | fc.IAsyncProperty<unknown> }[] = [
  {
    name: 'any head is judged without an exception; what passes is written as one unambiguous request',
    property: fc.property(input, (given) => {
      const check = checkHead(given);
      if (!check.ok) return;
      unambiguous(serialise(check.head, given.secure));
    }) as fc.IProperty<unknown>,
  },
  {
    name: 'the canonical form of a head is a fixed point',
    property: fc.property(input, (given) => {
      const check = checkHead(given);
      if (!check.ok) return;
      const once = serialise(check.head, given.secure);
      const again = checkHead({ ...(reparse(once) as HeadInput), secure: given.secure });
      if (!again.ok) throw new Error(`canonical form is refused: ${again.detail}`);
      assert(serialise(again.head, given.secure) === once, 'canonical form changes');
      assert(JSON.stringify(noUpgrade(again.head)) === JSON.stringify(noUpgrade(check.head)), 'meaning changes');
    }) as fc.IProperty<unknown>,
  },
  {
    name: 'any bytes of a WebSocket are read the same in any chunks, or refused the same',
    property: fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        frameInput.map((frames) =>
          Buffer.concat(frames.map(([op, fin, data]) => clientFrame(op, fin, Buffer.from(data)))),
        ),
      ),
      fc.array(fc.nat(), { maxLength: 12 }),
      (raw, cuts) => {
        const all = Buffer.from(raw);
        assert(JSON.stringify(readAll(cut(all, []))) === JSON.stringify(readAll(cut(all, cuts))), 'chunks matter');
      },
    ) as fc.IProperty<unknown>,
  },
  {
    name: 'what is written for a WebSocket does not depend on chunks',
    property: fc.asyncProperty(frameInput, fc.array(fc.nat(), { maxLength: 12 }), async (frames, cuts) => {
      const all = Buffer.concat(frames.map(([op, fin, data]) => clientFrame(op, fin, Buffer.from(data))));
      assert(
        JSON.stringify(await judgeAll(cut(all, []))) === JSON.stringify(await judgeAll(cut(all, cuts))),
        'chunks matter',
      );
    }) as fc.IAsyncProperty<unknown>,
  },
  {
    name: 'a message is the same after it was put together anew',
    property: fc.property(fc.array(fc.uint8Array({ maxLength: 90_000, size: 'max' }), { maxLength: 4 }), (parts) => {
      const writer = new MessageWriter(OPCODE.binary);
      const frames: Buffer[] = [];
      for (const part of parts)
        for (const payload of writer.append(Buffer.from(part))) frames.push(writer.frame(payload, false));
      frames.push(writer.frame(writer.finish(), true));
      const expected = `2 ${Buffer.concat(parts.map((part) => Buffer.from(part))).toString('hex')}`;
      assert(readAll(frames).join() === expected, 'the message changed');
    }) as fc.IProperty<unknown>,
  },
];
