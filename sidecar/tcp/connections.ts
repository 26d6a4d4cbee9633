/** How many connections are served at once. */
import type net from 'node:net';
import { reset } from './reset.ts';

/** Each costs two descriptors, and buffers and TLS on both sides: a quarter of a MiB at worst, half of what a pod has. */
export const MAX_CONNECTIONS = 512;

/** Counts live sockets and refuses those over the bound. */
export class Connections {
  readonly #live = new Set<net.Socket>();
  readonly #max: number;
  #refused = 0;
  #whenIdle: (() => void)[] = [];

  constructor(max = MAX_CONNECTIONS) {
    this.#max = max;
  }

  get active(): number {
    return this.#live.size;
  }

  /** Refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes the socket until it closes; false (and the socket reset) when there are too many (reason bound.connections). */
  admit(socket: net.Socket): boolean {
    if (this.#live.size >= this.#max) {
      this.#refused++;
      reset(socket);
      return false;
    }
    this.#live.add(socket);
    socket.once('close', () => {
      this.#live.delete(socket);
      if (this.#live.size > 0) return;
      for (const done of this.#whenIdle.splice(0)) done();
    });
    return true;
  }

  /** Resolves when no socket is live. */
  idle(): Promise<void> {
    if (this.#live.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Destroys every live socket. */
  closeAll(): void {
    for (const socket of this.#live) socket.destroy();
  }
}
