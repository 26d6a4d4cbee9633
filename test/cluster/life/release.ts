/** Flags with which these suites install: all the same, so that one after another changes nothing. */

/** Replicas that end go soon. */
export const QUICK = ['--set', 'drainSeconds=3'] as const;
