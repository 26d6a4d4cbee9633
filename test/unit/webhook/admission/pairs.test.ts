/** Injection, by pairs of files: `name.in.yaml` becomes `name.out.yaml`. UPDATE_PAIRS=1 writes the latter; read the diff. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dump, load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { NO_POD_FIELDS, type PodFields } from '../../../../crds/injected.ts';
import { inject, injectEphemeral } from '../../../../webhook/admission/mutate.ts';
import { jsonPatch } from '../../../../webhook/admission/patch.ts';
import type { Pod } from '../../../../webhook/admission/pod.ts';
import type { AdmissionSettings } from '../../../../webhook/admission/settings.ts';
import { applyPatch } from './apply.ts';
import { SETTINGS } from './settings.ts';

interface Input {
  pod: Pod;
  podFields?: PodFields;
  settings?: Partial<AdmissionSettings>;
  ephemeral?: boolean;
}

const DIRECTORY = `${import.meta.dirname}/pairs`;
const names = readdirSync(DIRECTORY).flatMap((file) => (file.endsWith('.in.yaml') ? [file.slice(0, -8)] : []));

function run({ pod, podFields = NO_POD_FIELDS, settings, ephemeral }: Input, given: Pod = pod) {
  return ephemeral ? injectEphemeral(given) : inject(given, { ...SETTINGS, ...settings }, podFields);
}

describe('injection', () => {
  it('has pairs', () => expect(names.length).toBeGreaterThanOrEqual(25));

  it.each(names)('%s', (name) => {
    const input = load(readFileSync(`${DIRECTORY}/${name}.in.yaml`, 'utf8')) as Input;
    const before = structuredClone(input.pod);
    const { pod, reasons, warnings } = run(input);
    const output = { ...(reasons.length > 0 ? { reasons } : { pod }), ...(warnings.length > 0 ? { warnings } : {}) };
    const file = `${DIRECTORY}/${name}.out.yaml`;
    if (process.env.UPDATE_PAIRS) writeFileSync(file, dump(output, { lineWidth: 160, noRefs: true }));
    expect(output).toEqual(load(readFileSync(file, 'utf8')));

    expect(input.pod, 'the pod given is not touched').toEqual(before);
    if (reasons.length > 0) expect(pod).toBe(input.pod);
    expect(applyPatch(before, jsonPatch(before, pod)), 'the patch makes the pod').toEqual(pod);
    const again = reasons.length > 0 ? pod : run(input, pod).pod;
    expect(jsonPatch(pod, again), 'a second pass changes nothing').toEqual([]);
  });
});
