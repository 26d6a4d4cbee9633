/** How tests start Weir's programs: our Node, the bundles, and V8 coverage when the whole suite is measured. */
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');
export const node = process.execPath;
export const weir = join(root, 'bin/weir');
export const dist = (program: string): string => join(root, 'dist', `${program}.mjs`);

/** Environment for a spawned process of ours: coverage goes where `make test` collects it. */
export function processEnv(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const coverage = process.env.WEIR_PROCESS_COVERAGE;
  return { ...process.env, ...(coverage === undefined ? {} : { NODE_V8_COVERAGE: coverage }), ...extra };
}
