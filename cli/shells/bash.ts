/** Completion for bash (4.4 and later), without the bash-completion package. */
import { COMMANDS, type CommandSpec, type Completion, PROGRAM } from '../table.ts';

export function bash(): string {
  const values = COMMANDS.flatMap(({ name, options }) =>
    options.flatMap(({ name: long, short, value, complete = 'nothing' }) => {
      if (value === undefined) return [];
      const flags = [`--${long}`, ...(short === undefined ? [] : [`-${short}`])];
      return [`    ${flags.map((flag) => `"${name} ${flag}"`).join('|')}) ${action(complete)}; return ;;`];
    }),
  );
  return `# Completion of weir for bash; made by "weir completion bash".
_weir_reply() { mapfile -t COMPREPLY < <(compgen "$@"); }
_weir() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} i
  COMPREPLY=()
  # bash takes "--option=value" for three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  if ((COMP_CWORD == 1)); then
    _weir_reply -W "${words([...COMMANDS.map(({ name }) => name), ...flagsOf(PROGRAM.options)])}" -- "$cur"
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [[ $command == run && \${COMP_WORDS[i]} == -- ]]; then
      if ((COMP_CWORD == i + 1)); then _weir_reply -c -- "$cur"; else _weir_reply -f -- "$cur"; fi
      return
    fi
  done
  case "$command $prev" in
${values.join('\n')}
  esac
  case "$command $cur" in
${COMMANDS.map((command) => `    "${command.name} -"*) _weir_reply -W "${words(flags(command))}" -- "$cur" ;;`).join('\n')}
${COMMANDS.map(({ name, operands }) => `    "${name} "*) ${action(operands)} ;;`).join('\n')}
  esac
}
complete -o filenames -F _weir weir
`;
}

function flags(command: CommandSpec): string[] {
  return command.operands === 'command' ? [...flagsOf(command.options), '--'] : flagsOf(command.options);
}

function flagsOf(options: CommandSpec['options']): string[] {
  return options.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
}

function action(complete: Completion): string {
  if (typeof complete !== 'string') return `_weir_reply -W "${words(complete)}" -- "$cur"`;
  switch (complete) {
    case 'file':
      return '_weir_reply -f -- "$cur"';
    case 'directory':
      return '_weir_reply -d -- "$cur"';
    default:
      return ':';
  }
}

function words(all: readonly string[]): string {
  return all.join(' ');
}
