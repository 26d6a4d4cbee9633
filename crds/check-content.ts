/** Exceptions from content inspection: detectors and rules that must exist. For content rules of the right shape. */
import { checkHosts } from './check-hosts.ts';
import { error, type Issue, nearest } from './issues.ts';
import type { ContentRules } from './types.generated.ts';
import type { Path } from './yaml.ts';

export function checkContent(
  content: ContentRules,
  ruleNames: readonly string[],
  detectorNames: readonly string[],
  path: Path,
): Issue[] {
  const issues: Issue[] = [];
  const detector = (name: string, at: Path) => {
    if (detectorNames.includes(name)) return;
    const meant = nearest(name, detectorNames);
    issues.push(
      error(
        at,
        `there is no detector "${name}"`,
        meant ? `did you mean ${meant}?` : `the detectors are ${detectorNames.join(', ')}`,
      ),
    );
  };
  content.detectors?.disabled?.forEach((name, i) => {
    detector(name, [...path, 'detectors', 'disabled', i]);
  });
  const homes = new Set<string>();
  content.homeHosts?.forEach(({ detector: name, hosts }, i) => {
    const at = [...path, 'homeHosts', i];
    detector(name, [...at, 'detector']);
    if (homes.has(name))
      issues.push(error([...at, 'detector'], `home hosts of "${name}" are given twice`, 'list the hosts in one item'));
    homes.add(name);
    issues.push(...checkHosts(hosts, [...at, 'hosts']));
  });
  const suppressed = new Set<string>();
  content.suppressions?.forEach(({ detector: name, rule }, i) => {
    const at = [...path, 'suppressions', i];
    detector(name, [...at, 'detector']);
    if (!ruleNames.includes(rule)) {
      const meant = nearest(rule, ruleNames);
      issues.push(
        error([...at, 'rule'], `this policy has no rule "${rule}"`, meant ? `did you mean ${meant}?` : undefined),
      );
    }
    if (suppressed.has(`${name} ${rule}`))
      issues.push(error(at, 'this suppression is given twice', 'remove one of them'));
    suppressed.add(`${name} ${rule}`);
  });
  return issues;
}
