/** What was kept is not as it was written. */
export class StateError extends Error {
  override readonly name = 'StateError';
}
