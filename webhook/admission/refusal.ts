/** Why a pod or a change of one is not admitted: the field, what is wrong and what to do about it. */

export interface Refusal {
  /** `spec.containers{app}.securityContext.privileged`: lists by name show the name of the element. */
  path: string;
  /** A sentence without a full stop that ends with the fix. */
  message: string;
}

/** Refusals of one review that are told; what is beyond them is counted in one line. */
export const MAX_REFUSALS = 32;

/** One text for the person who is refused, with every reason. */
export function sentence(refusals: readonly Refusal[]): string {
  const told = refusals.slice(0, MAX_REFUSALS).map(({ path, message }) => `${path}: ${message}`);
  const rest = refusals.length - told.length;
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
