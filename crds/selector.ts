/** Which pods and namespaces a policy is for (Kubernetes label selectors). */
import type { NamespaceSelector, PodSelector } from './types.generated.ts';

type Selector = PodSelector | NamespaceSelector;

/** An empty or absent selector selects everything. */
export function selects(selector: Selector | undefined, labels: Readonly<Record<string, string>>): boolean {
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
