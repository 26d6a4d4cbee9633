/** The two helpers of a topology, as seen from the test: the sink in `outside` (with nsd) and the daemons of the client. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Door } from './doors.ts';
import { nsdConfig } from './nsd.ts';
import { makePki, type Pki } from './pki.ts';
import { ALLOWED, CATCH_ALL_PORT, CLIENT, GATEWAY, LISTENERS, LOOKUPS, RESOLVER } from './plan.ts';
import { Companion, run } from './process.ts';
import type { Topology } from './topology.ts';
import { zones } from './zones.ts';

const PYTHON = '/usr/bin/python3';
const START_MS = 10_000;
const ANSWER_MS = 30_000;

/** Who sent a packet is told by these; see packets.py. */
export interface Attribution {
  name: string;
  canary: string;
  addresses: readonly string[];
  groups: readonly string[];
  port: number;
}

export interface PacketCount {
  attack: string | null;
  protocol: string;
  destination: string;
  port: number;
  packets: number;
  bytes: number;
  /** Hex of the first bytes after the IP header. */
  sample: string;
}

export interface SinkReport {
  packets: PacketCount[];
  exempt: { resolver: number; allowed: number; 'allowed-syn': number; neighbour: number; refusal: number };
  /** Streams (after TLS) in which a canary was. */
  payloads: { attack: string; host: string; port: number; tls: boolean; sni: string | null; sample: string }[];
  requests: { host: string; port: number; tls: boolean; sni: string | null; line: string; name: string }[];
  /** Packets that the capture lost: must be 0 for the counts to mean anything. */
  dropped: number;
}

export interface StreamSeen {
  host: string;
  port: number;
  tls: boolean;
  sni: string | null;
  /** All base64. */
  data: string;
  messages: string[];
  requests: { line: string; host: string; headers: [string, string][]; body: string }[];
}

export interface Heard {
  where: string;
  data: string;
}

const script = (name: string) => fileURLToPath(new URL(`./outside/${name}`, import.meta.url));

class Helper {
  readonly companion: Companion;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(companion: Companion) {
    this.companion = companion;
  }

  /** One command, one answer, in order. */
  ask<T>(command: object): Promise<T> {
    const answer = this.#turn.then(async () => {
      const line = this.companion.line(() => true, ANSWER_MS);
      this.companion.send(JSON.stringify(command));
      return JSON.parse(await line) as T;
    });
    this.#turn = answer.catch(() => {});
    return answer;
  }
}

/** Packets, servers and DNS of the outside. */
export class Sink {
  readonly pki: Pki;
  readonly #helper: Helper;
  readonly #nsd: Companion;

  private constructor(pki: Pki, helper: Helper, nsd: Companion) {
    this.pki = pki;
    this.#helper = helper;
    this.#nsd = nsd;
  }

  static async start(topology: Topology, token: string, names?: readonly string[]): Promise<Sink> {
    const directory = path.join(topology.directory, 'sink');
    mkdirSync(directory);
    const pki = await makePki(directory, names);
    for (const { name, text } of zones()) writeFileSync(path.join(directory, `${name}.zone`), text);
    const files = zones().map(({ name }) => [name, `${name}.zone`] as const);
    writeFileSync(path.join(directory, 'nsd.conf'), nsdConfig(directory, [RESOLVER.v4, RESOLVER.v6], files));
    const nsd = new Companion('nsd', topology.inOutside(['nsd', '-d', '-c', path.join(directory, 'nsd.conf')]));

    const config = {
      token,
      attacks: [],
      device: GATEWAY.device,
      port: CATCH_ALL_PORT,
      link: [CLIENT, GATEWAY].flatMap((end) => [end.v4, end.v6, end.linkLocal]),
      resolver: [RESOLVER.v4, RESOLVER.v6],
      allowed: [ALLOWED.v4, ALLOWED.v6],
      names: LOOKUPS,
      certificate: pki.certificate,
      key: pki.key,
    };
    writeFileSync(path.join(directory, 'sink.json'), JSON.stringify(config));
    const argv = [PYTHON, '-B', script('sink.py'), path.join(directory, 'sink.json')];
    const companion = new Companion('sink', topology.inOutside(argv));
    await companion.line((text) => text.includes('ready'), START_MS);
    await answers(topology, nsd);
    return new Sink(pki, new Helper(companion), nsd);
  }

  /** Attributes from now on to these attacks, from zero. */
  async watch(attacks: readonly Attribution[]): Promise<void> {
    await this.#helper.ask({ op: 'attacks', attacks });
  }

