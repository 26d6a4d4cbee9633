/** Completion for fish (3.0 and later). */
import { COMMANDS, type CommandSpec, type Completion, type OptionSpec, PROGRAM } from '../table.ts';

export function fish(): string {
  return `# Completion of weir for fish; made by "weir completion fish".
complete -c weir -f
${PROGRAM.options.map((option) => line('__fish_use_subcommand', option)).join('\n')}
${COMMANDS.flatMap(commandLines).join('\n')}
`;
}

function commandLines(command: CommandSpec): string[] {
  const inside = `__fish_seen_subcommand_from ${command.name}`;
  return [
    `complete -c weir -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
    ...command.options.map((option) => line(inside, option)),
    ...operands(command.operands).map((rest) => `complete -c weir -n ${quoted(inside)} ${rest}`),
  ];
}

function line(condition: string, { name, short, value, complete = 'nothing', help }: OptionSpec): string {
  const flags = short === undefined ? `-l ${name}` : `-l ${name} -s ${short}`;
  const rest = value === undefined ? '' : ` ${argument(complete)}`;
  return `complete -c weir -n ${quoted(condition)} ${flags}${rest} -d ${quoted(help)}`;
}

function argument(complete: Completion): string {
  if (typeof complete !== 'string') return `-x -a ${quoted(complete.join(' '))}`;
  switch (complete) {
    case 'file':
      return '-r -F';
    case 'directory':
      return "-x -a '(__fish_complete_directories)'";
    default:
      return '-x';
  }
}

function operands(complete: Completion): string[] {
  if (typeof complete !== 'string') return [`-a ${quoted(complete.join(' '))}`];
  switch (complete) {
    case 'file':
      return ['-F'];
    case 'directory':
      return ["-a '(__fish_complete_directories)'"];
    case 'command':
      return ["-a '(__fish_complete_subcommand)'"];
    default:
      return [];
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
