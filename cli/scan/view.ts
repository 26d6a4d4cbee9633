/** What a scan found, for people and for programs. Pure. */
import { DETECTORS } from '../../sidecar/inspect/detectors/index.ts';
import { shown } from '../shown.ts';
import type { Found, Scanned } from './scanner.ts';

/** Lines of findings, and of what went wrong. */
export function textOf({ file, findings, problem }: Scanned): { stdout: string; stderr: string } {
  const name = nameOf(file);
  return {
    stdout: findings.map((found) => `${name}${placeOf(found)}: ${found.detector}${aboutOf(found)}\n`).join(''),
    stderr: problem === undefined ? '' : `weir scan: ${name}: ${shown(problem)}\n`,
  };
}

/** The answer of `--json`. */
export function jsonOf(results: readonly Scanned[]): object {
  return {
    ok: results.every(({ findings, problem }) => findings.length === 0 && problem === undefined),
    files: results.map(({ findings, ...rest }) => ({
      ...rest,
      findings: findings.map((found) => ({ ...found, ...severityOf(found.detector) })),
    })),
  };
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : shown(file);
}

function placeOf({ line, offset }: Found): string {
  return line === undefined ? `: byte ${offset}` : `:${line}`;
}

/** ` (GitHub, critical), in base64 of gzip`. */
function aboutOf({ detector, decoding }: Found): string {
  const about = DETECTORS.find(({ name }) => name === detector);
  const service = about === undefined ? '' : ` (${about.service}; ${about.severity})`;
  return decoding.length === 0 ? service : `${service}, decoded: ${decoding.join(' > ')}`;
}

function severityOf(detector: string): { service?: string; severity?: string } {
  const about = DETECTORS.find(({ name }) => name === detector);
  return about === undefined ? {} : { service: about.service, severity: about.severity };
}
