import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { ClientTlsError } from '../../../sidecar/tls/client-error.ts';
import { HelloReader } from '../../../sidecar/tls/clienthello.ts';
import { createTerminator, type TerminatorOptions } from '../../../sidecar/tls/terminate.ts';
import { closeAll, dial, listen } from './sockets.ts';

const HOST = 'registry.example.com';
let authority: Authority;

beforeAll(async () => {
  authority = await Authority.create();
});

afterEach(closeAll);

type Outcome = { secure: tls.TLSSocket; context: string } | { error: ClientTlsError; context: string };

/** A port that reads a hello, gives it back and terminates for `host`; and what came of each connection. */
async function front(options: Partial<TerminatorOptions<string>> = {}, host = HOST) {
  const outcomes: Outcome[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  const settle = (outcome: Outcome) => {
    outcomes.push(outcome);
    waiting.shift()?.(outcome);
  };
  const terminate = createTerminator<string>({
    authority,
    onSecure: (secure, context) => {
      secure.on('data', (bytes) => secure.write(bytes));
      settle({ secure, context });
    },
    onFailure: (error, context) => settle({ error, context }),
    ...options,
  });
  let connections = 0;
  const port = await listen((raw) => {
    const reader = new HelloReader();
    const held: Buffer[] = [];
    const onData = (chunk: Buffer) => {
      held.push(chunk);
      if (reader.push(chunk) === 'more') return;
      raw.off('data', onData);
      raw.pause();
      raw.unshift(Buffer.concat(held));
      terminate(raw, `connection ${++connections}`, host);
    };
    raw.on('data', onData);
  });
  const outcome = () => new Promise<Outcome>((resolve) => waiting.push(resolve));
  return { port, outcomes, outcome, terminate };
}

function client(port: number, options: tls.ConnectionOptions = {}): tls.TLSSocket {
  const socket = tls.connect({ port, host: '127.0.0.1', servername: HOST, ca: authority.certificatePem, ...options });
  socket.on('error', () => {});
  return socket;
}

async function failureOf(options: tls.ConnectionOptions, host = HOST): Promise<string> {
  const { port, outcome } = await front({}, host);
  const settled = outcome();
  const socket = client(port, options);
  const result = await settled;
  socket.destroy();
  if ('secure' in result) throw new Error('the handshake succeeded');
  return result.error.failure;
}

describe('terminate', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'carries bytes over %s, with the context of its connection',
    async (version) => {
      const { port, outcome } = await front();
      const settled = outcome();
      const socket = client(port, { ALPNProtocols: ['h2', 'http/1.1'], minVersion: version, maxVersion: version });
      await once(socket, 'secureConnect');
      expect(socket.authorized).toBe(true);
      expect(socket.getPeerCertificate().subjectaltname).toBe(`DNS:${HOST}`);
      expect(socket.alpnProtocol).toBe('http/1.1');
      socket.write('hello');
      expect(String((await once(socket, 'data'))[0])).toBe('hello');
      expect(await settled).toMatchObject({ context: 'connection 1', secure: { alpnProtocol: 'http/1.1' } });
      socket.destroy();
    },
  );

  it('serves a client without ALPN, and one that writes the name in capitals', async () => {
    const { port } = await front();
    for (const servername of [HOST, HOST.toUpperCase()]) {
      const socket = client(port, { servername });
      await once(socket, 'secureConnect');
      socket.write('x');
      await once(socket, 'data');
      socket.destroy();
    }
  });

  it('keeps connections apart', async () => {
    const { port, outcomes } = await front();
    const sockets = Array.from({ length: 8 }, () => client(port));
    await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
    for (const socket of sockets) {
      socket.write('x');
      await once(socket, 'data');
      socket.destroy();
    }
    expect(new Set(outcomes.map((outcome) => outcome.context)).size).toBe(8);
    expect(outcomes.every((outcome) => 'secure' in outcome)).toBe(true);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'serves a client that comes back with its session, by a new one: %s',
    async (version) => {
      const { port, outcomes } = await front();
      let session: Buffer | undefined;
      for (let i = 1; i <= 3; i++) {
        const socket = client(port, { maxVersion: version, ...(session && { session }) });
        socket.on('session', (given: Buffer) => {
          session = given;
        });
        await once(socket, 'secureConnect');
        expect(socket.isSessionReused()).toBe(false);
        session ??= socket.getSession();
        // Client and server see the end of a handshake apart: what counts is that bytes come back.
        socket.write('ping');
        expect(String((await once(socket, 'data'))[0])).toBe('ping');
        socket.destroy();
        expect(outcomes).toHaveLength(i);
      }
      expect(outcomes.every((outcome) => 'secure' in outcome)).toBe(true);
    },
  );

  it.each<[string, tls.ConnectionOptions]>([
    // Node looks at the certificate after the handshake, and then just leaves.
    ['closed', { ca: [] }],
    ['no-common-protocol', { ALPNProtocols: ['h2'] }],
    ['no-common-protocol', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['no-common-protocol', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }],
  ])('%s: %j', async (failure, options) => {
    expect(await failureOf(options)).toBe(failure);
  });

  it.each(['-tls1_2', '-tls1_3'])('a client that sends an alert because it does not trust us, %s', async (version) => {
    const { port, outcome } = await front();
    const settled = outcome();
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', HOST, '-verify_return_error', version];
    await expect(promisify(execFile)('openssl', args)).rejects.toThrow('verify error');
    expect(await settled).toMatchObject({ error: { failure: 'distrusts-authority' } });
  });

  it.each([
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'distrusts-authority'],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'distrusts-authority'], // Java
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'distrusts-authority'], // Go
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'malformed'],
  ])('%s of OpenSSL is %s', (code, failure) => {
    expect(ClientTlsError.from(Object.assign(new Error('alert'), { code })).failure).toBe(failure);
  });

  it('gives no certificate for a name other than the one that was judged', async () => {
    expect(await failureOf({}, 'other.example.com')).toBe('server-name');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('takes no session of one name for another: %s', async (version) => {
    let host = HOST;
    const results: string[] = [];
    const terminate = createTerminator<string>({
      authority,
      onSecure: (socket, context) => {
        results.push(context);
        socket.end('x');
      },
      onFailure: (error) => results.push(error.failure),
    });
    const port = await listen((raw) => terminate(raw, host, host));
    const first = client(port, { maxVersion: version });
    await once(first, 'data');
    const session = first.getSession();
    first.destroy();
    host = 'other.example.com';
    for (const servername of [HOST, host]) {
      const second = client(port, { maxVersion: version, servername, ...(session && { session }) });
      second.resume();
      await new Promise((resolve) => second.once('close', resolve));
      expect(second.isSessionReused()).not.toBe(true);
    }
    expect(results).toEqual([HOST, 'server-name', host]);
  });

  it('a client that says nothing more is cut off', async () => {
    const { terminate, outcome } = await front({ handshakeTimeoutMs: 50 });
    const settled = outcome();
    const port = await listen((raw) => terminate(raw, 'silent', HOST));
    const socket = await dial(port);
    expect(await settled).toMatchObject({ context: 'silent', error: { failure: 'timeout' } });
    if (!socket.destroyed) await once(socket.resume(), 'close');
  });

  it.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'a client that goes away (%s) is reported once',
    async (how) => {
      const { terminate, outcome, outcomes } = await front();
      const settled = outcome();
      const port = await listen((raw) => terminate(raw, 'gone', HOST));
      const socket = await dial(port);
      socket[how]();
      expect(await settled).toMatchObject({ context: 'gone', error: { failure: 'closed' } });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(outcomes).toHaveLength(1);
    },
  );

  it('a connection that is gone already is reported too', async () => {
    const { terminate, outcomes } = await front();
    const raw = new net.Socket();
    raw.destroy();
    terminate(raw, 'dead', HOST);
    expect(outcomes).toMatchObject([{ context: 'dead', error: { failure: 'closed' } }]);
  });

  it('bytes that are no handshake are reported as malformed', async () => {
    const { terminate, outcome } = await front();
    const settled = outcome();
    const port = await listen((raw) => terminate(raw, 'noise', HOST));
    (await dial(port)).write(Buffer.from('16030100051000000000', 'hex'));
    expect(await settled).toMatchObject({ context: 'noise', error: { failure: 'malformed' } });
  });

  it('an authority that cannot make a leaf fails the one connection', async () => {
    const broken = { leaf: () => Promise.reject(new Error('no leaf')) };
    const { port, outcome } = await front({ authority: broken });
    const settled = outcome();
    client(port);
    expect(await settled).toMatchObject({ error: { failure: 'malformed', cause: { message: 'no leaf' } } });
  });

  it('errors after the handshake do not reach the process', async () => {
    const { port, outcome } = await front();
    const settled = outcome();
    const socket = client(port);
    await once(socket, 'secureConnect');
    const result = await settled;
    if (!('secure' in result)) throw result.error;
    const closed = once(result.secure, 'close');
    result.secure.destroy(new Error('late'));
    await expect(closed).rejects.toThrow('late');
    socket.destroy();
  });
});
