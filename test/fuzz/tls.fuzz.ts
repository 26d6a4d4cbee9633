/** Properties of the ClientHello reader: no input crashes it, and how bytes are cut changes nothing. */
import fc from 'fast-check';
import { HelloReader, type HelloVerdict, MAX_HELLO_BYTES } from '../../sidecar/tls/clienthello.ts';
import {
  extension,
  helloMessage,
  hostEntry,
  message,
  record,
  records,
  vector8,
  vector16,
} from '../unit/tls/hello-builder.ts';
import { REAL_HELLOS } from '../unit/tls/hellos.ts';

const REAL = Object.values(REAL_HELLOS).map((text) => Buffer.from(text, 'base64'));
const HOST = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const cuts = fc.array(fc.nat(4096), { maxLength: 24 });

/** Cut, changed, doubled and shortened copies of what real clients sent. */
const mutated = fc
  .tuple(
    fc.constantFrom(...REAL),
    fc.array(fc.tuple(fc.nat(2047), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    fc.option(fc.tuple(fc.nat(2047), bytes(24)), { nil: undefined }),
    fc.option(fc.nat(2047), { nil: undefined }),
  )
  .map(([real, changes, insertion, end]) => {
    let out = Buffer.from(real);
    for (const [offset, value] of changes) out.writeUInt8(value, offset % out.length);
    if (insertion) {
      const at = insertion[0] % out.length;
      out = Buffer.concat([out.subarray(0, at), insertion[1], out.subarray(at)]);
    }
    return end === undefined ? out : out.subarray(0, end % out.length);
  });

const extensions = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom(0, 16, 41, 43, 0xfe0d, 0xffce, 0x1234), bytes(40))
      .map(([type, data]) => extension(type, data)),
    bytes(20).map((name) => extension(0, vector16(hostEntry(name)))),
    fc.domain().map((name) => extension(0, vector16(hostEntry(name)))),
    bytes(12).map((name) => extension(16, vector16(vector8(name)))),
  ),
  { maxLength: 5 },
);

/** Hellos of the right frame with strange contents, over records of any size. */
const built = fc
  .tuple(extensions, fc.integer({ min: 1, max: 600 }), bytes(6))
  .map(([list, size, after]) => Buffer.concat([records(helloMessage({ extensions: list }), size), after]));

const framed = fc
  .tuple(bytes(200), fc.constantFrom(1, 1, 1, 2, 11), fc.integer({ min: 1, max: 80 }))
  .map(([body, type, size]) => records(message(type, body), size));

const inputs = fc.oneof(
  bytes(300),
  bytes(100).map((fragment) => record(fragment)),
  mutated,
  built,
  framed,
);

function outcome(input: Buffer, positions: readonly number[]): 'more' | HelloVerdict {
  const reader = new HelloReader();
  const ends = [...new Set(positions.map((position) => position % (input.length + 1)))].toSorted((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    reader.push(input.subarray(start, end));
    start = end;
  }
  return reader.push(input.subarray(start));
}

function equal(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

export const properties = [
  {
    name: 'the verdict on a ClientHello does not depend on how its bytes are cut',
    property: fc.property(inputs, cuts, (input, positions) => equal(outcome(input, []), outcome(input, positions))),
  },
  {
    name: 'a ClientHello byte by byte is judged like the whole, and at the same byte whatever follows',
    property: fc.property(inputs, bytes(20), (input, after) => {
      const reader = new HelloReader();
      const whole = outcome(input, []);
      for (let index = 0; index < input.length; index++) {
        const verdict = reader.push(input.subarray(index, index + 1));
        if (verdict !== 'more')
          return equal(verdict, whole) && equal(whole, outcome(Buffer.concat([input, after]), []));
      }
      return whole === 'more';
    }),
  },
  {
    name: 'what comes out of a ClientHello is a host name, or nothing',
    property: fc.property(inputs, (input) => {
      const verdict = outcome(input, []);
      if (verdict === 'more') return input.length < MAX_HELLO_BYTES;
      if (!verdict.ok) return /^[\w ,]+$/.test(verdict.reason);
      const { serverName } = verdict.hello;
      return serverName === undefined || (HOST.test(serverName) && !/(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(serverName));
    }),
  },
  {
    name: 'a real ClientHello is read the same over records of any size',
    property: fc.property(
      fc.constantFrom(...REAL),
      fc.integer({ min: 1, max: 2000 }),
      cuts,
      (real, size, positions) => {
        const verdict = outcome(records(real.subarray(5), size), positions);
        return verdict !== 'more' && verdict.ok && equal(verdict, outcome(real, []));
      },
    ),
  },
];
