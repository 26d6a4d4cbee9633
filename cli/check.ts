/** `weir check`: are these policies valid? */
import type { Problem } from '../crds/document.ts';
import { DETECTOR_NAMES } from '../sidecar/inspect/detectors/names.ts';
import { runCommand } from './arguments.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { loadPolicies, problemText } from './policies.ts';
import { sarifLog } from './sarif.ts';
import { jsonText } from './shown.ts';
import { CHECK } from './table.ts';

/** Resolves to the exit status. */
export function check(argv: string[], io: Io): Promise<number> {
  return runCommand(CHECK, argv, io, async (given) => {
    if (given.operands.length === 0) throw new UsageError('name at least one file');
    const { policies, clusterPolicies, problems } = await loadPolicies(given.operands, DETECTOR_NAMES);
    const valid = policies.length + clusterPolicies.length;
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    const output = given.has('json') ? 'json' : given.one('output');
    if (output === 'json') {
      io.stdout(jsonText({ ok: errors === 0, policies: valid, problems }));
    } else if (output === 'sarif') {
      io.stdout(jsonText(sarifLog(problems)));
    } else io.stdout(textOf(problems, valid, errors));
    return errors === 0 ? EXIT.ok : EXIT.no;
  });
}

function textOf(problems: readonly Problem[], valid: number, errors: number): string {
  const counts = [
    count(valid, 'valid policy', 'valid policies'),
    count(errors, 'error'),
    count(problems.length - errors, 'warning'),
  ];
  return `${problems.map(problemText).join('')}${counts.join(', ')}\n`;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
