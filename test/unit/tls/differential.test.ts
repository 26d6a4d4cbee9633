/** Our reader against OpenSSL: of no hello that both take may they read different names. */
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HelloReader } from '../../../sidecar/tls/clienthello.ts';
import { REAL_HELLOS } from './hellos.ts';

const NONE = '(no name)';
const CASES = 1500;

/** Real hellos with a byte or two changed: most are still hellos to somebody. */
const hellos = fc
  .tuple(
    fc.constantFrom(...Object.values(REAL_HELLOS)),
    fc.array(fc.tuple(fc.nat(700), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 2 }),
  )
  .map(([text, changes]) => {
    const bytes = Buffer.from(text, 'base64');
    for (const [offset, value] of changes) bytes.writeUInt8(value, offset % bytes.length);
    return bytes;
  });

/** The name that OpenSSL reads in `bytes`; undefined when it does not get so far. */
function opensslName(bytes: Buffer): Promise<string | undefined> {
  return new Promise((resolve) => {
    const answered = Promise.withResolvers<void>();
    const wire = new Duplex({
      allowHalfOpen: false,
      read() {},
      write(_chunk, _encoding, done) {
        // A ServerHello or an alert: the hello was read.
        answered.resolve();
        done();
      },
    });
    let name: string | undefined;
    const secureContext = tls.createSecureContext();
    const socket = new tls.TLSSocket(wire, {
      isServer: true,
      secureContext,
      SNICallback: (serverName, done) => {
        name = serverName.toLowerCase() || NONE;
        done(null, secureContext);
      },
    });
    socket.on('error', () => answered.resolve()).on('close', () => answered.resolve());
    answered.promise.then(() => {
      socket.destroy();
      wire.destroy();
      resolve(name);
    });
    wire.push(bytes);
    wire.push(null);
  });
}

describe('ClientHello', () => {
  it('means the same to OpenSSL', async () => {
    let both = 0;
    for (const bytes of fc.sample(hellos, { numRuns: CASES, seed: 11 })) {
      const verdict = new HelloReader().push(bytes);
      const theirs = await opensslName(bytes);
      if (verdict === 'more' || !verdict.ok || theirs === undefined) continue;
      both++;
      expect({ hello: bytes.toString('hex'), name: theirs }).toEqual({
        hello: bytes.toString('hex'),
        name: verdict.hello.serverName ?? NONE,
      });
    }
    // The comparison must have taken place.
    expect(both).toBeGreaterThan(CASES / 10);
  });
});
