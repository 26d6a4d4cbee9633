import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { KNOWN_SECRET_DEFAULTS } from '../../../crds/known-secrets.ts';
import type { RuntimePolicy } from '../../../crds/runtime.ts';
import { DENY_ALL } from '../../../sidecar/control/answer.ts';
import type { KnownSecretsReport } from '../../../sidecar/inspect/index.ts';
import { fixedPolicy } from '../../../sidecar/policy/index.ts';
import { MAX_VALUE_BYTES, readSecrets, SERVICE_ACCOUNT, secretsVersion } from '../../../sidecar/secrets/files.ts';
import { knownSecrets } from '../../../sidecar/secrets/known.ts';
import { watchSecrets } from '../../../sidecar/secrets/watch.ts';
import { directory, write } from './directory.ts';

describe('Secrets', () => {
  const rules = {
    ...KNOWN_SECRET_DEFAULTS,
    exclude: [{ secretName: 'npm', keys: ['username'] }, { secretName: 'public' }],
  };

  test('are the files of the volumes, and the token, less what the policy leaves out', () => {
    write('secrets/npm/username', 'ci');
    write('secrets/npm/token', 'npm-token-value');
    write('secrets/public/x', 'x');
    write('secrets/github/token', 'github-token-value');
    write('account/token', 'eyJ');
    const { files, problems } = readSecrets(path.join(directory, 'secrets'), path.join(directory, 'account'));
    expect(problems).toEqual([]);
    const known = knownSecrets(files, rules, (secret) => secret !== 'github');
    expect(known.map(({ name, value, held }) => [name, String(value), held])).toEqual([
      ['github/token', 'github-token-value', false],
      ['npm/token', 'npm-token-value', true],
      [`${SERVICE_ACCOUNT}/token`, 'eyJ', true],
    ]);
    expect(knownSecrets(files, { ...rules, source: 'None' }, () => true)).toEqual([]);
  });

  test('none where there are no directories; one that is too large is told by name alone', () => {
    expect(readSecrets(path.join(directory, 'a'), path.join(directory, 'b'))).toEqual({ files: [], problems: [] });
    write('s/big/key', Buffer.alloc(MAX_VALUE_BYTES));
    expect(readSecrets(path.join(directory, 's'), directory).problems).toEqual([]);
    write('s/big/key', Buffer.alloc(MAX_VALUE_BYTES + 1));
    expect(readSecrets(path.join(directory, 's'), directory).problems).toEqual(['big/key: is too large']);
  });

  test('the version is the link that the kubelet swaps', () => {
    mkdirSync(path.join(directory, 's', 'one'), { recursive: true });
    const version = (): string => secretsVersion(path.join(directory, 's'), path.join(directory, 'none'));
    const swap = (target: string): void => {
      rmSync(path.join(directory, 's', 'one', '..data'), { force: true });
      symlinkSync(target, path.join(directory, 's', 'one', '..data'));
    };
    swap('..2026_1');
    const before = version();
    expect(version()).toBe(before);
    swap('..2026_2');
    expect(version()).not.toBe(before);
  });

  test('are not kept by whoever reads them, and what has no room is said', () => {
    write('secrets/npm/token', 'npm-token-value');
    let given: Buffer | undefined;
    const said: object[] = [];
    const watch = watchSecrets({
      directory: path.join(directory, 'secrets'),
      serviceAccountDirectory: path.join(directory, 'none'),
      held: new Set(),
      policySource: fixedPolicy(DENY_ALL),
      use: ([secret], minLength) => {
        expect([String(secret?.value), minLength]).toEqual(['npm-token-value', 12]);
        given = secret?.value;
        return { taken: 0, refused: [{ name: 'npm/token', bound: 'count' }], plain: [] };
      },
      replace: () => Promise.reject(new Error('nothing changed')),
      say: (_, more) => said.push(more),
    });
    watch.stop();
    expect(given?.every((byte) => byte === 0)).toBe(true);
    expect(watch.counts()).toEqual({ taken: 0, refused: 1 });
    expect(said).toEqual([{ refused: [{ name: 'npm/token', bound: 'count' }] }]);
  });

  describe('are read anew', () => {
    const report: KnownSecretsReport = { taken: 0, refused: [], plain: [] };
    const policyOf = (content: Partial<RuntimePolicy['content']>): RuntimePolicy => ({
      ...DENY_ALL,
      content: { ...DENY_ALL.content, ...content },
    });
    const watching = (replace: (minLength: number, values: string[]) => Promise<KnownSecretsReport>) => {
      let now: (policy: RuntimePolicy) => void = () => {};
      const watch = watchSecrets({
        directory: path.join(directory, 'secrets'),
        serviceAccountDirectory: path.join(directory, 'none'),
        held: new Set(),
        policySource: {
          current: DENY_ALL,
          subscribe(listener) {
            now = listener;
            return () => {};
          },
        },
        use: () => report,
        replace: async (secrets, minLength) => {
          await replace(
            minLength,
            secrets.map(({ value }) => String(value)),
          );
          return report;
        },
        say: () => {},
      });
      return { watch, change: (content: Partial<RuntimePolicy['content']>) => now(policyOf(content)) };
    };

    test('when the policy says something else of them, and not when it says something else', async () => {
      const lengths: number[] = [];
      const { watch, change } = watching(async (minLength) => {
        lengths.push(minLength);
        return report;
      });
      change({ disabledDetectors: ['jwt'] });
      change({ knownSecrets: { ...KNOWN_SECRET_DEFAULTS } });
      await setImmediate();
      expect(lengths).toEqual([]);
      for (const minLength of [20, 20, 12, 12]) {
        change({ knownSecrets: { ...KNOWN_SECRET_DEFAULTS, minLength } });
        await setImmediate();
      }
      watch.stop();
      expect(lengths).toEqual([20, 12]);
    });

    test('one time after the other, and the last change is not missed', async () => {
      write('secrets/npm/token', 'first-token-value');
      const seen: [number, string[]][] = [];
      const first = Promise.withResolvers<void>();
      const { watch, change } = watching(async (minLength, values) => {
        seen.push([minLength, values]);
        if (seen.length === 1) await first.promise;
        return report;
      });
      for (const minLength of [13, 14, 15]) {
        change({ knownSecrets: { ...KNOWN_SECRET_DEFAULTS, minLength } });
        await setImmediate();
      }
      expect(seen).toEqual([[13, ['first-token-value']]]);
      write('secrets/npm/token', 'second-token-value');
      first.resolve();
      await setImmediate();
      watch.stop();
      expect(seen.slice(1)).toEqual([[15, ['second-token-value']]]);
    });
  });
});
