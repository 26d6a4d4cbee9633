/** Who watches: one capture on the link of each pod, and one in the outside, which also plays every server of the internet. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Companion } from '../../net/process.ts';
import type { Attribution, PacketCount, SinkReport, StreamSeen } from '../../net/sink.ts';

const SINK = fileURLToPath(new URL('../../net/outside/sink.py', import.meta.url));
const PYTHON = ['/usr/bin/python3', '-B'];
const START_MS = 10_000;
const ANSWER_MS = 60_000;

/** What is no attempt's: see test/net/outside/packets.py. */
export interface Exempt {
  token: string;
  /** Both ends of the link. */
  link: readonly string[];
  resolver: readonly string[];
  /** TCP to their port 443: the allowed host, and for a link the control plane. */
  allowed: readonly string[];
  /** May be looked up. */
  names: readonly string[];
  certificate: string;
  key: string;
}

export class Watcher {
  readonly #companion: Companion;

  private constructor(companion: Companion) {
    this.#companion = companion;
  }

  /** `prefix` leads into the network namespace; with `port`, servers take every connection redirected there. */
  static async start(
    title: string,
    prefix: readonly string[],
    directory: string,
    config: Exempt & { device: string; port?: number },
  ): Promise<Watcher> {
    const file = path.join(directory, `${title}.json`);
    writeFileSync(file, JSON.stringify({ attacks: [], ...config }));
    const companion = new Companion(title, [...prefix, ...PYTHON, SINK, file]);
    await companion.line((text) => text.includes('ready'), START_MS);
    return new Watcher(companion);
  }

  /** Attributes from now on to these attempts, from zero. */
  watch(attacks: readonly Attribution[]): Promise<unknown> {
    return this.#ask({ op: 'attacks', attacks });
  }

  report(): Promise<SinkReport> {
    return this.#ask({ op: 'report' }) as Promise<SinkReport>;
  }

  /** Everything that arrived; `questions` are DNS questions (name on) of UDP queries, base64. */
  arrivals(): Promise<{ streams: StreamSeen[]; questions: string[] }> {
    return this.#ask({ op: 'streams' }) as Promise<{ streams: StreamSeen[]; questions: string[] }>;
  }

  /** Connects to these again and again, until told an empty list. */
  dial(targets: readonly (readonly [string, number])[]): Promise<unknown> {
    return this.#ask({ op: 'dial', targets });
  }

  stop(): Promise<void> {
    return this.#companion.stop();
  }

  async #ask(command: object): Promise<unknown> {
    const line = this.#companion.line(() => true, ANSWER_MS);
    this.#companion.send(JSON.stringify(command));
    return JSON.parse(await line);
  }
}

/** What all of them saw together. */
export interface Seen {
  packets: PacketCount[];
  payloads: SinkReport['payloads'];
  requests: SinkReport['requests'];
  /** Packets that a capture lost: must be 0 for silence to mean anything. */
  dropped: number;
}

export async function seenBy(watchers: readonly Watcher[]): Promise<Seen> {
  const reports = await Promise.all(watchers.map((watcher) => watcher.report()));
  return {
    packets: reports.flatMap(({ packets }) => packets),
    payloads: reports.flatMap(({ payloads }) => payloads),
    requests: reports.flatMap(({ requests }) => requests),
    dropped: reports.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}
