/** `weir scan`: which secrets are in these files? */
import { runCommand } from '../arguments.ts';
import { EXIT, type Io, UsageError } from '../io.ts';
import { jsonText } from '../shown.ts';
import { SCAN } from '../table.ts';
import { openFile, problemOf } from './open.ts';
import { Progress } from './progress.ts';
import { type Scanned, Scanner } from './scanner.ts';
import { jsonOf, textOf } from './view.ts';

/** Resolves to the exit status. */
export function scan(argv: string[], io: Io): Promise<number> {
  return runCommand(SCAN, argv, io, async (given) => {
    if (given.operands.length === 0) throw new UsageError('name at least one file, or - for standard input');
    const asJson = given.has('json');
    const scanner = new Scanner();
    const progress = new Progress(process.stderr.isTTY === true ? io.stderr : undefined);
    const results: Scanned[] = [];
    for (const file of given.operands) {
      const result = await scanFile(scanner, file, progress);
      results.push(result);
      if (asJson) continue;
      progress.clear();
      const { stdout, stderr } = textOf(result);
      if (stdout !== '') io.stdout(stdout);
      if (stderr !== '') io.stderr(stderr);
    }
    progress.clear();
    if (asJson) io.stdout(jsonText(jsonOf(results)));
    if (results.some(({ problem }) => problem !== undefined)) return EXIT.usage;
    return results.some(({ findings }) => findings.length > 0) ? EXIT.no : EXIT.ok;
  });
}

async function scanFile(scanner: Scanner, file: string, progress: Progress): Promise<Scanned> {
  try {
    const { chunks, size } = await openFile(file);
    return await scanner.scan(file, chunks, (bytes) => progress.show(file, bytes, size));
  } catch (error) {
    return { file, bytes: 0, findings: [], problem: problemOf(error) };
  }
}
