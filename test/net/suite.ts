/** What pod mode and local mode are both asked: every attack silent, its control loud, and the allowed host at work. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Feature, Mode } from './attacks/index.ts';
import { type Campaign, escapes, type Result, seen } from './campaign.ts';
import { doorsOf } from './doors.ts';
import { ALLOWED, MIXED } from './plan.ts';
import { attacksFor, attacksOf } from './stage.ts';
import { type Row, table, united } from './table.ts';

const SUITE_MS = 170_000;
/** Names are the same in every stage, so that tests can be declared before one stands. */
const DOORS = doorsOf('/', '/');

export interface Suite {
  title: string;
  mode: Mode;
  present: Record<Feature, boolean>;
  controls(): Promise<Map<string, Result>>;
  /** The campaign with Weir in place, in a stage of its own. */
  guarded(): Promise<Campaign>;
  /** `exempt.refusal` must be 0: inside a pod's rules not even the kernel's own refusals come out. */
  closed: boolean;
}

/** Declares the tests of one mode. */
export function escapeSuite(suite: Suite): void {
  const names = attacksFor(suite.mode, suite.present, DOORS).map(({ name }) => name);
  const lacking = attacksOf(suite.mode, DOORS)
    .filter(({ needs }) => needs !== undefined && !suite.present[needs])
    .map(({ name }) => name);

  describe(suite.title, () => {
    let controls: Map<string, Result>;
    let campaign: Campaign;

    beforeAll(async () => {
      controls = await suite.controls();
      campaign = await suite.guarded();
    }, SUITE_MS);

    afterAll(() => {
      if (campaign === undefined) return;
      const rows = names.map((attack): Row => {
        const control = controls.get(attack);
        const result = campaign.results.get(attack);
        return {
          attack,
          control: control !== undefined && seen(control) ? 'seen' : 'not seen',
          guarded: result !== undefined && escapes(result).length === 0 ? 'silent' : 'ESCAPED',
          ...(result?.attack.limit === undefined ? {} : { limit: result.attack.limit }),
        };
      });
      const columns = united({ title: suite.title, run: process.ppid, rows, lacking });
      process.stdout.write(`\n${table(columns)}\n`);
    });

    test('the allowed host answers before and after', () => {
      expect(campaign.positive).toEqual({ before: '200', after: '200' });
    });

    test.each(names)('%s', (name) => {
      const control = controls.get(name);
      const result = campaign.results.get(name);
      if (control === undefined || result === undefined) throw new Error('the attack did not run');
      expect(control.said?.status, control.said?.text).toBe(0);
      expect(seen(control), `the control showed nothing: ${control.said?.text}`).toBe(true);
      expect(result.said?.status, result.said?.text).toBe(0);
      if (result.attack.limit === undefined) expect(escapes(result)).toEqual([]);
    });

    test('no packet leaves that belongs to no attack', () => {
      expect(campaign.strays).toEqual([]);
      if (suite.closed) expect(campaign.report.exempt.refusal).toBe(0);
    });

    test('the allowed host was asked only what the policy allows', () => {
      const strange = campaign.report.requests.filter(
        ({ name, line, sni, port }) =>
          !(name === ALLOWED.name || name === MIXED.name) ||
          sni !== name ||
          port !== 443 ||
          !/^GET \/ok\/[\w-]+ HTTP\/1\.1$/.test(line),
      );
      expect(strange).toEqual([]);
      expect(campaign.report.requests.length).toBeGreaterThan(1);
    });
  });
}
