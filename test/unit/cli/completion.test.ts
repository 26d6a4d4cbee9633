/** The scripts in the shells that they are for. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { completion } from '../../../cli/completion.ts';
import { COMMANDS, SHELLS } from '../../../cli/table.ts';
import { call, temporaryFiles } from './support.ts';

const file = temporaryFiles();
const directory = file('policy.yaml', '').replace(/\/policy.yaml$/, '');
writeFileSync(`${directory}/with blank.yaml`, '');

async function script(shell: string): Promise<string> {
  const { status, stdout } = await call(completion, shell);
  expect(status).toBe(0);
  return file(`completion.${shell}`, stdout);
}

function run(shell: string, argv: string[]): string {
  const { status, stdout, stderr } = spawnSync(shell, argv, { encoding: 'utf8', cwd: directory });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** What a shell offers for the last of the words. */
const OFFERS: Record<string, (words: string[]) => Promise<string[]>> = {
  bash: async (words) => {
    const line = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _weir; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = run('bash', ['--norc', '-c', line, 'bash', await script('bash'), ...words]);
    return out.split('\n').filter((offer) => offer !== '');
  },
  fish: async (words) => {
    const line = words.map((word) => word.replaceAll(' ', '\\ ')).join(' ');
    const out = run('fish', ['--no-config', '-c', `source $argv[1]; complete -C $argv[2]`, await script('fish'), line]);
    return out.split('\n').flatMap((offer) => offer.split('\t')[0] || []);
  },
  zsh: async (words) => {
    // compadd is what completion functions end in: what they give it is what the shell would offer.
    const text = `
autoload -Uz compinit; compinit -D -u
typeset -a offers
compadd() {
  local -a hits
  builtin compadd -O hits "$@" 2>/dev/null
  offers+=("\${hits[@]}")
  builtin compadd "$@"
}
source ${await script('zsh')}
comptest() { _main_complete; print -rl -- "\${offers[@]}" > ${directory}/offers }
zle -C comptest complete-word comptest
bindkey '^I' comptest
`;
    const rc = file('.zshrc', text);
    const drive = `
zmodload zsh/zpty
zpty shell "ZDOTDIR=${rc.replace(/\/.zshrc$/, '')} TERM=dumb zsh -i"
zpty -w shell 'cd ${directory}; print re""ady'
zpty -r -m shell out '*ready*'
zpty -n -w shell $'${words.join(' ')}\\t'
for i in {1..100}; do [[ -s ${directory}/offers ]] && break; sleep 0.05; done
zpty -d shell
cat ${directory}/offers; rm -f ${directory}/offers`;
    return run('zsh', ['-f', '-c', drive])
      .split('\n')
      .filter((offer) => offer !== '');
  },
};

describe.each(SHELLS)('completion in %s', (shell) => {
  const offers = async (...words: string[]) => [...new Set(await OFFERS[shell]?.(words))];

  it('offers the commands', async () => {
    const offered = await offers('weir', '');
    for (const { name } of COMMANDS) expect(offered).toContain(name);
    expect(await offers('weir', 'com')).toEqual(['completion']);
  });

  it('offers the options of each command', async () => {
    for (const { name, options } of COMMANDS) {
      const offered = await offers('weir', name, '--');
      for (const option of options) expect(offered, name).toContain(`--${option.name}`);
      expect(offered).not.toContain(name === 'explain' ? '--output' : '--url');
    }
  });

  it('offers the values that an option has', async () => {
    expect((await offers('weir', 'check', '--output', '')).sort()).toEqual(['json', 'sarif', 'text']);
    expect((await offers('weir', 'check', '-o', 's')).sort()).toEqual(['sarif']);
    expect((await offers('weir', 'completion', 'z')).sort()).toEqual(['zsh']);
    expect((await offers('weir', 'schema', 'c')).sort()).toEqual(['cases', 'clusteregresspolicy']);
  });

  it('offers files where a file goes', async () => {
    expect(await offers('weir', 'explain', '--policy', 'pol')).toEqual(['policy.yaml']);
    expect(await offers('weir', 'check', 'pol')).toEqual(['policy.yaml']);
    expect(await offers('weir', 'diff', 'policy.yaml', 'pol')).toEqual(['policy.yaml']);
  });
});

describe('weir completion', () => {
  it('knows the shells', async () => {
    for (const argv of [[], ['tcsh'], ['bash', 'zsh']]) {
      expect(await call(completion, ...argv)).toEqual({
        status: 2,
        stdout: '',
        stderr: 'weir completion: name one shell: bash, zsh, fish\nSee weir completion --help.\n',
      });
    }
  });

  it('offers a command of the machine after weir run --, in bash', async () => {
    expect(await OFFERS.bash?.(['weir', 'run', '--audit', '--', 'prin'])).toContain('printf');
    expect(await OFFERS.bash?.(['weir', 'run', '--', 'cat', 'with'])).toEqual(['with blank.yaml']);
  });

  it('takes --option=value apart as bash does', async () => {
    expect(await OFFERS.bash?.(['weir', 'check', '--output', '=', 'sa'])).toEqual(['sarif']);
    expect(await OFFERS.bash?.(['weir', 'check', '--output', '='])).toEqual(['text', 'json', 'sarif']);
  });
});
