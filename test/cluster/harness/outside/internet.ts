/**
 * The internet as pods of our own cluster see it: a resolver that has an address for every name, a real npm registry, and
 * a sink that is every other host, answers like a server and keeps what it was told. Everything that arrives on the
 * cluster's one link is counted.
 *
 *   const internet = await Internet.start();         // in beforeAll; one at a time
 *   ... await internet.arrivals(), await internet.stray() ...
 *   await internet.stop();                           // in afterAll
 *
 * Weir's sidecars trust its servers by the chart value `upstream.caBundle` = `internet.ca` (harness/weir.ts sets it): the
 * control plane puts it into the ConfigMap `weir-ca` as `upstream-ca.crt`. The CA stays the same while the cluster is up.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nsdConfig } from '../../../net/nsd.ts';
import { makePki, type Pki } from '../../../net/pki.ts';
import { Companion, must, run } from '../../../net/process.ts';
import type { PacketCount, StreamSeen } from '../../../net/sink.ts';
import { type Exempt, Watcher } from '../../escapes/watch.ts';
import { inNode, inOutside, servingOutside, stateDirectory } from '../cluster.ts';
import { linkAddresses, prepare, reset } from './network.ts';
import { ATTACKER, CATCH_ALL_PORT, CERTIFIED, HOSTS, OUTSIDE, RESOLVER } from './plan.ts';
import { type Registry, startRegistry } from './registry.ts';
import { rootZone } from './zone.ts';

/** The CA and certificate of the outside's servers, made once in a cluster's life. */
export async function outsidePki(): Promise<Pki> {
  const directory = join(stateDirectory, 'outside');
  const file = (name: string) => join(directory, name);
  const pki = { ca: file('ca.crt'), certificate: file('server.crt'), key: file('server.key') };
  const names = JSON.stringify(CERTIFIED);
  if (existsSync(file('names.json')) && readFileSync(file('names.json'), 'utf8') === names) return pki;
  mkdirSync(directory, { recursive: true });
  const made = await makePki(directory, CERTIFIED);
  writeFileSync(file('names.json'), names);
  return made;
}

export interface InternetOptions {
  /** In every canary of a test: an otherwise exempt packet with it is counted. */
  token?: string;
  /** Names that pods' sidecars may look up; the rest of what reaches the resolver is counted. Default: those of HOSTS. */
  names?: readonly string[];
  /** Whether to start the npm registry (three seconds). */
  registry?: boolean;
}

export class Internet {
  readonly pki: Pki;
  /** The watcher of the link, for suites that attribute what they see to attempts. */
  readonly watcher: Watcher;
  readonly #directory: string;
  readonly #parts: { stop(): Promise<void> }[];

  private constructor(directory: string, pki: Pki, watcher: Watcher, parts: { stop(): Promise<void> }[]) {
    this.#directory = directory;
    this.pki = pki;
    this.watcher = watcher;
    this.#parts = parts;
  }

  static async start({ token = 'canary', names, registry = false }: InternetOptions = {}): Promise<Internet> {
    const directory = mkdtempSync(join(stateDirectory, 'internet-'));
    const parts: { stop(): Promise<void> }[] = [];
    try {
      const pki = await outsidePki();
      await prepare();
      parts.push(await startResolver(directory));
      if (registry) parts.push(await startRegistryIn(directory, pki));
      const config: Exempt & { device: string; port: number } = {
        token,
        link: await linkAddresses(inNode),
        resolver: [RESOLVER.v4, RESOLVER.v6],
        allowed: Object.values(HOSTS).flatMap(({ v4, v6 }) => [v4, v6]),
        names: names ?? Object.values(HOSTS).map(({ name }) => name),
        certificate: pki.certificate,
        key: pki.key,
        device: OUTSIDE.device,
        port: CATCH_ALL_PORT,
      };
      const watcher = await Watcher.start('outside', inOutside(), directory, config);
      return new Internet(directory, pki, watcher, [watcher, ...parts]);
    } catch (error) {
      await Promise.all(parts.map((part) => part.stop()));
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** PEM, for the chart value `upstream.caBundle`. */
  get ca(): string {
    return readFileSync(this.pki.ca, 'utf8');
  }

  /** Forgets what arrived. */
  async reset(): Promise<void> {
    await this.watcher.watch([]);
  }

  /** Everything that servers were told since the last reset, and the questions that the resolver was asked (bytes). */
  async arrivals(): Promise<{ streams: StreamSeen[]; questions: Buffer[] }> {
    const { streams, questions } = await this.watcher.arrivals();
    return { streams, questions: questions.map((text) => Buffer.from(text, 'base64')) };
  }

  /** Bodies of requests to a host, as text. */
  async bodiesTo(host: string): Promise<string[]> {
    const { streams } = await this.arrivals();
    return streams
      .flatMap(({ requests }) => requests)
      .filter((request) => request.host === host)
      .map(({ body }) => Buffer.from(body, 'base64').toString('utf8'));
  }

  /**
   * Packets that should not have come: all but neighbour discovery, TCP to port 443 of HOSTS and plain A or AAAA
   * questions for the names. Throws when the capture lost any, for then the counts mean nothing.
   */
  async stray(): Promise<PacketCount[]> {
    const { packets, dropped } = await this.watcher.report();
    if (dropped > 0) throw new Error(`the capture lost ${dropped} packets`);
    return packets;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.stop()));
    await reset();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

async function startRegistryIn(directory: string, pki: Pki): Promise<Registry> {
  return startRegistry(directory, join(stateDirectory, '../registry'), pki);
}

async function startResolver(directory: string): Promise<Companion> {
  writeFileSync(join(directory, 'root.zone'), rootZone());
  writeFileSync(join(directory, 'nsd.conf'), nsdConfig(directory, [RESOLVER.v4, RESOLVER.v6], [['.', 'root.zone']]));
  const nsd = new Companion('nsd', servingOutside('nsd', '-d', '-c', join(directory, 'nsd.conf')));
  const ask = (name: string) => inOutside('dig', '+short', '+time=1', '+tries=1', `@${RESOLVER.v4}`, name);
  for (let tries = 0; tries < 30 && !nsd.ended; tries++) {
    const { stdout } = await run(ask(HOSTS.analytics.name));
    if (stdout.trim() === HOSTS.analytics.v4) {
      const any = (await must(ask(`any.depth.of.${ATTACKER.name}`))).trim();
      if (any !== ATTACKER.v4) throw new Error(`the resolver says ${any} for a name of the attacker’s`);
      return nsd;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await nsd.stop();
  throw new Error(`nsd does not answer: ${nsd.stderr}`);
}
