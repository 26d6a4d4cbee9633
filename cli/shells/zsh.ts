/** Completion for zsh (5.1 and later): as an autoloaded `_weir`, or sourced. */
import { COMMANDS, type CommandSpec, type Completion, type OptionSpec, PROGRAM } from '../table.ts';

export function zsh(): string {
  return `#compdef weir
# Completion of weir for zsh; made by "weir completion zsh".
_weir() {
  local curcontext=$curcontext state line ret=1
  typeset -A opt_args
  _arguments -C ${PROGRAM.options.map(option).join(' ')} '1: :->command' '*:: :->arguments' && ret=0
  case $state in
    command)
      local -a commands=(
${COMMANDS.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`).join('\n')}
      )
      _describe command commands && ret=0 ;;
    arguments)
      case $words[1] in
${COMMANDS.map(commandCase).join('\n')}
      esac ;;
  esac
  return ret
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _weir "$@"; else compdef _weir weir; fi
`;
}

function commandCase(command: CommandSpec): string {
  const parts = [...command.options.map(option), ...operands(command.operands)];
  return `        ${command.name})\n          _arguments -s ${parts.join(' \\\n            ')} && ret=0 ;;`;
}

function option({ name, short, value, many, complete = 'nothing', help }: OptionSpec): string {
  const rest = `[${bracketed(help)}]${value === undefined ? '' : `:${bracketed(value)}:${action(complete)}`}`;
  const flags = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
  if (many) return flags.map((flag) => quoted(`*${flag}${rest}`)).join(' ');
  return flags.map((flag) => quoted(`(${flags.join(' ')})${flag}${rest}`)).join(' ');
}

function operands(complete: Completion): string[] {
  if (complete === 'nothing') return [];
  if (complete === 'command') return [quoted('(-)*:: :_normal')];
  return [quoted(typeof complete === 'string' ? `*: :${action(complete)}` : `1: :${action(complete)}`)];
}

function action(complete: Completion): string {
  if (typeof complete !== 'string') return `(${complete.join(' ')})`;
  switch (complete) {
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    default:
      return ' ';
  }
}

/** Brackets and colons have a meaning in a description. */
function bracketed(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
