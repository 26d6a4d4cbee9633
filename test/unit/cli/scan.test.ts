import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import { Progress } from '../../../cli/scan/progress.ts';
import { Scanner } from '../../../cli/scan/scanner.ts';
import { checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { call, temporaryFiles } from './support.ts';

const file = temporaryFiles();
const token = checkedToken('gh' + 'p_', 1);
const npm = checkedToken('np' + 'm_', 2);

async function* chunksOf(...chunks: (string | Buffer)[]): AsyncIterable<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk as string);
}

describe('weir scan', () => {
  it('says nothing of files without a secret', async () => {
    const clean = file('clean.txt', 'nothing to see\n');
    expect(await call(main, 'scan', clean, file('empty', ''))).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('tells the file, the line, the kind and the decoding, and never the value', async () => {
    const plain = file('plain.env', `A=1\nB=2\nTOKEN=${token}\n`);
    const hidden = file('hidden.json', `{"d":\n"${Buffer.from(`token ${npm} end`).toString('base64')}"}`);
    const binary = file('core', Buffer.concat([Buffer.alloc(10), Buffer.from(token)]));
    const { status, stdout, stderr } = await call(main, 'scan', plain, hidden, binary);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toBe(
      [
        `${plain}:3: github-token (GitHub; critical)`,
        `${hidden}:2: npm-token (npm; critical), decoded: base64`,
        `${binary}: byte 10: github-token (GitHub; critical)`,
        '',
      ].join('\n'),
    );
  });

  it('prints JSON for programs', async () => {
    const plain = file('plain2.env', `\n${token}`);
    const { status, stdout } = await call(main, 'scan', '--json', plain, file('clean2', 'x'));
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      files: [
        {
          file: plain,
          bytes: 41,
          findings: [
            { detector: 'github-token', offset: 1, line: 2, decoding: [], service: 'GitHub', severity: 'critical' },
          ],
        },
        { file: expect.stringMatching(/clean2$/), bytes: 1, findings: [] },
      ],
    });
    expect(stdout).not.toContain(token);
  });

  it('goes on after a file that it cannot read, and exits 2', async () => {
    const plain = file('plain3.env', token);
    const missing = `${plain}.no`;
    const { status, stdout, stderr } = await call(main, 'scan', missing, dirname(plain), plain);
    expect(status).toBe(2);
    expect(stdout).toBe(`${plain}:1: github-token (GitHub; critical)\n`);
    expect(stderr).toBe(
      `weir scan: ${missing}: there is no such file\nweir scan: ${dirname(plain)}: is a directory; name files: find ${dirname(plain)} -type f -exec weir scan {} +\n`,
    );
    if (process.getuid?.() === 0) return;
    chmodSync(plain, 0);
    expect((await call(main, 'scan', plain)).stderr).toContain('not permitted');
  });

  it('needs a file', async () => {
    expect(await call(main, 'scan')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('name at least one file'),
    });
  });

  it('finds a secret that lies over the edge of two reads, and its line', async () => {
    const lines = 'line\n'.repeat(100_000);
    for (const cut of [1, 20, 39]) {
      const scanned = await new Scanner().scan('f', chunksOf(lines, token.slice(0, cut), token.slice(cut)), () => {});
      expect(scanned.findings).toEqual([
        { detector: 'github-token', offset: lines.length, line: 100_001, decoding: [] },
      ]);
    }
  });

  it('says of what is too complex that it was not read to its end', async () => {
    let nested = Buffer.from(`a letter to a friend with ${token}`);
    for (let times = 0; times < 9; times++) nested = Buffer.from(nested.toString('base64'));
    const deep = file('deep.txt', nested);
    const { status, stdout, stderr } = await call(main, 'scan', deep);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^weir scan: ${deep}: too complex: .+\n$`));
  });
});

describe('progress', () => {
  it('is shown after half a second, twice a second at most, and taken away', () => {
    let time = 0;
    let shown = '';
    const progress = new Progress(
      (text) => {
        shown += text;
      },
      () => time,
    );
    progress.show('f', 1e6, 4e6);
    expect(shown).toBe('');
    time = 600;
    progress.show('f', 1e6, 4e6);
    progress.show('f', 2e6, 4e6);
    expect(shown).toBe('\r\x1b[Kf: 1 MB 25 %');
    progress.clear();
    progress.clear();
    expect(shown).toBe('\r\x1b[Kf: 1 MB 25 %\r\x1b[K');
    time = 1200;
    progress.show(`${'x'.repeat(100)}end`, 2e6, undefined);
    expect(shown.endsWith(`\x1b[K…${'x'.repeat(44)}end: 2 MB`)).toBe(true);
  });

  it('is silent where nobody watches', () => {
    const progress = new Progress(undefined, () => 1e9);
    expect(() => progress.show('f', 1, 2)).not.toThrow();
  });
});
