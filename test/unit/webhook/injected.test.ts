import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { NO_POD_FIELDS } from '../../../crds/injected.ts';
import { inject } from '../../../webhook/admission/mutate.ts';
import type { Pod } from '../../../webhook/admission/pod.ts';
import { injectedBy } from '../../../webhook/watch/injected.ts';
import { trimPod } from '../../../webhook/watch/objects.ts';
import { SETTINGS } from './admission/settings.ts';

const judge = injectedBy(SETTINGS);
const metadata = { name: 'web', namespace: 'ci', uid: 'u' };
const bare: Pod = { metadata, spec: { containers: [{ name: 'app', image: 'x' }] } };
const injected = () => structuredClone(inject(structuredClone(bare), SETTINGS, NO_POD_FIELDS).pod);
const container = { name: 'app', image: 'x' };

describe('injectedBy', () => {
  it('takes what injection makes, wherever the control plane was then', () => {
    expect(judge(injected())).toBe(true);
    const elsewhere = inject(
      structuredClone(bare),
      { ...SETTINGS, controlPlane: 'https://10.9.9.9:443' },
      NO_POD_FIELDS,
    );
    expect(judge(elsewhere.pod)).toBe(true);
  });

  it('takes one whose image is from where ours were before, when the platform says so, and from nowhere else', () => {
    const moved = { ...SETTINGS, imageRepository: 'new/weir', image: 'new/weir:1.2.3' };
    const since = (...formerRepositories: string[]) =>
      injectedBy({ ...moved, guard: { ...SETTINGS.guard, formerRepositories } })(injected());
    expect(injectedBy(moved)(injected())).toBe(false);
    expect(since('weir/weir')).toBe(true);
    expect(since('old/weir', 'weir/weir')).toBe(true);
    expect(since('weir')).toBe(false);
    expect(since('weir/wei')).toBe(false);
    expect(since('')).toBe(false);
    // What is injected now is from where they are now.
    const pod = inject(structuredClone(bare), moved, NO_POD_FIELDS).pod;
    expect(pod.spec?.initContainers?.map(({ image }) => image)).toEqual(['new/weir:1.2.3', 'new/weir:1.2.3']);
  });

  it('does not go by names and marks', () => {
    const marks = { labels: { 'weir.dev/injected': 'true' }, annotations: { 'weir.dev/injected': '1' } };
    const spec = {
      initContainers: [
        { name: 'weir-init', image: 'x', command: ['true'] },
        { name: 'weir', image: 'x', command: ['sleep', '3600'], restartPolicy: 'Always' },
      ],
      containers: [container],
    };
    expect(judge({ metadata: { ...metadata, ...marks }, spec })).toBe(false);
    expect(judge(bare)).toBe(false);
    expect(judge({})).toBe(false);
    expect(judge(load('{spec: {initContainers: [null, {name: weir, env: 7}]}}') as Pod)).toBe(false);
  });

  it.each([
    ['a container that may write the rules', { containers: [{ ...container, securityContext: { privileged: true } }] }],
    ['the network of the node', { hostNetwork: true }],
    ['processes of the sidecar', { shareProcessNamespace: true }],
  ])('does not take one with our containers and %s', (_, more) => {
    const pod = injected();
    Object.assign(pod.spec as object, more);
    expect(judge(pod)).toBe(false);
  });

  it('is told of pods that hold the authorities without Weir', () => {
    const volumes = [{ name: 'v', projected: { sources: [{ configMap: { name: 'weir-ca' } }] } }];
    expect(trimPod({ metadata, spec: { ...bare.spec, volumes } } as never, judge)?.holdsAuthorities).toBe(true);
    expect(trimPod(bare, judge)?.holdsAuthorities).toBe(false);
    expect(trimPod(injected(), judge)?.holdsAuthorities).toBe(false);
  });
});
