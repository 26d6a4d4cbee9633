/** Assembles the image's root file system, file by file, from what contents.ts names. The same input gives the same tree. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import * as contents from './contents.ts';
import { type DebianPackage, documentedBy } from './debian.ts';

const LICENCE = /^(licen[cs]e|notice|copying)/i;

export interface Sources {
  /** The project. */
  root: string;
  platform: contents.Platform;
  debian: readonly DebianPackage[];
  /** Paths under `root` of bundles, of the directory they are in, and of the npm packages in them. */
  bundles: { files: readonly string[]; directory: string; packages: readonly string[] };
}

export class RootFs {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  }

  copy(from: string, to: string, mode = 0o644): void {
    const target = this.#place(to);
    copyFileSync(from, target);
    chmodSync(target, mode);
  }

  write(to: string, text: string, mode = 0o644): void {
    writeFileSync(this.#place(to), text, { mode });
    chmodSync(this.#place(to), mode);
  }

  link(to: string, target: string): void {
    symlinkSync(target, this.#place(to));
  }

  makeDirectory(to: string, mode: number): void {
    mkdirSync(join(this.directory, to), { recursive: true });
    chmodSync(join(this.directory, to), mode);
  }

  /** Every entry, as `path` relative to the root, sorted; a directory's before what is in it. */
  entries(under = ''): string[] {
    return readdirSync(join(this.directory, under))
      .sort()
      .flatMap((name) => {
        const path = join(under, name);
        return [path, ...(lstatSync(join(this.directory, path)).isDirectory() ? this.entries(path) : [])];
      });
  }

  /** Bytes of all files. */
  size(): number {
    return this.entries().reduce((sum, path) => sum + this.#bytes(path), 0);
  }

  /** One time for everything, 1970, and modes that no umask changed: what was made when must not show in a digest. */
  settle(): void {
    for (const path of ['', ...this.entries()].reverse()) {
      const entry = join(this.directory, path);
      if (lstatSync(entry).isDirectory() && !(path in contents.DIRECTORIES)) chmodSync(entry, 0o755);
      lutimesSync(entry, 0, 0);
    }
  }

  #bytes(path: string): number {
    const status = lstatSync(join(this.directory, path));
    return status.isFile() ? status.size : 0;
  }

  #place(to: string): string {
    const path = join(this.directory, to);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }
}

export function assemble(fs: RootFs, sources: Sources): void {
  for (const name of ['bin', 'lib', 'sbin', 'lib64']) fs.link(name, `usr/${name}`);
  fs.makeDirectory('usr/bin', 0o755);
  fs.makeDirectory('usr/lib64', 0o755);
  libraries(fs, sources);
  iptables(fs, sources);
  certificates(fs, of(sources, contents.CERTIFICATES));
  programs(fs, sources);
  for (const [path, text] of Object.entries(contents.TEXTS)) fs.write(path, text);
  for (const [path, mode] of Object.entries(contents.DIRECTORIES)) fs.makeDirectory(path, mode);
  fs.copy(join(of(sources, contents.BASE_FILES).directory, 'usr/lib/os-release'), 'usr/lib/os-release');
  fs.link('etc/os-release', '../usr/lib/os-release');
  for (const debian of sources.debian) {
    const documents = `usr/share/doc/${debian.name}`;
    const other = documentedBy(debian);
    if (other === undefined) fs.copy(join(debian.directory, documents, 'copyright'), `${documents}/copyright`);
    else fs.link(documents, other);
    // Where scanners look for the packages of an image without dpkg.
    fs.write(`var/lib/dpkg/status.d/${debian.name}`, debian.control);
  }
}

function of({ debian }: Sources, name: string): DebianPackage {
  const found = debian.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the Debian package ${name} was not fetched`);
  return found;
}

/** The file that a name in one of the directories leads to; packages keep both /lib and /usr/lib. */
function find(debian: DebianPackage, directories: readonly string[], name: string): string {
  const at = directories.map((directory) => join(debian.directory, directory, name)).find(existsSync);
  if (at === undefined) throw new Error(`${debian.name} ${debian.version} has no ${name} in ${directories.join(', ')}`);
  return realpathSync(at);
}

function libraries(fs: RootFs, sources: Sources): void {
  const { triplet, loader } = sources.platform;
  const directories = [`lib/${triplet}`, `usr/lib/${triplet}`];
  for (const [name, files] of Object.entries(contents.LIBRARIES)) {
    for (const file of files) fs.copy(find(of(sources, name), directories, file), `usr/lib/${triplet}/${file}`);
  }
  const libc = of(sources, 'libc6');
  fs.copy(find(libc, [...directories, 'lib', 'lib64'], basename(loader)), `usr${loader}`, 0o755);
}

function iptables(fs: RootFs, sources: Sources): void {
  const debian = of(sources, contents.IPTABLES);
  fs.copy(find(debian, ['usr/sbin'], contents.IPTABLES_PROGRAM), `usr/sbin/${contents.IPTABLES_PROGRAM}`, 0o755);
  for (const name of contents.IPTABLES_NAMES) fs.link(`usr/sbin/${name}`, contents.IPTABLES_PROGRAM);
  const extensions = `usr/lib/${sources.platform.triplet}/xtables`;
  for (const name of contents.EXTENSIONS) fs.copy(find(debian, [extensions], name), `${extensions}/${name}`);
}

/** As update-ca-certificates(8) does: all of Mozilla's in one file, in the order of their names. */
function certificates(fs: RootFs, debian: DebianPackage): void {
  const directory = join(debian.directory, 'usr/share/ca-certificates/mozilla');
  const texts = readdirSync(directory)
    .filter((name) => name.endsWith('.crt'))
    .sort()
    .map((name) => readFileSync(join(directory, name), 'utf8').trimEnd());
  fs.write('etc/ssl/certs/ca-certificates.crt', `${texts.join('\n')}\n`);
}

function programs(fs: RootFs, { root, platform, bundles }: Sources): void {
  const node = join(root, `node_modules/node-linux-${platform.arch}`);
  fs.copy(join(node, 'bin/node'), 'usr/bin/node', 0o755);
  fs.copy(join(node, 'LICENSE'), 'usr/share/doc/node/LICENSE');
  fs.copy(join(root, 'LICENSE'), 'usr/share/doc/weir/LICENSE');
  for (const file of bundles.files) fs.copy(join(root, file), join('weir', relative(bundles.directory, file)));
  for (const file of contents.koffiFiles(platform.arch)) {
    fs.copy(join(root, 'node_modules', file), `weir/node_modules/${file}`);
  }
  for (const directory of [...bundles.packages, 'node_modules/koffi']) {
    for (const name of readdirSync(join(root, directory)).filter((file) => LICENCE.test(file))) {
      const to = `usr/share/doc/weir/${directory}/${name}`;
      if (lstatSync(join(root, directory, name)).isFile()) fs.copy(join(root, directory, name), to);
    }
  }
}
