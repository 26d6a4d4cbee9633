import type net from 'node:net';
import { Duplex } from 'node:stream';

/**
 * The client's side of an upgraded connection, as http-proxy wants a socket: what is read from it went through `judge`,
 * what is written to it goes to the client once `open` was called, and is thrown away before (http-proxy's own head).
 */
export class ScanningDuplex extends Duplex {
  readonly #socket: net.Socket;
  readonly #judge: (chunk: Buffer) => Promise<Buffer[]>;
  #opened = false;
  #wanted: (() => void) | undefined;
  /** Bytes that went to the client. */
  bytesDown = 0;

  constructor(socket: net.Socket, judge: (chunk: Buffer) => Promise<Buffer[]>) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#judge = judge;
    // Whoever destroys it looks at the reason; without a listener it would be an uncaught exception.
    this.on('error', () => {});
  }

  /** From here on bytes pass both ways. */
  open(): void {
    this.#opened = true;
    this.#socket.on('close', () => this.destroy());
    this.#pump().catch((error: Error) => this.destroy(error));
  }

  override _read(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (!this.#opened) {
      callback();
      return;
    }
    this.bytesDown += chunk.length;
    // The callback comes when the bytes are with the kernel, or with an error when they cannot be.
    this.#socket.write(chunk, (error) => callback(error));
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.end(() => callback());
  }

  // http-proxy tunes what it takes for a socket; the real one is the owner's.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }

  async #pump(): Promise<void> {
    for await (const chunk of this.#socket.iterator({ destroyOnReturn: false })) {
      for (const frame of await this.#judge(chunk as Buffer)) {
        if (this.push(frame)) continue;
        await new Promise<void>((resolve) => {
          this.#wanted = resolve;
          if (this.destroyed) resolve();
        });
      }
      if (this.destroyed) return;
    }
    this.push(null);
  }
}
