import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file so that a reader, also after a kill, finds the old contents or the new ones. In a memory volume nothing is synced. */
export function writeAtomically(file: string, contents: string | Buffer, mode = 0o600): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, contents, { mode });
  renameSync(fresh, file);
}
