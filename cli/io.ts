/** Where a command writes. */
export interface Io {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

/** Exit codes of every command but `weir run`. */
export const EXIT = {
  /** Valid; allowed; the same. */
  ok: 0,
  /** Problems were found; denied; different. */
  no: 1,
  /** The command line or its input could not be understood. */
  usage: 2,
} as const;

/** A command line that cannot be understood; `message` says why. */
export class UsageError extends Error {}
