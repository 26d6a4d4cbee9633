/** Files that are on a machine with tools for building, and that hold nobody's secrets: what package managers brought. */
import { existsSync, opendirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { membersOf } from './archives.ts';

export interface Sample {
  path: string;
  bytes: Buffer;
}

/** Larger files are left out. */
export const MAX_FILE: number = 512 * 1024 * 1024;

const ROOT = new URL('../..', import.meta.url).pathname;

/** Places that exist. */
export function usualPlaces(): string[] {
  const home = homedir();
  return [
    join(home, 'go/pkg/mod'),
    join(ROOT, 'node_modules'),
    join(home, '.npm/_cacache/content-v2'),
    join(home, '.cargo/registry'),
    join(home, '.m2/repository'),
    join(home, '.cache/pip'),
    '/usr/lib/python3',
    '/usr/share/java',
    '/usr/share/maven-repo',
    '/var/lib/apt/lists',
    '/var/cache/apt/archives',
    '/usr/lib/node_modules',
    '/usr/lib/go',
    '/usr/local/go',
    '/usr/share/doc',
    '/usr/lib/jvm',
    join(ROOT, '.git'),
  ].filter((place) => existsSync(place));
}

/** Every file under `places`, as it is and, for archives, what is in it; the same path once. Symbolic links are not followed. */
export function* samplesOf(places: readonly string[]): Generator<Sample> {
  for (const path of filesUnder(places)) {
    if (statSync(path).size > MAX_FILE) continue;
    const bytes = readFileSync(path);
    yield { path, bytes };
    yield* membersOf(path, bytes);
  }
}

function* filesUnder(places: readonly string[]): Generator<string> {
  for (const place of places) yield* walk(place);
}

function* walk(place: string): Generator<string> {
  if (statSync(place).isFile()) {
    yield place;
    return;
  }
  const directory = opendirSync(place);
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      const path = join(place, entry.name);
      if (entry.isDirectory()) yield* walk(path);
      else if (entry.isFile()) yield path;
    }
  } finally {
    directory.closeSync();
  }
}
