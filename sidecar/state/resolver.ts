/**
 * Whom names are asked of: what /etc/resolv.conf said before a container of the workload had run. The file is the sandbox's,
 * one for all containers, and root in any of them writes it; so it is read once, and a later life reads what was kept.
 * A directory with nothing in it says that there was no life before in this sandbox: memory goes with the node's, and then
 * the runtime makes sandbox and file anew, and the workload waits for the sidecar again.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { parseResolvConf, type ResolverSettings } from '../dns/system-files.ts';
import { classifyAddress } from '../tcp/scope.ts';
import { writeAtomically } from './atomic.ts';

/** In the directory of the journal, which is mounted in the sidecar alone. */
export const RESOLVER_FILE = 'resolver.json';

export interface KeptResolver extends ResolverSettings {
  /** Why nobody is asked: names do not resolve. */
  problem?: string;
}

const NOBODY: ResolverSettings = { nameservers: [], searchDomains: [] };
const GONE = 'the resolver of the first life was not kept, and containers may have written /etc/resolv.conf since';

export class ResolverMemory {
  readonly #settings: ResolverSettings | undefined;
  readonly #problem: string;

  private constructor(settings: ResolverSettings | undefined, problem = GONE) {
    this.#settings = settings;
    this.#problem = problem;
  }

  /**
   * To be called before anything else is kept in `directory`: that it is empty says that there was no life before.
   * `read` gives the text of the pod's resolv.conf. @throws its error, and that of a directory that cannot be written
   */
  static open(directory: string, read: () => string): ResolverMemory {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, RESOLVER_FILE);
    const names = readdirSync(directory);
    if (names.includes(RESOLVER_FILE)) {
      const kept = parseKept(readFileSync(file, 'utf8'));
      return new ResolverMemory(kept, `${RESOLVER_FILE} is damaged`);
    }
    // What a life that was killed in its first write left of it is none of this.
    if (names.some((name) => name !== `${RESOLVER_FILE}.new`)) return new ResolverMemory(undefined);
    const { nameservers, searchDomains } = parseResolvConf(read());
    // Nobody but the pod's own containers listens on its loopback.
    const settings = { nameservers: nameservers.filter(isOutside), searchDomains };
    writeAtomically(file, JSON.stringify(settings));
    return new ResolverMemory(settings, 'no nameserver of /etc/resolv.conf is outside of the pod');
  }

  get kept(): KeptResolver {
    const settings = this.#settings ?? NOBODY;
    return settings.nameservers.length > 0 ? settings : { ...settings, problem: this.#problem };
  }
}

/** The address of no host is the machine itself to Linux. */
function isOutside(address: string): boolean {
  return classifyAddress(address) !== 'loopback' && !/^[0:.]+$/.test(address);
}

function parseKept(text: string): ResolverSettings | undefined {
  try {
    const { nameservers, searchDomains } = JSON.parse(text) as ResolverSettings;
    const whole =
      nameservers.every((address) => isIP(address) !== 0) && searchDomains.every((name) => typeof name === 'string');
    return whole ? { nameservers, searchDomains } : undefined;
  } catch {
    return undefined;
  }
}
