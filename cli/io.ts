/** Where a command writes. */
export interface Io {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

/** Exit codes of `weir check` and `weir explain`. */
export const EXIT = {
  /** Valid; allowed. */
  ok: 0,
  /** Problems were found; denied. */
  no: 1,
  /** The command line or its input could not be understood. */
  usage: 2,
} as const;

/** A command line that cannot be understood; `message` says why. */
export class UsageError extends Error {}

/** Runs a command; what is wrong with its arguments ends in one line, a pointer to the help, and exit code 2. */
export async function withUsage(command: string, io: Io, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const isArgs = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!isArgs && !(error instanceof UsageError)) throw error;
    io.stderr(`weir ${command}: ${error.message}\nSee weir ${command} --help.\n`);
    return EXIT.usage;
  }
}
