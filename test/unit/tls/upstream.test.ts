import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { connectTls, UpstreamTlsError, type UpstreamTlsOptions } from '../../../sidecar/tls/upstream.ts';
import { closeAll, dial, listen } from './sockets.ts';

const run = promisify(execFile);
const HOST = 'registry.example.com';
let authority: Authority;
let roots: string[];
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-upstream-'));
  authority = await Authority.create();
  roots = [authority.certificatePem];
});

afterEach(closeAll);
afterAll(() => rmSync(directory, { recursive: true }));

async function serve(options: tls.TlsOptions): Promise<number> {
  const server = tls.createServer(options, (socket) => socket.on('error', () => {}).end('welcome'));
  server.on('tlsClientError', () => {});
  return listen((socket) => server.emit('connection', socket));
}

async function connect(port: number, options: Partial<UpstreamTlsOptions> = {}): Promise<tls.TLSSocket> {
  return connectTls(await dial(port), { host: HOST, roots, alpn: ['http/1.1'], ...options });
}

async function failure(port: number, options: Partial<UpstreamTlsOptions> = {}): Promise<UpstreamTlsError> {
  const socket = await dial(port);
  const error: unknown = await connectTls(socket, { host: HOST, roots, alpn: ['http/1.1'], ...options }).then(
    () => new Error('the handshake succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UpstreamTlsError);
  expect(socket.destroyed).toBe(true);
  return error as UpstreamTlsError;
}

function leaf(host = HOST): tls.TlsOptions {
  return { key: authority.leafKeyPem, cert: authority.leafPem(host) };
}

/** A self-signed certificate made by openssl with the given arguments. */
async function selfSigned(...args: string[]): Promise<{ key: string; cert: string }> {
  const [key, cert] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')];
  const common = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run('openssl', [...common, '-keyout', key, '-out', cert, ...args]);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

describe('connectTls', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('verifies and agrees on a protocol over %s', async (version) => {
    const names: (string | undefined)[] = [];
    const port = await serve({
      ...leaf(),
      ALPNProtocols: ['h2', 'http/1.1'],
      maxVersion: version,
      SNICallback: (name, done) => {
        names.push(name);
        done(null, tls.createSecureContext(leaf()));
      },
    });
    const socket = await connect(port);
    expect(socket.authorized).toBe(true);
    expect(socket.alpnProtocol).toBe('http/1.1');
    expect(socket.getProtocol()).toBe(version);
    expect(names).toEqual([HOST]);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(String(Buffer.concat(chunks))).toBe('welcome');
  });

  it('reports a certificate for another name', async () => {
    const error = await failure(await serve(leaf('other.example.com')));
    expect(error.failure).toBe('name-mismatch');
    expect(error.reason).toBe('upstream.tls');
    expect(error.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(error.message).toBe("registry.example.com: the server's certificate is for other names");
  });

  it('does not fall back to the common name', async () => {
    const options = await selfSigned('-subj', `/CN=${HOST}`);
    expect((await failure(await serve(options), { roots: [options.cert] })).failure).toBe('name-mismatch');
  });

  it('reports an unknown issuer', async () => {
    const stranger = await Authority.create();
    const port = await serve({ key: stranger.leafKeyPem, cert: stranger.leafPem(HOST) });
    expect((await failure(port)).failure).toBe('unknown-issuer');
  });

  it('does not trust the roots of Node when others are given', async () => {
    expect((await failure(await serve(leaf()), { roots: [] })).failure).toBe('unknown-issuer');
  });

  it('reports self-signed certificates, alone and in a chain', async () => {
    const alone = await selfSigned('-subj', '/CN=x', '-addext', `subjectAltName=DNS:${HOST}`);
    expect((await failure(await serve(alone))).failure).toBe('self-signed');
    const stranger = await Authority.create();
    const chain = { key: stranger.leafKeyPem, cert: stranger.leafPem(HOST) + stranger.certificatePem };
    expect((await failure(await serve(chain))).failure).toBe('self-signed');
  });

  it('reports dates', async () => {
    const at = async (now: number) => {
      const made = await Authority.create({ now: () => now });
      const port = await serve({ key: made.leafKeyPem, cert: made.leafPem(HOST) });
      return (await failure(port, { roots: [made.certificatePem] })).failure;
    };
    expect(await at(Date.parse('2016-01-01T00:00:00Z'))).toBe('expired');
    expect(await at(Date.parse('2100-01-01T00:00:00Z'))).toBe('not-yet-valid');
  });

  it('reports a certificate that is not for servers', async () => {
    const options = await selfSigned(
      ...['-subj', '/CN=x', '-addext', `subjectAltName=DNS:${HOST}`, '-addext', 'extendedKeyUsage=clientAuth'],
    );
    const port = await serve(options);
    expect((await failure(port, { roots: [options.cert] })).failure).toBe('unsuitable-certificate');
  });

  it('wants TLS 1.2', async () => {
    const port = await serve({
      ...leaf(),
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    expect((await failure(port)).failure).toBe('no-common-protocol');
  });

  it('reports a server that has no protocol in common', async () => {
    expect((await failure(await serve({ ...leaf(), ALPNProtocols: ['h2'] }))).failure).toBe('no-common-protocol');
  });

  it('reports a server that has no certificate for the name', async () => {
    const port = await serve({ ALPNProtocols: ['http/1.1'], SNICallback: (_name, done) => done(null) });
    expect((await failure(port)).failure).toBe('no-common-protocol');
  });

  it.each([
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('reports a port that speaks %s', async (_what, banner) => {
    expect((await failure(await listen((socket) => socket.write(banner)))).failure).toBe('not-tls');
  });

  it('reports a server that hangs up', async () => {
    expect((await failure(await listen((socket) => socket.destroy()))).failure).toBe('closed');
    expect((await failure(await listen((socket) => socket.end()))).failure).toBe('closed');
    const resets = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect((await failure(resets)).failure).toBe('closed');
  });

  it('reports a socket that is closed already', async () => {
    const socket = await dial(await serve(leaf()));
    socket.destroy();
    await expect(connectTls(socket, { host: HOST, roots, alpn: [] })).rejects.toMatchObject({ failure: 'closed' });
  });

  it('gives up on a silent server, and when told to', async () => {
    const silent = await listen(() => {});
    expect(await failure(silent, { timeoutMs: 30 })).toMatchObject({ failure: 'timeout', reason: 'upstream.timeout' });
    expect((await failure(silent, { signal: AbortSignal.abort() })).failure).toBe('aborted');
    const late = new AbortController();
    setTimeout(() => late.abort(), 10);
    expect((await failure(silent, { signal: late.signal })).failure).toBe('aborted');
  });

  it('a signal that comes after the handshake does nothing', async () => {
    const late = new AbortController();
    const socket = await connect(await serve(leaf()), { signal: late.signal });
    late.abort();
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });
});

describe('UpstreamTlsError.from', () => {
  it.each([
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'refused-by-server'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'no-common-protocol'],
    ['SOMETHING_NEW', 'handshake'],
  ])('%s is %s', (code, expected) => {
    const error = UpstreamTlsError.from(HOST, Object.assign(new Error('x'), { code }));
    expect(error).toMatchObject({ failure: expected, code });
    expect(UpstreamTlsError.from(HOST, error)).toBe(error);
  });
});
