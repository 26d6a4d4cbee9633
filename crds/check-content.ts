/** Exceptions from content inspection: the detectors that they name must exist. For content rules of the right shape. */
import { error, type Issue, nearest } from './issues.ts';
import type { ContentRules } from './types.generated.ts';
import type { Path } from './yaml.ts';

export function checkContent(content: ContentRules, detectorNames: readonly string[], path: Path): Issue[] {
  const { detectors, homeHosts = [], suppressions = [] } = content;
  const named: [name: string, at: Path][] = [
    ...(detectors?.disabled ?? []).map((name, i): [string, Path] => [name, ['detectors', 'disabled', i]]),
    ...homeHosts.map(({ detector }, i): [string, Path] => [detector, ['homeHosts', i, 'detector']]),
    ...suppressions.map(({ detector }, i): [string, Path] => [detector, ['suppressions', i, 'detector']]),
  ];
  return named
    .filter(([name]) => !detectorNames.includes(name))
    .map(([name, at]): Issue => {
      const meant = nearest(name, detectorNames);
      const fix = meant ? `did you mean ${meant}?` : `the detectors are ${detectorNames.join(', ')}`;
      return error([...path, ...at], `there is no detector "${name}"`, fix);
    });
}
