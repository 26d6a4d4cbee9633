/** Certificates that somebody else renews in a mounted directory, such as cert-manager: `tls.crt`, `tls.key`, `ca.crt`. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateSource } from './source.ts';

/** Milliseconds between reads: kubelet swaps a link, which no watcher of a file reports in every case. */
export const READ_MS = 10_000;

export class MountedCertificates extends CertificateSource {
  readonly #directory: string;
  readonly #log: (message: string, more?: object) => void;
  readonly #readMs: number;
  #timer: NodeJS.Timeout | undefined;
  #last = '';

  constructor(directory: string, log: (message: string, more?: object) => void, readMs: number = READ_MS) {
    super();
    this.#directory = directory;
    this.#log = log;
    this.#readMs = readMs;
  }

  start(): void {
    this.#read();
    this.#timer = setInterval(() => this.#read(), this.#readMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Keeps what it has when the files cannot be read or do not belong together: they may be half written. */
  #read(): void {
    try {
      const file = (name: string) => readFileSync(join(this.#directory, name), 'utf8');
      const [certificate, key, bundle] = [file('tls.crt'), file('tls.key'), file('ca.crt')];
      const all = certificate + key + bundle;
      if (all === this.#last) return;
      const parsed = new X509Certificate(certificate);
      if (!parsed.toLegacyObject().pubkey) throw new Error('tls.crt has no key');
      this.set({ serving: { certificate, key, notAfter: parsed.validToDate.getTime() }, bundle });
      this.#last = all;
    } catch (error) {
      this.#log('certificates cannot be read', { directory: this.#directory, error: (error as Error).message });
    }
  }
}
