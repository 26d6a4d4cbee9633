/** Scanners of files that package registries carry, and Weir. Each says in which files of a directory it finds something. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInspector } from '../../sidecar/inspect/index.ts';
import { detectorsOf } from '../fixtures/corpus/recall.ts';

export interface Scanner {
  name: string;
  /** Why it is not here; undefined: it is. To be asked after `install`. */
  missing(): string | undefined;
  /** Base names of the files in which something was found. */
  scan(directory: string): Promise<Set<string>>;
}

/** Where their programs are put. */
const VENV = process.env.WEIR_BESIDE_VENV ?? join(tmpdir(), 'weir-beside');
const PACKAGES = ['credsweeper==1.19.5', 'detect-secrets==1.5.0'];
const GITLEAKS = 'github.com/zricethezav/gitleaks/v8';
const GITLEAKS_VERSION = 'v8.28.0';

/** Installs what can be had into a virtual environment; what cannot is missing. */
export function install(): void {
  const run = (command: string, args: readonly string[], env = {}) =>
    spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (!existsSync(join(VENV, 'bin/pip'))) {
    run('python3', ['-m', 'venv', VENV]);
    for (const name of PACKAGES) run(join(VENV, 'bin/pip'), ['install', '--quiet', name]);
  }
  if (missing('gitleaks') !== undefined)
    run('go', ['install', `${GITLEAKS}@${GITLEAKS_VERSION}`], { GOBIN: join(VENV, 'bin'), GOFLAGS: '-mod=mod' });
}

/** Directories of files that gitleaks tests itself with, where its module is. */
export function publishedSamples(): string[] {
  const { stdout } = spawnSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' });
  const module = join(stdout?.trim() ?? '', `${GITLEAKS}@${GITLEAKS_VERSION}`);
  return ['cmd/generate/config/rules', 'testdata/repos/nogit', 'testdata/archives']
    .map((directory) => join(module, directory))
    .filter((directory) => existsSync(directory));
}

const program = (name: string): string => join(VENV, 'bin', name);
function missing(name: string): string | undefined {
  return existsSync(program(name)) ? undefined : 'not installed: its package could not be had';
}

const weir: Scanner = {
  name: 'weir',
  missing: () => undefined,
  async scan(directory) {
    const inspector = createInspector();
    const found = new Set<string>();
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const { name } = entry;
      if ((await detectorsOf(inspector, readFileSync(join(directory, name)))).size > 0) found.add(name);
    }
    return found;
  },
};

const credsweeper: Scanner = {
  name: 'CredSweeper',
  missing: () => missing('credsweeper'),
  async scan(directory) {
    const report = join(mkdtempSync(join(tmpdir(), 'weir-beside-')), 'report.json');
    // --depth: it looks into encodings and archives too.
    const options = ['--path', directory, '--depth', '3', '--jobs', '1', '--save-json', report, '--log', 'silence'];
    spawnSync(program('credsweeper'), options, { stdio: 'ignore' });
    const results = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Report[]) : [];
    return new Set(results.flatMap(({ line_data_list }) => line_data_list.map(({ path }) => basename(path))));
  },
};

interface Report {
  line_data_list: { path: string }[];
}

const detectSecrets: Scanner = {
  name: 'detect-secrets',
  missing: () => missing('detect-secrets'),
  async scan(directory) {
    const { stdout } = spawnSync(program('detect-secrets'), ['scan', '--all-files', '.'], {
      // It finds nothing in a directory elsewhere.
      cwd: directory,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const { results } = JSON.parse(stdout || '{"results":{}}') as { results: Record<string, unknown> };
    return new Set(Object.keys(results).map((path) => basename(path)));
  },
};

const gitleaks: Scanner = {
  name: 'gitleaks',
  missing: () => missing('gitleaks'),
  async scan(directory) {
    const report = join(mkdtempSync(join(tmpdir(), 'weir-beside-')), 'report.json');
    const options = ['--max-decode-depth', '3', '--max-archive-depth', '3', '--report-format', 'json'];
    spawnSync(program('gitleaks'), ['dir', directory, ...options, '--report-path', report], { stdio: 'ignore' });
    const results = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as { File: string }[]) : [];
    // Behind `!` stands the member of an archive.
    return new Set(results.map(({ File }) => basename(File.split('!')[0] as string)));
  },
};

export const SCANNERS: readonly Scanner[] = [weir, credsweeper, detectSecrets, gitleaks];
