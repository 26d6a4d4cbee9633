import type { Inspector, InspectSession } from './inspector.ts';

/** Hosts, or domains of names under a wildcard, whose messages are judged together. The least recently used one is forgotten first. */
export const MAX_SESSIONS = 1024;

/** One session of the Inspector per host or domain, over all connections: what an engine keeps over messages is kept there. */
export class SessionCache {
  readonly #inspector: Inspector;
  readonly #sessions = new Map<string, InspectSession>();

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(host: string): InspectSession {
    let session = this.#sessions.get(host);
    if (session) this.#sessions.delete(host);
    else session = this.#inspector.session(host);
    this.#sessions.set(host, session);
    if (this.#sessions.size > MAX_SESSIONS) {
      const oldest = this.#sessions.keys().next().value;
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
    return session;
  }
}
