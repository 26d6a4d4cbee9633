import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check } from '../../../cli/check.ts';
import { sarifLog } from '../../../cli/sarif.ts';
import type { Problem } from '../../../crds/document.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { call, POLICY, temporaryFiles } from './support.ts';

const file = temporaryFiles();

const PROBLEM: Problem = {
  file: 'policies/a b.yaml',
  line: 3,
  column: 7,
  path: 'spec.mode',
  message: 'must be one of Enforce, Audit',
  fix: 'did you mean Enforce?',
  severity: 'error',
  code: 'schema',
};

interface Log {
  version: string;
  runs: {
    tool: { driver: { name: string; version: string; rules: { id: string }[] } };
    results: { ruleId: string; ruleIndex: number; level: string; message: { text: string }; locations: object[] }[];
  }[];
}

const resultsOf = (problems: Problem[]) => (sarifLog(problems) as Log).runs[0]?.results ?? [];

describe('SARIF', () => {
  it('is a log of version 2.1.0 with one run, whose rules tell what they need for code scanning', () => {
    const log = sarifLog([]) as Log;
    expect(log.version).toBe('2.1.0');
    expect(log.runs).toHaveLength(1);
    const { driver } = log.runs[0]?.tool ?? {};
    expect(driver).toMatchObject({ name: 'weir', version: packageJson.version });
    expect(driver?.rules.map(({ id }) => id)).toEqual(['weir/schema', 'weir/cel', 'weir/semantic']);
    for (const rule of driver?.rules ?? []) {
      expect(rule).toMatchObject({
        shortDescription: { text: expect.stringMatching(/\.$/) },
        fullDescription: { text: expect.stringMatching(/\.$/) },
        help: { text: expect.stringMatching(/\.$/) },
        defaultConfiguration: { level: 'error' },
      });
    }
    expect(resultsOf([])).toEqual([]);
  });

  it('tells a problem with its place, as a relative reference', () => {
    expect(resultsOf([PROBLEM])).toEqual([
      {
        ruleId: 'weir/schema',
        ruleIndex: 0,
        level: 'error',
        message: { text: 'spec.mode: must be one of Enforce, Audit (fix: did you mean Enforce?)' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'policies/a%20b.yaml' },
              region: { startLine: 3, startColumn: 7 },
            },
            logicalLocations: [{ fullyQualifiedName: 'spec.mode' }],
          },
        ],
        partialFingerprints: {
          'weirProblem/v1': 'policies/a b.yaml|spec.mode|schema|must be one of Enforce, Audit',
        },
      },
    ]);
  });

  it('points every result at its rule, by id and by index', () => {
    const codes = ['semantic', 'cel', 'schema'] as const;
    const rules = (sarifLog([]) as Log).runs[0]?.tool.driver.rules ?? [];
    for (const { ruleId, ruleIndex } of resultsOf(codes.map((code) => ({ ...PROBLEM, code })))) {
      expect(rules[ruleIndex]?.id).toBe(ruleId);
    }
  });

  it('tells warnings as such, and a document as a whole without a field', () => {
    const { fix: _, ...bare } = PROBLEM;
    const [result] = resultsOf([{ ...bare, file: '/tmp/x.yaml', path: '', severity: 'warning', code: 'semantic' }]);
    expect(result).toMatchObject({ level: 'warning', message: { text: 'must be one of Enforce, Audit' } });
    expect(result?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: 'file:///tmp/x.yaml' },
          region: { startLine: 3, startColumn: 7 },
        },
      },
    ]);
  });

  it('has the same problems as the text, and the same exit code', async () => {
    const broken = new URL('../crds/broken.yaml', import.meta.url).pathname;
    const text = await call(check, broken);
    const sarif = await call(check, '--output', 'sarif', broken);
    expect(sarif.status).toBe(1);
    const lines = text.stdout.split('\n').filter((line) => /: (error|warning): /.test(line));
    const results = (JSON.parse(sarif.stdout) as Log).runs[0]?.results ?? [];
    expect(results).toHaveLength(lines.length);
    expect(results.length).toBeGreaterThan(5);
    const { length } = readFileSync(broken, 'utf8').split('\n');
    for (const { locations } of results) {
      const [location] = locations as { physicalLocation: { region: { startLine: number } } }[];
      expect(location?.physicalLocation.region.startLine).toBeGreaterThan(0);
      expect(location?.physicalLocation.region.startLine).toBeLessThanOrEqual(length);
    }
    const good = await call(check, '-o', 'sarif', file('good.yaml', POLICY));
    expect(good.status).toBe(0);
    expect((JSON.parse(good.stdout) as Log).runs[0]?.results).toEqual([]);
  });
});
