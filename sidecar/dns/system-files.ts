/** resolv.conf and hosts, as the machine that we resolve for has them. Pure. */
import { isIP } from 'node:net';

export interface ResolverSettings {
  nameservers: string[];
  searchDomains: string[];
}

/** resolv.conf(5) as glibc reads it: the last `search` or `domain` counts; nothing said means the local machine. Zones (`%eth0`) are kept. */
export function parseResolvConf(text: string): ResolverSettings {
  const nameservers: string[] = [];
  let searchDomains: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && isIP(values[0] ?? '') !== 0) nameservers.push(values[0] as string);
    if (keyword === 'search' || keyword === 'domain') {
      searchDomains = values.map((domain) => domain.toLowerCase().replace(/\.$/, '')).filter((domain) => domain !== '');
    }
  }
  return { nameservers: nameservers.length === 0 ? ['127.0.0.1'] : nameservers, searchDomains };
}

/** hosts(5): lower-case name → addresses. Loopback entries are left out: inside, the loopback is another. */
export function parseHosts(text: string): Map<string, string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (isIP(address) === 0 || address.startsWith('127.') || address === '::1') continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, '');
      hosts.set(key, [...(hosts.get(key) ?? []), address]);
    }
  }
  return hosts;
}
