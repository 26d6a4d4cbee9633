/** Ends `weir run` with a message for the user and an exit status. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Wrong command line or policy. */
export const STATUS_USAGE = 2;
