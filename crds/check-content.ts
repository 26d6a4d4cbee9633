/** Content rules: the detectors that they name must exist, and patterns must be such as can be searched for. For rules of the right shape. */
import { error, type Issue, nearest, warning } from './issues.ts';
import { PATTERN_PREFIX, planOf } from './patterns.ts';
import type { ContentRules, SecretPattern } from './types.generated.ts';
import type { Path } from './yaml.ts';

export function checkContent(content: ContentRules, detectorNames: readonly string[], path: Path): Issue[] {
  const { detectors, homeHosts = [], patterns = [], suppressions = [] } = content;
  const named: [name: string, at: Path][] = [
    ...(detectors?.disabled ?? []).map((name, i): [string, Path] => [name, ['detectors', 'disabled', i]]),
    ...homeHosts.map(({ detector }, i): [string, Path] => [detector, ['homeHosts', i, 'detector']]),
    ...suppressions.map(({ detector }, i): [string, Path] => [detector, ['suppressions', i, 'detector']]),
  ];
  const own = patterns.map(({ name }) => `${PATTERN_PREFIX}${name}`);
  const known = [...detectorNames, ...own];
  return named
    .filter(([name]) => !known.includes(name))
    .map(([name, at]): Issue => {
      const meant = nearest(name, known);
      if (name.startsWith(PATTERN_PREFIX)) {
        const message = `this policy has no pattern "${name.slice(PATTERN_PREFIX.length)}": it counts when another policy of the pod has`;
        return warning([...path, ...at], message, meant && `did you mean ${meant}?`);
      }
      const fix = meant ? `did you mean ${meant}?` : `the detectors are ${known.join(', ')}`;
      return error([...path, ...at], `there is no detector "${name}"`, fix);
    });
}

/** Whether one pattern can be run, in time that grows with the text alone. */
export function checkPattern({ regex }: SecretPattern, path: Path): Issue[] {
  const plan = planOf(regex);
  return 'error' in plan ? [error([...path, 'regex'], plan.error, plan.fix)] : [];
}
