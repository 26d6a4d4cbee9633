/** Which findings stand, given where the content goes and what the policy excepts. */
import { hostMatches } from '../../crds/host-patterns.ts';
import type { Finding, HostPattern, RuntimePolicy, RuntimeRule } from '../../crds/runtime.ts';

/**
 * Names travel in the clear, to resolvers and on-path observers: nothing is at home in one, and an exception counts only
 * for a name that its rule spells out, which the policy's author has read.
 */
const NAME_CHANNELS: ReadonlySet<Finding['channel']> = new Set(['dns.name', 'tls.sni']);

export class FindingJudge {
  readonly #disabled: ReadonlySet<string>;
  readonly #homes = new Map<string, HostPattern[]>();
  readonly #suppressed: ReadonlySet<string>;
  readonly #onHosts = new Map<string, HostPattern[]>();
  /** Suppressions by the hosts that their rules spell out. */
  readonly #spelledOut: ReadonlySet<string>;

  constructor({ content, rules }: Pick<RuntimePolicy, 'content' | 'rules'>) {
    this.#disabled = new Set(content.disabledDetectors);
    for (const { detector, hosts } of content.homeHosts) {
      this.#homes.set(detector, [...(this.#homes.get(detector) ?? []), ...hosts]);
    }
    this.#suppressed = new Set(content.suppressions.map(({ detector, rule }) => key(detector, rule)));
    const { hostSuppressions = [] } = content;
    for (const { detector, hosts, rule } of hostSuppressions) {
      const of = key(detector, rule);
      this.#onHosts.set(of, [...(this.#onHosts.get(of) ?? []), ...hosts]);
    }
    const hosts = new Map(rules.map((rule) => [rule.id, rule.hosts.filter(({ wildcard }) => !wildcard)]));
    const spelledOut = (detector: string, rule: string, isFor: (name: string) => boolean): string[] =>
      (hosts.get(rule) ?? []).flatMap(({ name }) => (isFor(name) ? [key(detector, name)] : []));
    this.#spelledOut = new Set([
      ...content.suppressions.flatMap(({ detector, rule }) => spelledOut(detector, rule, () => true)),
      ...hostSuppressions.flatMap(({ detector, hosts, rule }) =>
        spelledOut(detector, rule, (name) => hosts.some((pattern) => hostMatches(pattern, name))),
      ),
    ]);
  }

  /** The findings that remain; none: the content may pass. `host` is normalised; of a name, it is the name. */
  judge(rule: RuntimeRule | undefined, host: string, findings: readonly Finding[]): Finding[] {
    return findings.filter((finding) => {
      if (this.#disabled.has(finding.detector)) return false;
      if (NAME_CHANNELS.has(finding.channel)) return !this.#spelledOut.has(key(finding.detector, host));
      return !(rule && this.#isSuppressed(finding.detector, rule.id, host)) && !this.#isHome(finding, host);
    });
  }

  #isSuppressed(detector: string, rule: string, host: string): boolean {
    const of = key(detector, rule);
    return this.#suppressed.has(of) || this.#onHosts.get(of)?.some((pattern) => hostMatches(pattern, host)) === true;
  }

  #isHome(finding: Finding, host: string): boolean {
    if (this.#homes.get(finding.detector)?.some((pattern) => hostMatches(pattern, host))) return true;
    return finding.homeHosts.some((text) => {
      const wildcard = text.startsWith('*.');
      return hostMatches({ name: wildcard ? text.slice(2) : text, wildcard }, host);
    });
  }
}

function key(detector: string, of: string): string {
  return `${detector}\n${of}`;
}
