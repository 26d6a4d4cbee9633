/** Where the server's certificate comes from; the server asks for the one of now and is told of the next. */
import { EventEmitter } from 'node:events';
import type { Serving } from './sign.ts';

export interface Certificates {
  serving: Serving;
  /** What clients are to trust, PEM. */
  bundle: string;
}

export abstract class CertificateSource {
  readonly #events = new EventEmitter<{ change: [Certificates] }>();
  #current: Certificates | undefined;

  /** Undefined until there is one. */
  get current(): Certificates | undefined {
    return this.#current;
  }

  onChange(listener: (certificates: Certificates) => void): void {
    this.#events.on('change', listener);
  }

  protected set(certificates: Certificates): void {
    this.#current = certificates;
    this.#events.emit('change', certificates);
  }

  abstract start(): void;
  abstract stop(): void;
}
