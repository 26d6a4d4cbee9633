/** The `weir` program: finds the command and gives it the rest of the line. */
import { nearest } from '../crds/issues.ts';
import packageJson from '../package.json' with { type: 'json' };
import { EXIT, type Io } from './io.ts';

const HELP = `Usage: weir COMMAND [ARGUMENT]...

Reads what leaves a build, and lets out only what a policy allows.

  run       run one command with everything it sends judged
  check     check policy files
  explain   say whether a policy allows a request, and what would

  --help    print this; weir COMMAND --help has the details
  --version print the version
`;

type Command = (argv: string[], io: Io) => Promise<number>;

/** Commands are loaded when they are called: `weir check` needs none of the data plane's libraries. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  run: async () => (await import('./run/command.ts')).run,
  check: async () => (await import('./check.ts')).check,
  explain: async () => (await import('./explain.ts')).explain,
};

/** Resolves to the exit status. */
export async function main(argv: string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? io.stderr : io.stdout)(HELP);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version') {
    io.stdout(`weir ${packageJson.version}\n`);
    return EXIT.ok;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) {
    const meant = nearest(name, Object.keys(COMMANDS));
    io.stderr(
      `weir: there is no command "${name}"${meant === undefined ? '' : `; did you mean ${meant}?`}\nSee weir --help.\n`,
    );
    return EXIT.usage;
  }
  return (await load())(rest, io);
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  });
}
