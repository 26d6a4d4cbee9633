/** The arguments of a command, read as its entry in the table says. */
import { parseArgs } from 'node:util';
import { commandHelp } from './help.ts';
import { EXIT, type Io, UsageError } from './io.ts';
import { shown } from './shown.ts';
import type { CommandSpec, OptionSpec } from './table.ts';

export class Arguments {
  readonly operands: readonly string[];
  readonly #values: Record<string, string | boolean | (string | boolean)[] | undefined>;

  /** Throws UsageError for what the table does not know. */
  constructor(command: CommandSpec, argv: readonly string[]) {
    try {
      const { values, positionals } = parseArgs({
        args: [...argv],
        allowPositionals: command.operands !== 'nothing',
        options: Object.fromEntries(command.options.map((option) => [option.name, configOf(option)])),
      });
      this.#values = values;
      this.operands = positionals;
    } catch (error) {
      const isArgs = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
      throw isArgs ? new UsageError(error.message) : error;
    }
    for (const { name, complete } of command.options) {
      const value = this.#values[name];
      if (Array.isArray(complete) && typeof value === 'string' && !complete.includes(value))
        throw new UsageError(`--${name} is one of ${complete.join(', ')}, not "${value}"`);
    }
  }

  /** Whether a switch is on. */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The value of an option that is given once, or its default. */
  one(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** The values of an option that may be repeated. */
  all(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** The values `KEY=VALUE` of an option that may be repeated; `undefined` without any. */
  pairs(name: string): Record<string, string> | undefined {
    const pairs = this.all(name);
    if (pairs.length === 0) return undefined;
    return Object.fromEntries(
      pairs.map((pair) => {
        const equals = pair.indexOf('=');
        if (equals < 1) throw new UsageError(`"${pair}" is not KEY=VALUE`);
        return [pair.slice(0, equals), pair.slice(equals + 1)];
      }),
    );
  }
}

/**
 * Runs a command: `--help` prints its help, and what is wrong with its arguments ends in one line, a pointer to the help,
 * and exit code 2.
 */
export async function runCommand(
  command: CommandSpec,
  argv: readonly string[],
  io: Io,
  work: (given: Arguments) => Promise<number>,
): Promise<number> {
  try {
    const given = new Arguments(command, argv);
    if (given.has('help')) {
      io.stdout(commandHelp(command));
      return EXIT.ok;
    }
    return await work(given);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr(`weir ${command.name}: ${shown(error.message)}\nSee weir ${command.name} --help.\n`);
    return EXIT.usage;
  }
}

function configOf({ value, short, many, default: fallback }: OptionSpec) {
  return {
    type: value === undefined ? ('boolean' as const) : ('string' as const),
    ...(short !== undefined && { short }),
    ...(many && { multiple: true }),
    ...(fallback !== undefined && { default: fallback }),
  };
}
