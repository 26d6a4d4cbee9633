/** Why a pod or a change of one is not admitted: the field, what is wrong and what to do about it. */

export interface Refusal {
  /** `spec.containers{app}.securityContext.privileged`: lists by name show the name of the element. */
  path: string;
  /** A sentence without a full stop that ends with the fix. */
  message: string;
}

/** Refusals of one review that are told; what is beyond them is counted in one line. */
export const MAX_REFUSALS = 32;

/** Characters of one of them: paths hold names of the author's. */
export const MAX_REFUSAL_LENGTH = 1024;

/** One text for the person who is refused, with every reason. */
export function sentence(refusals: readonly Refusal[]): string {
  const told = refusals.slice(0, MAX_REFUSALS).map(({ path, message }) => cut(`${path}: ${message}`));
  const rest = refusals.length - told.length;
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

/** The paths of those that are told, for the audit log. */
export function toldPaths(refusals: readonly Refusal[]): string {
  return refusals
    .slice(0, MAX_REFUSALS)
    .map(({ path }) => cut(path))
    .join(', ');
}

function cut(text: string): string {
  return text.length > MAX_REFUSAL_LENGTH ? `${text.slice(0, MAX_REFUSAL_LENGTH)} ...` : text;
}
