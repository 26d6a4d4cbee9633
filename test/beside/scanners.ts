/** Scanners of files that package registries carry, and Weir. Each says in which files of a directory it finds something. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInspector } from '../../sidecar/inspect/index.ts';
import { detectorsOf } from '../fixtures/corpus/recall.ts';

export interface Scanner {
  name: string;
  /** Why it is not here; undefined: it is. */
  missing: string | undefined;
  /** Base names of the files in which something was found. */
  scan(directory: string): Promise<Set<string>>;
}

/** Where `pip install credsweeper detect-secrets` put its programs. */
const VENV = process.env.WEIR_BESIDE_VENV ?? join(tmpdir(), 'weir-beside');

/** Installs what can be had into a virtual environment; what cannot is missing. */
export function install(): void {
  if (existsSync(join(VENV, 'bin/pip'))) return;
  spawnSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
  for (const name of ['credsweeper', 'detect-secrets']) {
    spawnSync(join(VENV, 'bin/pip'), ['install', '--quiet', name], { stdio: 'inherit' });
  }
}

function program(name: string): { path: string; missing: string | undefined } {
  const path = join(VENV, 'bin', name);
  return { path, missing: existsSync(path) ? undefined : 'not installed: its package could not be had' };
}

const weir: Scanner = {
  name: 'weir',
  missing: undefined,
  async scan(directory) {
    const inspector = createInspector();
    const found = new Set<string>();
    for (const file of readdirSync(directory)) {
      if ((await detectorsOf(inspector, readFileSync(join(directory, file)))).size > 0) found.add(file);
    }
    return found;
  },
};

const credsweeper: Scanner = {
  name: 'CredSweeper',
  missing: program('credsweeper').missing,
  async scan(directory) {
    const report = join(mkdtempSync(join(tmpdir(), 'weir-beside-')), 'report.json');
    // --depth: it looks into encodings and archives too.
    const options = ['--path', directory, '--depth', '3', '--jobs', '1', '--save-json', report, '--log', 'silence'];
    spawnSync(program('credsweeper').path, options, { stdio: 'ignore' });
    const results = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Report[]) : [];
    return new Set(results.flatMap(({ line_data_list }) => line_data_list.map(({ path }) => basename(path))));
  },
};

interface Report {
  line_data_list: { path: string }[];
}

const detectSecrets: Scanner = {
  name: 'detect-secrets',
  missing: program('detect-secrets').missing,
  async scan(directory) {
    const { stdout } = spawnSync(program('detect-secrets').path, ['scan', '--all-files', '.'], {
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
  missing: 'the Go module proxy does not serve its module',
  scan: async () => new Set(),
};

export const SCANNERS: readonly Scanner[] = [weir, credsweeper, detectSecrets, gitleaks];
