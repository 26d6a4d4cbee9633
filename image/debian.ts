/** Debian packages, fetched by the machine's own apt and unpacked: what the image takes files from. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface DebianPackage {
  name: string;
  version: string;
  architecture: string;
  /** Hex, of the .deb. */
  sha256: string;
  /** Where it is unpacked. */
  directory: string;
  /** The control file (deb-control(5)). */
  control: string;
}

/** The candidate versions of the packages, by the machine's sources. Cached in `cache` by digest. */
export function fetchPackages(names: readonly string[], cache: string): DebianPackage[] {
  const packages = names.map((name) => fetchPackage(name, cache));
  // Some keep their documents, and with them their licence, in a package of their source (libgcc-s1 in gcc-12-base).
  const others = packages.flatMap((one) => documentedBy(one) ?? []).filter((name) => !names.includes(name));
  return [...packages, ...[...new Set(others)].map((name) => fetchPackage(name, cache))];
}

/** The package whose directory in usr/share/doc this one's leads to; undefined: its own. */
export function documentedBy({ name, directory }: DebianPackage): string | undefined {
  const documents = join(directory, 'usr/share/doc', name);
  return lstatSync(documents).isSymbolicLink() ? readlinkSync(documents) : undefined;
}

function fetchPackage(name: string, cache: string): DebianPackage {
  // Elsewhere: apt does not name what lies in its directory already.
  const empty = join(cache, 'empty');
  mkdirSync(empty, { recursive: true });
  const { file, sha256 } = locate(name, empty);
  const deb = join(cache, file);
  if (!existsSync(deb) || digest(deb) !== sha256) apt(['download', name], cache);
  if (digest(deb) !== sha256) throw new Error(`${deb} is not what the package index says; remove it and try again`);
  const directory = join(cache, `${name}-${sha256.slice(0, 16)}`);
  if (!existsSync(directory)) {
    rmSync(`${directory}.new`, { recursive: true, force: true });
    execFileSync('dpkg-deb', ['-x', deb, `${directory}.new`]);
    renameSync(`${directory}.new`, directory);
  }
  const control = execFileSync('dpkg-deb', ['-f', deb], { encoding: 'utf8' });
  return {
    name,
    version: field(control, 'Version'),
    architecture: field(control, 'Architecture'),
    sha256,
    directory,
    control,
  };
}

/** One line of apt-get(8) `--print-uris`: 'URI' file size SHA256:digest. An index that is not there is fetched. */
function locate(name: string, cwd: string): { file: string; sha256: string } {
  const ask = () => apt(['download', '--print-uris', name], cwd);
  const parse = (line: string) => /^'\S+' (\S+) \d+ SHA256:([0-9a-f]{64})/.exec(line);
  let found = parse(ask());
  if (found === null) {
    apt(['update', '-qq'], cwd);
    found = parse(ask());
  }
  if (found === null) throw new Error(`the machine's apt sources have no package ${name}`);
  return { file: found[1] as string, sha256: found[2] as string };
}

function apt(args: string[], cwd: string): string {
  // Without the sandbox user, which cannot write where we are.
  const all = ['-qq', '-o', 'APT::Sandbox::User=root', ...args];
  try {
    return execFileSync('apt-get', all, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === 'ENOENT') throw new Error('the image is made of Debian packages: it needs a Debian machine (apt-get)');
    if (args.includes('--print-uris')) return '';
    throw new Error(`apt-get ${args.join(' ')}: ${stderr?.trim() ?? String(error)}`);
  }
}

function digest(file: string): string | undefined {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : undefined;
}

function field(control: string, name: string): string {
  const value = new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1];
  if (value === undefined) throw new Error(`a package without ${name}`);
  return value;
}
