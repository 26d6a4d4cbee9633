/** Who watches: the outside, and all pods' links at once by the bridge that they hang on, from before a pod is made. */
import { join } from 'node:path';
import { must } from '../../net/process.ts';
import type { Attribution } from '../../net/sink.ts';
import { Watcher } from '../escapes/watch.ts';
import { type Internet, inNode, stateDirectory } from '../harness/index.ts';

const BRIDGE = 'pods0';

/** What one leaker got out, in words: `outside udp 203.0.121.1 22000`. */
export type Arrived = string;

export class Watch {
  readonly #watchers: Readonly<Record<string, Watcher>>;
  readonly #link: Watcher;

  private constructor(outside: Watcher, link: Watcher) {
    this.#watchers = { outside, link };
    this.#link = link;
  }

  /** The bridge is there once a pod was. */
  static async start(internet: Internet, token: string): Promise<Watch> {
    // Otherwise frames between two pods pass it by.
    await must(inNode('ip', 'link', 'set', BRIDGE, 'promisc', 'on'));
    const link = await Watcher.start('link', inNode(), join(stateDirectory, 'outside'), {
      token,
      device: BRIDGE,
      link: [],
      resolver: [],
      allowed: [],
      names: [],
      certificate: internet.pki.certificate,
      key: internet.pki.key,
    });
    return new Watch(internet.watcher, link);
  }

  /** From now on, from zero. */
  async attribute(leakers: readonly Attribution[]): Promise<void> {
    await Promise.all(Object.values(this.#watchers).map((watcher) => watcher.watch(leakers)));
  }

  /** By leaker. What others send is not looked at. Throws when a capture lost packets, for then the counts mean nothing. */
  async arrived(): Promise<Map<string, Arrived[]>> {
    const all = new Map<string, Arrived[]>();
    const add = (attack: string | null, text: string): void => {
      if (attack) all.set(attack, [...(all.get(attack) ?? []), text]);
    };
    for (const [where, watcher] of Object.entries(this.#watchers)) {
      const { packets, payloads, dropped } = await watcher.report();
      if (dropped > 0) throw new Error(`${where}: the capture lost ${dropped} packets`);
      for (const { attack, protocol, destination, port } of packets) {
        add(attack, `${where} ${protocol} ${destination} ${port}`);
      }
      for (const { attack, host, port } of payloads) add(attack, `${where} payload ${host} ${port}`);
    }
    return all;
  }

  async stop(): Promise<void> {
    await this.#link.stop();
    await must(inNode('ip', 'link', 'set', BRIDGE, 'promisc', 'off'));
  }
}
