/** Which pods a policy is for (Kubernetes label selectors). */
import { error, type Issue } from './issues.ts';
import type { PodSelector } from './types.generated.ts';
import type { Path } from './yaml.ts';

const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** An empty or absent selector selects every pod. */
export function selects(selector: PodSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const value = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  for (const [key, wanted] of Object.entries(selector?.matchLabels ?? {})) if (value(key) !== wanted) return false;
  return (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const label = value(key);
    switch (operator) {
      case 'In':
        return label !== undefined && values.includes(label);
      case 'NotIn':
        return label === undefined || !values.includes(label);
      case 'Exists':
        return label !== undefined;
      case 'DoesNotExist':
        return label === undefined;
      default:
        return operator satisfies never;
    }
  });
}

/** Problems of a selector of the right shape. */
export function checkSelector(selector: PodSelector, path: Path): Issue[] {
  const issues: Issue[] = [];
  for (const key of Object.keys(selector.matchLabels ?? {})) {
    if (!LABEL_KEY.test(key))
      issues.push({ ...error([...path, 'matchLabels', key], `"${key}" is not a label key`), atKey: true });
  }
  selector.matchExpressions?.forEach(({ operator, values }, i) => {
    const at = [...path, 'matchExpressions', i];
    const takesValues = operator === 'In' || operator === 'NotIn';
    if (takesValues && !values) issues.push(error(at, `${operator} needs values`, 'add values: [...]'));
    if (!takesValues && values) issues.push(error([...at, 'values'], `${operator} takes no values`, 'remove them'));
  });
  return issues;
}
