/**
 * One question to one nameserver: over UDP, and over TCP when the answer is cut or the path looks tampered with. Each
 * query has a random id, a new socket (so a random port) and letters in random case (RFC 5452, draft-vixie-dnsext-dns0x20).
 */
import { randomBytes, randomInt } from 'node:crypto';
import type dgram from 'node:dgram';
import type net from 'node:net';
import type { Egress, Endpoint } from '../tcp/types.ts';
import { FrameReader, frame } from './frames.ts';
import { decodeResponse, encodeQuery, type Question, type Reply } from './response.ts';
import type { Labels } from './wire.ts';

/** Answers to other questions that one UDP query puts up with before it takes them for a forger's guesses. */
export const MAX_STRAY_REPLIES = 8;
const MAX_RESPONSE_BYTES = 65_535;

/** The way one nameserver failed; the next may do better. */
export class ExchangeError extends Error {
  override name = 'ExchangeError';
}

/**
 * Asks `server` for records of `type` at `labels`.
 * @throws ExchangeError, or the reason of `signal`.
 */
export async function exchange(
  egress: Egress,
  server: Endpoint,
  labels: Labels,
  type: number,
  signal: AbortSignal,
): Promise<Reply> {
  const overUdp = await askUdp(egress, server, { id: randomInt(0x1_0000), labels: mixCase(labels), type }, signal);
  if (overUdp !== 'use-tcp') return overUdp;
  return askTcp(egress, server, { id: randomInt(0x1_0000), labels, type }, signal);
}

/** Each letter in a case of its own, at random: bits that a forger must guess besides the id and the port. */
export function mixCase(labels: Labels): Buffer[] {
  return labels.map((label) => {
    const coins = randomBytes(label.length);
    return Buffer.from(label.map((octet, i) => (isLetter(octet) ? octet ^ ((coins[i] as number) & 0x20) : octet)));
  });
}

function isLetter(octet: number): boolean {
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function askUdp(egress: Egress, server: Endpoint, question: Question, signal: AbortSignal): Promise<Reply | 'use-tcp'> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket: dgram.Socket = egress.udp(server.address.includes(':') ? 'udp6' : 'udp4');
    let strays = 0;
    const finish = (settle: () => void): void => {
      signal.removeEventListener('abort', abort);
      // Late errors of a socket that is being closed concern nobody.
      socket.removeAllListeners().on('error', () => undefined);
      socket.close();
      settle();
    };
    const fail = (message: string): void => finish(() => reject(new ExchangeError(message)));
    const abort = (): void => finish(() => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', (error) => fail(`udp: ${error.message}`));
    socket.on('message', (message) => {
      const response = decodeResponse(message, question, true);
      switch (response.kind) {
        case 'stray':
          if (++strays > MAX_STRAY_REPLIES) finish(() => resolve('use-tcp'));
          return;
        // unbound asks again and compares; over TCP there is nothing to guess, and servers that fold case work there.
        case 'case':
        case 'truncated':
          return finish(() => resolve('use-tcp'));
        case 'malformed':
          return fail('udp: malformed response');
        case 'reply':
          return finish(() => resolve(response));
      }
    });
    // Connected: the kernel drops what other addresses send, and a closed port is an error at once.
    try {
      socket.connect(server.port, server.address, () => socket.send(encodeQuery(question)));
    } catch (error) {
      fail(`udp: ${(error as Error).message}`);
    }
  });
}

function askTcp(egress: Egress, server: Endpoint, question: Question, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket: net.Socket = egress.tcp(server);
    const frames = new FrameReader(MAX_RESPONSE_BYTES);
    const finish = (settle: () => void): void => {
      signal.removeEventListener('abort', abort);
      socket.removeAllListeners().on('error', () => undefined);
      socket.destroy();
      settle();
    };
    const fail = (message: string): void => finish(() => reject(new ExchangeError(message)));
    const abort = (): void => finish(() => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', (error) => fail(`tcp: ${error.message}`));
    socket.on('end', () => fail('tcp: closed without an answer'));
    socket.on('close', () => fail('tcp: closed without an answer'));
    socket.on('connect', () => socket.write(frame(encodeQuery(question))));
    socket.on('data', (chunk) => {
      const messages = frames.push(chunk);
      if (!messages) return fail('tcp: malformed frame');
      if (messages[0] === undefined) return;
      const response = decodeResponse(messages[0], question, false);
      if (response.kind === 'reply') finish(() => resolve(response));
      else fail(`tcp: ${response.kind} response`);
    });
  });
}
