/** The `weir` program: finds the command and gives it the rest of the line. */
import { nearest } from '../crds/issues.ts';
import packageJson from '../package.json' with { type: 'json' };
import { programHelp } from './help.ts';
import { EXIT, type Io } from './io.ts';
import { keepOutputBlocking } from './run/own-output.ts';
import { shown } from './shown.ts';

type Command = (argv: string[], io: Io) => Promise<number>;

/** Commands are loaded when they are called: `weir check` needs none of the data plane's libraries. */
const LOADERS: Record<string, () => Promise<Command>> = {
  run: async () => (await import('./run/command.ts')).run,
  check: async () => (await import('./check.ts')).check,
  explain: async () => (await import('./explain.ts')).explain,
  test: async () => (await import('./test.ts')).test,
  diff: async () => (await import('./diff.ts')).diff,
  scan: async () => (await import('./scan/command.ts')).scan,
  schema: async () => (await import('./schema.ts')).schema,
  completion: async () => (await import('./completion.ts')).completion,
};

/** Resolves to the exit status. */
export async function main(argv: string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? io.stderr : io.stdout)(programHelp());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version') {
    io.stdout(`weir ${packageJson.version}\n`);
    return EXIT.ok;
  }
  const load = Object.hasOwn(LOADERS, name) ? LOADERS[name] : undefined;
  if (!load) {
    const meant = nearest(name, Object.keys(LOADERS));
    io.stderr(
      `weir: there is no command "${shown(name)}"${meant === undefined ? '' : `; did you mean ${meant}?`}\nSee weir --help.\n`,
    );
    return EXIT.usage;
  }
  return (await load())(rest, io);
}

if (import.meta.main) {
  // `weir run` shares its streams with a command. For the others: whoever reads may have seen enough (`weir schema | head`).
  if (process.argv[2] === 'run') keepOutputBlocking();
  else {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  process.exitCode = await main(process.argv.slice(2), {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  });
}
