import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApplyError, apply, ipv6Support, RESTORE_TIMEOUT_MS } from '../../../sidecar/netfilter/apply.ts';
import { inNamespace } from './namespace.ts';

const TEXTS = { v4: '*mangle\n# four\nCOMMIT\n', v6: '*mangle\n# six\nCOMMIT\n' };
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-apply-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A stand-in for a tool, which logs its name and what it was given. */
function tool(name: string, ending = 'exit 0', mode = 0o755): void {
  const path = join(directory, name);
  const log = `{ echo "${name} $*"; cat; } > "${directory}/${name}.log"`;
  writeFileSync(path, `#!/bin/sh\n${log}\nenv > "${directory}/${name}.env"\n${ending}\n`);
  chmodSync(path, mode);
}
const log = (name: string): string => readFileSync(join(directory, `${name}.log`), 'utf8');
const tried = (options: { v6?: 'required' | 'absent'; prefer?: 'nft' | 'legacy' } = {}): Promise<void> =>
  apply(TEXTS, { v6: 'required', directories: [directory], ...options });

describe('apply, with stand-ins', () => {
  test('feeds each family its text, waiting for the lock', async () => {
    tool('iptables-nft-restore');
    tool('ip6tables-nft-restore');
    await tried();
    expect(log('iptables-nft-restore')).toBe(`iptables-nft-restore -w\n${TEXTS.v4}`);
    expect(log('ip6tables-nft-restore')).toBe(`ip6tables-nft-restore -w\n${TEXTS.v6}`);
  });

  test('does not hand its own environment on', async () => {
    tool('iptables-nft-restore');
    await tried({ v6: 'absent' });
    const names = readFileSync(join(directory, 'iptables-nft-restore.env'), 'utf8').match(/^\w+(?==)/gm);
    expect(names?.sort()).toEqual(['LC_ALL', 'PATH', 'PWD']);
  });

  test('falls back to legacy, which gets a lock file of its own that is gone afterwards', async () => {
    tool('iptables-nft-restore', 'echo "table nat is incompatible" >&2; exit 4');
    tool('iptables-legacy-restore');
    await tried({ v6: 'absent' });
    expect(log('iptables-legacy-restore')).toContain('# four');
    const env = readFileSync(join(directory, 'iptables-legacy-restore.env'), 'utf8');
    const lock = /^XTABLES_LOCKFILE=(.*)$/m.exec(env)?.[1] as string;
    expect(() => readFileSync(join(lock, '..'))).toThrow('ENOENT');
  });

  test('tries the preferred variant first, and knows the bare name', async () => {
    tool('iptables-restore');
    tool('iptables-legacy-restore', 'exit 1');
    await tried({ v6: 'absent', prefer: 'legacy' });
    expect(log('iptables-legacy-restore')).toContain('# four');
    expect(log('iptables-restore')).toContain('# four');
  });

  test('says what every tool said when none could', async () => {
    tool('iptables-nft-restore', 'printf "Permission denied\\n(you must be root)\\n" >&2; exit 4');
    tool('iptables-legacy-restore', 'kill -9 $$');
    const error = await tried({ v6: 'absent' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApplyError);
    expect((error as Error).message).toBe(
      `the IPv4 rules could not be loaded: ${directory}/iptables-nft-restore: status 4, Permission denied (you must be root); ` +
        `${directory}/iptables-legacy-restore: SIGKILL`,
    );
  });

  test('fails when IPv6 alone fails, unless the kernel has none', async () => {
    tool('iptables-nft-restore');
    tool('ip6tables-nft-restore', 'exit 3');
    await expect(tried()).rejects.toThrow('the IPv6 rules could not be loaded');
    await tried({ v6: 'absent' });
  });

  test('names the package when there is no tool, or none that may be run', async () => {
    tool('iptables-nft-restore', 'exit 0', 0o644);
    await expect(tried()).rejects.toThrow(`no iptables-nft-restore in ${directory}: install the package iptables`);
  });

  test('a tool that reads nothing is no crash', async () => {
    writeFileSync(join(directory, 'iptables-nft-restore'), '#!/bin/sh\nexec <&-\nexit 2\n', { mode: 0o755 });
    const large = { v4: '#'.repeat(1 << 20), v6: '' };
    await expect(apply(large, { v6: 'absent', directories: [directory] })).rejects.toThrow('status 2');
    writeFileSync(join(directory, 'iptables-nft-restore'), '#!/no/such/interpreter\n', { mode: 0o755 });
    await expect(apply(large, { v6: 'absent', directories: [directory] })).rejects.toThrow('ENOENT');
  });

  test('does not wait for a tool that hangs, nor for its children', async () => {
    tool('iptables-nft-restore', 'sleep 5');
    const hanging = apply(TEXTS, { v6: 'absent', directories: [directory], timeoutMs: 150 });
    const started = performance.now();
    await expect(hanging).rejects.toThrow('SIGKILL');
    expect(performance.now() - started).toBeLessThan(3000);
    expect(RESTORE_TIMEOUT_MS).toBe(10_000);
  });

  test('keeps only the beginning of what a tool says', async () => {
    tool('iptables-nft-restore', 'head -c 100000 /dev/zero | tr "\\0" x >&2; exit 1');
    const error = (await tried({ v6: 'absent' }).catch((e: unknown) => e)) as Error;
    expect(error.message.length).toBeLessThan(5000);
  });
});

test('ipv6Support', () => {
  expect(ipv6Support('/proc/self/status')).toBe('required');
  expect(ipv6Support('/proc/self/none')).toBe('absent');
});

describe('apply, for real in a namespace', () => {
  test.each(['nft', 'legacy'])('%s holds what the text says, and loading twice is the same', (variant) => {
    const { v4, v6 } = inNamespace('apply.ts', variant) as { v4: string; v6: string };
    for (const saved of [v4, v6]) {
      expect(saved).toContain(':POSTROUTING DROP');
      expect(saved.match(/^-A INPUT/gm)).toHaveLength(3);
      expect(saved.match(/^-A OUTPUT/gm)).toHaveLength(6);
    }
    expect(v4.match(/^-A POSTROUTING/gm)).toHaveLength(2);
    expect(v6.match(/^-A POSTROUTING/gm)).toHaveLength(4);
  });
});
