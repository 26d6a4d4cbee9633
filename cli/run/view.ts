/** What the command is to see of the host, from the options and the state of the machine. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isWithin } from './mountinfo.ts';
import type { RunOptions } from './options.ts';
import { writablePlaces } from './places.ts';
import { COMMAND_HOSTS, COMMAND_RESOLV_CONF, type Replacement, type View } from './protocol.ts';
import { linkedFile, named, ownFiles, ownFilesWarning } from './relied.ts';
import { MAX_SECRET_FILE, type SecretFacts } from './secrets.ts';
import { hostSocketPaths } from './socket-paths.ts';
import { STATUS_USAGE, Stop } from './stop.ts';

/** Programs without a setting for trust anchors (GnuTLS) read these; those that exist show the bundle. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/var/lib/ca-certificates/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/etc/ssl/ca-bundle.pem',
];

/** Made when they are missing: npm cannot make its cache in a read-only home, and most other tools share the second. */
const USUAL_CACHES = ['.npm', '.cache'];

/** @returns the view, and warnings. Makes the log file and the usual caches. @throws Stop for arguments that cannot be followed */
export function viewFor(options: RunOptions, env: NodeJS.ProcessEnv): { view: View; warnings: string[] } {
  const home = realpath(env.HOME ?? os.homedir());
  if (home !== undefined) makeUsualCaches(home);
  const { writable, warnings, errors } = writablePlaces({
    cwd: process.cwd(),
    home,
    env,
    write: options.writable,
    readlink: linkTarget,
  });
  const { kept, errors: namedErrors } = named(options, {
    cwd: process.cwd(),
    writable,
    readlink: linkTarget,
    realpath,
    list: namesIn,
  });
  errors.push(...namedErrors);
  const own = ownFiles(fs.readFileSync('/proc/self/maps', 'utf8'));
  const linked = linkedFile(own, writable);
  if (linked !== undefined)
    errors.push(
      `${linked} is weir's own, and a hard link, by whose other name the command could change it: install weir with npm, or have pnpm copy files (package-import-method=copy)`,
    );
  const masks = options.masks.map((mask) => {
    const real = realpath(mask);
    if (real === undefined) errors.push(`--mask ${mask}: no such file or directory`);
    if (real === '/') errors.push('--mask /: not possible');
    return real;
  });
  if (errors.length > 0) throw new Stop(errors.join('\n'), STATUS_USAGE);
  // The command may read its policy but not change it for the next run, and neither see nor touch the log of this one.
  if (options.log !== undefined) masks.push(createLogFile(options.log));
  const view: View = {
    writable,
    masks: masks.filter((mask) => mask !== undefined),
    protected: [...kept, ...own],
    sockets: hostSocketPaths(home),
    home,
  };
  const more = [ownershipWarning(process.cwd()), ownFilesWarning(own, process.cwd())];
  return { view, warnings: [...warnings, ...more.filter((warning) => warning !== undefined)] };
}

/** In the sandbox root is an owner like any other: without capabilities it cannot write into what belongs to someone else. */
function ownershipWarning(cwd: string): string | undefined {
  const { uid, mode } = fs.statSync(cwd);
  if (process.getuid?.() !== 0 || uid === 0 || (mode & 0o002) !== 0) return undefined;
  return `${cwd} belongs to user ${uid}, and root in the sandbox has no power over other users' files: run weir as that user`;
}

function makeUsualCaches(home: string): void {
  for (const name of USUAL_CACHES) {
    try {
      fs.mkdirSync(path.join(home, name));
    } catch {
      // It is there, or a home that cannot be written has no caches.
    }
  }
}

function createLogFile(file: string): string {
  try {
    fs.closeSync(fs.openSync(file, 'a', 0o600));
    return fs.realpathSync.native(file);
  } catch (error) {
    throw new Stop(`--log: ${(error as Error).message}`, STATUS_USAGE);
  }
}

/** The files of /etc that the command sees with our contents. @param bundle what to trust, PEM */
export function replacementFiles(bundle: Buffer): Replacement[] {
  const texts = [
    { path: '/etc/resolv.conf', contents: COMMAND_RESOLV_CONF },
    { path: '/etc/hosts', contents: COMMAND_HOSTS },
  ];
  return [
    ...texts.map((text) => ({ path: text.path, contents: Buffer.from(text.contents).toString('base64') })),
    ...SYSTEM_BUNDLES.filter((file) => fs.existsSync(file)).map((file) => ({
      path: file,
      contents: bundle.toString('base64'),
    })),
  ];
}

/** The physical path, undefined when there is nothing. */
export function realpath(file: string): string | undefined {
  try {
    return fs.realpathSync.native(file);
  } catch {
    return undefined;
  }
}

/** The target of a link, undefined for anything else, null for nothing. */
function linkTarget(file: string): string | undefined | null {
  try {
    return fs.lstatSync(file).isSymbolicLink() ? fs.readlinkSync(file) : undefined;
  } catch {
    return null;
  }
}

/** Names in a directory; none when it cannot be read. */
function namesIn(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

/** What `localSecrets` asks of the machine. */
export function secretFacts(env: Readonly<Record<string, string | undefined>>, { home, masks }: View): SecretFacts {
  return {
    env,
    home,
    read(file) {
      try {
        const stat = fs.statSync(file);
        return stat.isFile() && stat.size <= MAX_SECRET_FILE ? fs.readFileSync(file) : undefined;
      } catch {
        return undefined;
      }
    },
    list: namesIn,
    isMasked: (file) => masks.some((mask) => isWithin(realpath(file) ?? file, mask)),
  };
}

/** The text of a file that need not exist. */
export function readOptional(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