  async reset(): Promise<void> {
    await this.#helper.ask({ op: 'reset' });
  }

  report(): Promise<SinkReport> {
    return this.#helper.ask({ op: 'report' });
  }

  /** Everything that arrived; `questions` are DNS questions (name on) of UDP queries, base64. */
  arrivals(): Promise<{ streams: StreamSeen[]; questions: string[] }> {
    return this.#helper.ask({ op: 'streams' });
  }

  /** Connects in to these ports of the client, over and over; an empty list ends it. */
  async dial(targets: readonly (readonly [host: string, port: number])[]): Promise<void> {
    await this.#helper.ask({ op: 'dial', targets });
  }

  async stop(): Promise<void> {
    await Promise.all([this.#helper.companion.stop(), this.#nsd.stop()]);
  }
}

async function answers(topology: Topology, nsd: Companion): Promise<void> {
  const question = ['dig', '+short', '+time=1', '+tries=1', `@${RESOLVER.v4}`, ALLOWED.name];
  for (let tries = 0; tries < 20 && !nsd.ended; tries++) {
    const { stdout } = await run(topology.inOutside(question));
    if (stdout.trim() === ALLOWED.v4) return;
  }
  throw new Error(`nsd does not answer: ${nsd.stderr}`);
}

/** Loopback and Unix-socket daemons in the client's network. */
export class Sentinel {
  readonly #helper: Helper;
  /** The same for daemons of another network namespace. */
  readonly #other: Helper;
  readonly #later: string[];

  private constructor(helper: Helper, other: Helper, later: string[]) {
    this.#helper = helper;
    this.#other = other;
    this.#later = later;
  }

  static async start(topology: Topology, doors: readonly Door[]): Promise<Sentinel> {
    const loopback = [
      ['127.0.0.1', 443],
      ['127.66.0.1', 443],
      ['::1', 443],
    ];
    const later = doors.filter(({ kind }) => kind === 'later').map(({ name }) => name);
    const own = await daemons(topology.inClient([]), topology.directory, 'client', loopback, doors);
    const elsewhere = doors
      .filter(({ kind }) => kind === 'elsewhere')
      .map((door) => ({ ...door, kind: 'unix' as const }));
    const other = await daemons(topology.inOutside([]), topology.directory, 'outside', [], elsewhere);
    return new Sentinel(own, other, later);
  }

  /** Control runs only: forwarders where Weir's listeners would be, straight to the allowed host and the resolver. */
  async forwardNaively(): Promise<void> {
    const both = ['127.0.0.1', '::1'];
    await this.#helper.ask({
      op: 'forward',
      tcp: [
        ...both.map((address) => [address, LISTENERS.tcp, [ALLOWED.v4, 443]]),
        ...both.map((address) => [address, LISTENERS.dns, [RESOLVER.v4, 53]]),
      ],
      udp: both.map((address) => [address, LISTENERS.dns, [RESOLVER.v4, 53]]),
    });
  }

  async heard(): Promise<Heard[]> {
    const [own, other] = await Promise.all(this.#all().map((one) => one.ask<{ heard: Heard[] }>({ op: 'report' })));
    return [...(own?.heard ?? []), ...(other?.heard ?? [])];
  }

  /** Forgets what was heard; the daemons that come later come some seconds from now. */
  async reset(): Promise<void> {
    await Promise.all(this.#all().map((one) => one.ask({ op: 'reset' })));
    await this.#helper.ask({ op: 'later', paths: this.#later.splice(0) });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all().map((one) => one.companion.stop()));
  }

  #all(): Helper[] {
    return [this.#helper, this.#other];
  }
}

async function daemons(
  where: string[],
  directory: string,
  title: string,
  loopback: (string | number)[][],
  doors: readonly Door[],
): Promise<Helper> {
  const file = path.join(directory, `sentinel-${title}.json`);
  const names = (kind: Door['kind']) => doors.filter((door) => door.kind === kind).map(({ name }) => name);
  const kinds = (['unix', 'relative', 'renamed', 'abstract', 'fifo'] as const).map((kind) => [kind, names(kind)]);
  writeFileSync(file, JSON.stringify({ loopback, ...Object.fromEntries(kinds) }));
  const companion = new Companion(`sentinel ${title}`, [...where, PYTHON, '-B', script('sentinel.py'), file]);
  await companion.line((text) => text.includes('ready'), START_MS);
  return new Helper(companion);
}
