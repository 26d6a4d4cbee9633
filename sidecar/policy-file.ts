/** A policy from a file of EgressPolicy documents: for use without a control plane. Loads what compiles them, so it is imported late. */
import { readFileSync } from 'node:fs';
import { compile } from '../crds/compile.ts';
import { parseDocuments } from '../crds/document.ts';
import type { RuntimePolicy } from '../crds/runtime.ts';
import { DETECTOR_NAMES } from './inspect/detectors/names.ts';

/** @throws Error with a line for each problem */
export function readPolicyFile(file: string): RuntimePolicy {
  const { policies, clusterPolicies, problems } = parseDocuments(readFileSync(file, 'utf8'), file, DETECTOR_NAMES);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new Error(errors.map(({ file, line, path, message }) => `${file}:${line}: ${path}: ${message}`).join('\n'));
  }
  return compile(policies, undefined, { clusterPolicies });
}
