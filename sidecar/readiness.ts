/** Tells the hook after the start whether the sidecar is ready, and if not why: a line of JSON at once, and one at every change. */
import { rmSync } from 'node:fs';
import net from 'node:net';

/** Hooks at once; more are closed. */
export const MAX_WAITING = 8;

export interface ReadyState {
  ready: boolean;
  /** What is waited for. */
  reason?: string;
}

export class Readiness {
  readonly #server: net.Server;
  readonly #waiting = new Set<net.Socket>();
  #state: ReadyState = { ready: false, reason: 'the sidecar is starting' };

  private constructor() {
    this.#server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      if (this.#state.ready) {
        socket.end(line(this.#state));
        return;
      }
      socket.write(line(this.#state));
      this.#waiting.add(socket);
      socket.once('close', () => this.#waiting.delete(socket));
    });
    this.#server.maxConnections = MAX_WAITING;
  }

  /** Listens on a Unix socket, which an earlier life may have left. Rejects when it cannot. */
  static async listen(file: string): Promise<Readiness> {
    const readiness = new Readiness();
    rmSync(file, { force: true });
    await new Promise<void>((resolve, reject) => {
      readiness.#server.once('error', reject);
      readiness.#server.listen(file, () => resolve());
    });
    return readiness;
  }

  /** What is waited for now. */
  waitFor(reason: string): void {
    if (this.#state.ready) return;
    this.#state = { ready: false, reason };
    for (const socket of this.#waiting) socket.write(line(this.#state));
  }

  ready(): void {
    this.#state = { ready: true };
    for (const socket of this.#waiting) socket.end(line(this.#state));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
  }
}

function line(state: ReadyState): string {
  return `${JSON.stringify(state)}\n`;
}
