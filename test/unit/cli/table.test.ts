/** One table of commands: what people read, what is parsed and what is documented are the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Arguments } from '../../../cli/arguments.ts';
import { stale } from '../../../cli/generate.ts';
import { commandHelp, HELP_WIDTH, manual, wrap } from '../../../cli/help.ts';
import { main } from '../../../cli/main.ts';
import { parseOptions, USAGE } from '../../../cli/run/options.ts';
import { COMMANDS, RUN } from '../../../cli/table.ts';
import { call } from './support.ts';

describe('the table of commands', () => {
  it('is what --help lists, and every command of it can be called', async () => {
    const { stdout } = await call(main, '--help');
    for (const { name, summary } of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +${summary}$`, 'm'));
      if (name === RUN.name) continue;
      for (const flag of ['--help', '-h']) {
        expect(await call(main, name, flag)).toEqual({
          status: 0,
          stdout: commandHelp(COMMANDS.find((command) => command.name === name) ?? RUN),
          stderr: '',
        });
      }
      expect(await call(main, name, '--no-such-option')).toMatchObject({ status: 2, stdout: '' });
    }
  });

  it('has each option once, and reads it as it says', () => {
    for (const command of COMMANDS) {
      const names = command.options.flatMap(({ name, short }) => [name, ...(short === undefined ? [] : [short])]);
      expect(new Set(names).size, command.name).toBe(names.length);
      for (const { name, value, many, complete } of command.options) {
        const text = Array.isArray(complete) ? (complete[0] ?? '') : 'v';
        const given = new Arguments(command, value === undefined ? [`--${name}`] : [`--${name}`, text]);
        if (value === undefined) expect(given.has(name)).toBe(true);
        else expect(many ? given.all(name) : [given.one(name)]).toEqual([text]);
      }
    }
  });

  it('says of weir run what weir run says of itself, and names the options that it takes', () => {
    expect(USAGE).toBe(commandHelp(RUN));
    for (const { name, value } of RUN.options) {
      if (name === 'help') continue;
      const text = name === 'resolver' ? '192.0.2.1' : 'v';
      const argv = value === undefined ? [`--${name}`] : [`--${name}`, text];
      expect(parseOptions([...argv, '--', 'true']).kind, name).toBe('run');
    }
  });

  it('fits into a terminal', () => {
    for (const command of COMMANDS) {
      const lines = commandHelp(command).split('\n');
      const examples = new Set(command.examples.map((example) => `  ${example}`));
      for (const line of lines) if (!examples.has(line)) expect(line.length, line).toBeLessThanOrEqual(HELP_WIDTH);
    }
  });

  it('wraps at blanks, and lets a long word stand alone', () => {
    expect(wrap('a bb ccc', 4)).toEqual(['a bb', 'ccc']);
    expect(wrap('abcdefg h', 4)).toEqual(['abcdefg', 'h']);
    expect(wrap('', 4)).toEqual(['']);
  });
});

describe('what is generated', () => {
  it('is up to date: run `node cli/generate.ts`', () => {
    expect(stale()).toEqual([]);
  });

  it('documents every option', () => {
    const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
    expect(text).toBe(manual());
    for (const { name, options } of COMMANDS) {
      const section = text.split(`## weir ${name}\n`)[1]?.split('\n## ')[0] ?? '';
      for (const option of options) expect(section, name).toContain(`--${option.name}`);
    }
  });
});
