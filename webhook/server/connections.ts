/**
 * How many connections there may be, by what they have shown: strangers, the API server, sidecars. One port serves all, so
 * each kind has room of its own, and a stranger gets little and not for long. Pure; the caller closes what it is told to.
 */

/** Milliseconds for a stranger to do its handshake and show a webhook's path or a pod's token. */
export const STRANGER_MS = 15_000;
/** Strangers at once of one address, and of all: beyond, the oldest goes. A node may stand in front of its pods (SNAT). */
export const MAX_STRANGERS_PER_ADDRESS = 512;
export const MAX_STRANGERS = 2048;
/** Connections of API servers; beyond, each is closed behind its answer. */
export const MAX_ADMISSION = 1024;
/** Connections of one pod (a sidecar has two), and of all; beyond, likewise. */
export const MAX_PER_POD = 8;
export const MAX_SIDECARS = 16_384;

export type Kind = 'stranger' | 'admission' | 'sidecar';

interface Connection {
  address: string;
  kind: Kind;
  /** Of a sidecar: its pod's uid. */
  pod: string | undefined;
  /** On the clock of the caller. */
  since: number;
  close(): void;
}

export class Connections {
  readonly #all = new Map<string, Connection>();
  readonly #strangers = new Map<string, Connection>();
  readonly #perAddress = new Map<string, Map<string, Connection>>();
  readonly #perPod = new Map<string, Map<string, Connection>>();
  readonly #counts: Record<Kind, number> = { stranger: 0, admission: 0, sidecar: 0 };
  readonly #closed: (why: 'crowd' | 'late') => void;

  constructor(closed: (why: 'crowd' | 'late') => void = () => undefined) {
    this.#closed = closed;
  }

  count(kind: Kind): number {
    return this.#counts[kind];
  }

  /** `id`: address and port of the other side. */
  open(id: string, address: string, now: number, close: () => void): void {
    const connection: Connection = { address, kind: 'stranger', pod: undefined, since: now, close };
    this.end(id);
    this.#all.set(id, connection);
    this.#counts.stranger++;
    this.#strangers.set(id, connection);
    const ofAddress = put(this.#perAddress, address, id, connection);
    if (ofAddress.size > MAX_STRANGERS_PER_ADDRESS) this.#drop(ofAddress, 'crowd');
    else if (this.#strangers.size > MAX_STRANGERS) this.#drop(this.#strangers, 'crowd');
  }

  /** It has shown what it is. False: there is no more room for its kind, and it stays a stranger. */
  prove(id: string, kind: 'admission' | 'sidecar', pod?: string): boolean {
    const connection = this.#all.get(id);
    if (!connection) return false;
    if (connection.kind === kind && connection.pod === pod) return true;
    if (this.#counts[kind] >= (kind === 'admission' ? MAX_ADMISSION : MAX_SIDECARS)) return false;
    if (pod !== undefined && (this.#perPod.get(pod)?.size ?? 0) >= MAX_PER_POD) return false;
    this.#leave(id, connection);
    connection.kind = kind;
    connection.pod = pod;
    this.#counts[kind]++;
    if (pod !== undefined) put(this.#perPod, pod, id, connection);
    return true;
  }

  end(id: string): void {
    const connection = this.#all.get(id);
    if (!connection) return;
    this.#all.delete(id);
    this.#leave(id, connection);
  }

  /** Strangers that have had their time. */
  turn(now: number): void {
    for (const { since } of this.#strangers.values()) {
      if (now - since < STRANGER_MS) return;
      this.#drop(this.#strangers, 'late');
    }
  }

  #drop(of: ReadonlyMap<string, Connection>, why: 'crowd' | 'late'): void {
    const [oldest] = of;
    if (!oldest) return;
    const [id, connection] = oldest;
    this.end(id);
    this.#closed(why);
    connection.close();
  }

  #leave(id: string, { kind, address, pod }: Connection): void {
    this.#counts[kind]--;
    this.#strangers.delete(id);
    if (kind === 'stranger') take(this.#perAddress, address, id);
    if (pod !== undefined) take(this.#perPod, pod, id);
  }
}

function put<T>(groups: Map<string, Map<string, T>>, group: string, id: string, item: T): Map<string, T> {
  const items = groups.get(group) ?? new Map<string, T>();
  groups.set(group, items);
  items.set(id, item);
  return items;
}

function take<T>(groups: Map<string, Map<string, T>>, group: string, id: string): void {
  const items = groups.get(group);
  items?.delete(id);
  if (items?.size === 0) groups.delete(group);
}
