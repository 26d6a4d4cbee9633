/** The policies that --policy names, read and compiled. */
import fs from 'node:fs';
import { compile } from '../../crds/compile.ts';
import { type Problem, parseDocuments } from '../../crds/document.ts';
import type { RuntimePolicy } from '../../crds/runtime.ts';
import type { EgressPolicy } from '../../crds/types.generated.ts';
import { DETECTOR_NAMES } from '../../sidecar/inspect/detectors/index.ts';

export interface LoadedPolicy {
  /** undefined when there was an error. */
  policy: RuntimePolicy | undefined;
  /** As `weir check` prints them. */
  messages: string[];
}

/** All files together, as the policies of one namespace. No file: everything is denied. */
export function loadPolicy(files: readonly string[], audit: boolean): LoadedPolicy {
  const policies: EgressPolicy[] = [];
  const problems: Problem[] = [];
  const messages: string[] = [];
  for (const file of files) {
    try {
      const read = parseDocuments(fs.readFileSync(file, 'utf8'), file, DETECTOR_NAMES);
      policies.push(...read.policies);
      problems.push(...read.problems);
    } catch (error) {
      messages.push(`${file}: error: ${(error as Error).message}`);
    }
  }
  const failed = messages.length > 0 || problems.some(({ severity }) => severity === 'error');
  messages.push(...problems.map(format));
  if (failed) return { policy: undefined, messages };
  if (audit) for (const { spec } of policies) spec.mode = 'Audit';
  try {
    const policy = compile(policies, undefined);
    // Without a policy there is nothing to compile the mode from.
    return { policy: audit ? { ...policy, mode: 'Audit' } : policy, messages };
  } catch (error) {
    return { policy: undefined, messages: [...messages, `error: ${(error as Error).message}`] };
  }
}

function format({ file, line, column, path, message, fix, severity }: Problem): string {
  const where = path === '' ? '' : ` ${path}:`;
  return `${file}:${line}:${column}: ${severity}:${where} ${message}${fix === undefined ? '' : `\n  fix: ${fix}`}`;
}
