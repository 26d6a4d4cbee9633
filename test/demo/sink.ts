/** The receiving end of the demo's leaks: a name server and a web server that count what they learn of a secret. */
import dgram from 'node:dgram';
import https from 'node:https';
import type { Heard } from './variants.ts';

/** Length in bytes of the longest part of `secret` that occurs in `heard`. */
export function longestPart(secret: string, heard: string): number {
  let best = 0;
  for (let start = 0; start + best < secret.length; start++) {
    while (start + best < secret.length && heard.includes(secret.slice(start, start + best + 1))) best++;
  }
  return best;
}

export class Sink {
  #names: string[] = [];
  #asked: string[] = [];
  #requests: { url: string; headers: Record<string, string>; body: string }[] = [];

  /** Answers every A query with `address`, every other with an empty answer; remembers the names. */
  async serveDns(address: string, answer: string): Promise<dgram.Socket> {
    const socket = dgram.createSocket('udp4');
    socket.on('message', (query, from) => {
      const labels: string[] = [];
      let at = 12;
      for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
        labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
        at += 1 + length;
      }
      const isA = query.readUInt16BE(at + 1) === 1;
      this.#names.push(labels.join('.'));
      // A resolver asks for both kinds of addresses.
      if (isA) this.#asked.push(labels.join('.').toLowerCase());
      const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x85, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0]);
      const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...answer.split('.').map(Number)]);
      socket.send(
        Buffer.concat([header, query.subarray(12, at + 5), ...(isA ? [record] : [])]),
        from.port,
        from.address,
      );
    });
    await new Promise<void>((done) => socket.bind(53, address, done));
    return socket;
  }

  /** Accepts every request with 204 and remembers it. */
  async serveHttps(address: string, cert: string, key: string): Promise<https.Server> {
    const server = https.createServer({ cert, key }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, `${value}`]));
        this.#requests.push({ url: request.url ?? '', headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((done) => server.listen(443, address, done));
    return server;
  }

  /** Bytes of each secret that arrived, through DNS (plain or hex labels) and through HTTPS (plain or base64). */
  learned(secrets: { aws: string; ssh: string }): { dns: number; https: number } {
    const joined = this.#names.map((name) => name.replaceAll('.', ' '));
    const undotted = this.#names.map((name) => name.replaceAll('.', ''));
    const unhexed = undotted.flatMap((name) =>
      (name.match(/[0-9a-f]{8,}/gi) ?? []).map((run) => Buffer.from(run, 'hex').toString('latin1')),
    );
    const bodies = this.#requests.map(({ url, body }) => `${url} ${body}`);
    const unbased = bodies.flatMap((body) =>
      (body.match(/[A-Za-z0-9+/=]{16,}/g) ?? []).map((run) => Buffer.from(run, 'base64').toString('latin1')),
    );
    const least = 4; // shorter parts coincide by chance
    const counted = (n: number) => (n < least ? 0 : n);
    return {
      dns: counted(longestPart(secrets.aws.toLowerCase(), [...joined, ...unhexed].join('\n').toLowerCase())),
      https: counted(longestPart(secrets.ssh, [...bodies, ...unbased].join('\n'))),
    };
  }

  /** The requests, and the names that were asked for below a zone, in the order in which they came. */
  heard(zone: string): Heard {
    const below = this.#asked
      .filter((name) => name.endsWith(`.${zone}`))
      .map((name) => name.slice(0, -zone.length - 1));
    return { names: below, requests: this.#requests };
  }

  forget(): void {
    this.#names = [];
    this.#asked = [];
    this.#requests = [];
  }
}
