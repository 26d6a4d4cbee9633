import { describe, expect, test } from 'vitest';
import { parseOptions, type RunOptions } from '../../../cli/run/options.ts';

function parsed(...argv: string[]): RunOptions {
  const result = parseOptions(argv);
  if (result.kind !== 'run') throw new Error(`not understood: ${JSON.stringify(result)}`);
  return result.options;
}

function problem(...argv: string[]): string {
  const result = parseOptions(argv);
  return result.kind === 'error' ? result.message : `no error: ${result.kind}`;
}

describe('weir run options', () => {
  test('a command alone', () => {
    expect(parsed('--', 'npm', 'install', '--policy', 'x')).toEqual({
      policies: [],
      audit: false,
      resolvers: [],
      upstreamCa: [],
      masks: [],
      writable: [],
      command: ['npm', 'install', '--policy', 'x'],
    });
  });

  test('everything, repeated where it may be', () => {
    const line =
      '--policy a --policy=b --audit --log l --resolver 1.1.1.1 --upstream-ca c --mask m --mask n --write w -- x -- y';
    expect(parsed(...line.split(' '))).toEqual({
      policies: ['a', 'b'],
      audit: true,
      log: 'l',
      resolvers: [{ address: '1.1.1.1', port: 53 }],
      upstreamCa: ['c'],
      masks: ['m', 'n'],
      writable: ['w'],
      command: ['x', '--', 'y'],
    });
  });

  test.each([
    ['9.9.9.9', { address: '9.9.9.9', port: 53 }],
    ['9.9.9.9:5353', { address: '9.9.9.9', port: 5353 }],
    ['[2620:fe::fe]:65535', { address: '2620:fe::fe', port: 65535 }],
    ['[::1]', { address: '::1', port: 53 }],
    ['2620:fe::fe', { address: '2620:fe::fe', port: 53 }],
  ])('resolver %s', (text, endpoint) => {
    expect(parsed('--resolver', text, '--', 'x').resolvers).toEqual([endpoint]);
  });

  test.each(['dns.google', '1.1.1', '1.1.1.1:0', '1.1.1.1:65536', '1.1.1.1:x', '[1.1.1.1', '010.1.1.1'])(
    'resolver %s is refused',
    (text) => {
      expect(problem('--resolver', text, '--', 'x')).toContain(`--resolver ${text}`);
    },
  );

  test('help, also next to what would be wrong', () => {
    expect(parseOptions(['--help'])).toEqual({ kind: 'help' });
    expect(parseOptions(['-h', '--', 'x'])).toEqual({ kind: 'help' });
    expect(parseOptions(['--bogus', '--help'])).toEqual({ kind: 'help' });
    expect(parsed('--', 'npm', '--help').command).toEqual(['npm', '--help']);
  });

  test('what cannot be understood says why', () => {
    expect(problem()).toContain("after '--'");
    expect(problem('--')).toContain("after '--'");
    expect(problem('--', '')).toContain("after '--'");
    expect(problem('npm', 'install')).toBe("'npm' is no option; the command comes after '--'");
    expect(problem('--bogus', '--', 'x')).toBe("Unknown option '--bogus'");
    expect(problem('--policy', '--', 'x')).toContain('--policy');
    expect(problem('--policy=', '--', 'x')).toBe('--policy needs a value');
    expect(problem('--log=', '--', 'x')).toBe('--log needs a value');
    expect(problem('--audit=yes', '--', 'x')).toContain('--audit');
  });
});
