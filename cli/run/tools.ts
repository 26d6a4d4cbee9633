/** The programs that local mode needs, and where they are. */
import fs from 'node:fs';
import path from 'node:path';
import { TOOL_DIRECTORIES } from '../../sidecar/netfilter/apply.ts';

export interface Tools {
  unshare: string;
  setpriv: string;
  ip: string;
}

const PACKAGES: Readonly<Record<keyof Tools, string>> = {
  unshare: 'util-linux',
  setpriv: 'util-linux',
  ip: 'iproute2',
};

export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}

/** @throws MissingToolError that names every missing program and the packages to install. */
export function findTools(directories: readonly string[] = TOOL_DIRECTORIES): Tools {
  const names = Object.keys(PACKAGES) as (keyof Tools)[];
  const found = new Map(names.map((name) => [name, findProgram(name, directories)]));
  const missing = names.filter((name) => found.get(name) === undefined);
  if (missing.length > 0) {
    const packages = Array.from(new Set(missing.map((name) => PACKAGES[name])));
    throw new MissingToolError(`${missing.join(', ')} not found: install ${packages.join(' and ')}`);
  }
  return Object.fromEntries(found) as unknown as Tools;
}

/** The first executable file of that name; undefined when there is none. */
export function findProgram(name: string, directories: readonly string[]): string | undefined {
  return directories.map((directory) => path.join(directory, name)).find((file) => executability(file) === 'yes');
}

/** Whether a file can be executed by us: 'no' when it exists but may not be, 'absent' when it does not exist. */
export function executability(file: string): 'yes' | 'no' | 'absent' {
  try {
    if (!fs.statSync(file).isFile()) return 'no';
    fs.accessSync(file, fs.constants.X_OK);
    return 'yes';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'no' : 'absent';
  }
}

/** How execvp(3) would find `program`. */
export function findCommand(
  program: string,
  searchPath: string | undefined,
  cwd: string,
): { file: string } | { error: 'not found' | 'not executable' } {
  const candidates = program.includes('/')
    ? [path.resolve(cwd, program)]
    : (searchPath ?? '/usr/bin:/bin').split(':').map((directory) => path.resolve(cwd, directory, program));
  const states = candidates.map((file) => ({ file, state: executability(file) }));
  const usable = states.find(({ state }) => state === 'yes');
  if (usable !== undefined) return { file: usable.file };
  return { error: states.some(({ state }) => state === 'no') ? 'not executable' : 'not found' };
}
