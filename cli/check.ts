/** `weir check`: are these policies valid? */
import { parseArgs } from 'node:util';
import { DETECTOR_NAMES } from '../sidecar/inspect/detectors/index.ts';
import { EXIT, type Io, UsageError, withUsage } from './io.ts';
import { loadPolicies, problemText } from './policies.ts';

const HELP = `Usage: weir check [--json] FILE...

Checks EgressPolicy files (YAML, several documents each; - is standard input).
Every problem is told as file:line:column: error: path: message, with a fix
where there is one.

  --json   print {ok, policies, problems} as JSON
  --help   print this

Exit status: 0 valid (warnings may have been printed), 1 errors were found,
2 the command line was not understood.
`;

/** Resolves to the exit status. */
export function check(argv: string[], io: Io): Promise<number> {
  return withUsage('check', io, async () => {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      io.stdout(HELP);
      return EXIT.ok;
    }
    if (positionals.length === 0) throw new UsageError('name at least one file');
    const { policies, problems } = await loadPolicies(positionals, DETECTOR_NAMES);
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    const warnings = problems.length - errors;
    if (values.json) {
      io.stdout(`${JSON.stringify({ ok: errors === 0, policies: policies.length, problems }, null, 2)}\n`);
    } else {
      for (const problem of problems) io.stdout(problemText(problem));
      const counts = [
        count(policies.length, 'valid policy', 'valid policies'),
        count(errors, 'error'),
        count(warnings, 'warning'),
      ];
      io.stdout(`${counts.join(', ')}\n`);
    }
    return errors === 0 ? EXIT.ok : EXIT.no;
  });
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
