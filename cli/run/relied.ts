/**
 * What this run and the next rely on, and the command must not change: the files that the command line names, and Weir's own.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWithin } from './mountinfo.ts';
import type { RunOptions } from './options.ts';
import { movableLink } from './places.ts';

/** As in a directory of policies (`cli/policies.ts`). */
const POLICY_FILE = /\.ya?ml$/;

interface Facts {
  cwd: string;
  /** Physical paths. */
  writable: readonly string[];
  readlink(path: string): string | undefined | null;
  /** The physical path, undefined when there is nothing. */
  realpath(path: string): string | undefined;
  /** Names in a directory; none when it is no directory. */
  list(directory: string): readonly string[];
}

/**
 * Physical paths that are to be made read-only, and why the arguments cannot be followed: behind a link in the project, the file
 * itself would be kept and the link not, so that an earlier run's command may choose what this one reads or writes.
 */
export function named(
  { policies, upstreamCa, log }: Pick<RunOptions, 'policies' | 'upstreamCa' | 'log'>,
  { cwd, writable, readlink, realpath, list }: Facts,
): { kept: string[]; errors: string[] } {
  const errors: string[] = [];
  const follow = (option: string, argument: string, place: string): void => {
    const link = movableLink(place, { readlink }, writable);
    if (link === undefined) return;
    errors.push(`${option} ${argument}: ${link} is a link that the command may change; name what it leads to`);
  };
  const read = [
    ...policies.filter((argument) => argument !== '-').map((argument) => ['--policy', argument] as const),
    ...upstreamCa.map((argument) => ['--upstream-ca', argument] as const),
  ];
  const kept = read.flatMap(([option, argument]) => {
    const place = below(cwd, argument);
    follow(option, argument, place);
    const files = option === '--policy' ? list(place).filter((name) => POLICY_FILE.test(name)) : [];
    for (const name of files) follow(option, argument, below(place, name));
    const real = realpath(place);
    if (real !== undefined && writable.includes(real)) {
      errors.push(
        `${option} ${argument}: the command may write there, and change it; name files, or another directory`,
      );
    }
    return [place, ...files.map((name) => below(place, name))].flatMap((each) => realpath(each) ?? []);
  });
  if (log !== undefined) follow('--log', log, below(cwd, log));
  return { kept, errors };
}

/** Not normalised: behind a link, `..` is above what that leads to. */
function below(directory: string, file: string): string {
  return file.startsWith('/') ? file : `${directory}/${file}`;
}

/**
 * Weir's own files, physical paths: parts of a program are read late, and libraries are mapped from their files. From a checkout's
 * sources, which are being worked on, the libraries alone. @param maps the text of /proc/self/maps
 */
export function ownFiles(maps: string): string[] {
  const mapped = maps.split('\n').flatMap((line) => /^(?:\S+\s+){5}(\/.*)$/.exec(line)?.[1] ?? []);
  return [...programDirectory(), ...new Set(mapped)];
}

/**
 * The first of Weir's own files that has another name (package stores keep files as hard links), where the command may be able to
 * write to it. None of another owner's: a system's store is read-only.
 */
export function linkedFile(own: readonly string[], writable: readonly string[]): string | undefined {
  const devices = new Set(writable.map((place) => fs.statSync(place).dev));
  const installed = own.filter((file) => file.includes('/node_modules/'));
  const files = installed.flatMap((place) => {
    if (!fs.statSync(place).isDirectory()) return [place];
    const entries = fs.readdirSync(place, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  });
  return files.find((file) => {
    const { dev, nlink, uid } = fs.statSync(file);
    return nlink > 1 && uid === process.getuid?.() && devices.has(dev);
  });
}

/** Where Weir's own files are below the working directory: what replaces them there (`npm ci`) will fail. */
export function ownFilesWarning(own: readonly string[], cwd: string): string | undefined {
  const inside = own.filter((file) => isWithin(file, cwd));
  if (inside.length === 0) return undefined;
  return `weir itself is in ${cwd}, and read-only for the command: one that installs it anew (npm ci) needs it elsewhere`;
}

function programDirectory(): string[] {
  const here = fs.realpathSync(fileURLToPath(import.meta.url));
  if (here.endsWith('.ts')) return [];
  const directory = path.dirname(here);
  return [path.basename(directory) === 'chunks' ? path.dirname(directory) : directory];
}
