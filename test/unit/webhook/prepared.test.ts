import { beforeEach, describe, expect, it } from 'vitest';
import { AGAIN_MS, Prepared } from '../../../webhook/prepared.ts';
import { type NamespaceItem, type PodItem, trimNamespace } from '../../../webhook/watch/objects.ts';
import { Store } from '../../../webhook/watch/store.ts';

let namespaces: Store<NamespaceItem>;
let state: { isWritten: boolean; pods: { name: string; holdsAuthorities: boolean }[] | Error; asked: number };
let prepared: Prepared;

function label(labels: Record<string, string>, uid = 'n'): void {
  namespaces.put(trimNamespace({ metadata: { name: 'ci', uid, labels } }) as NamespaceItem);
}

beforeEach(() => {
  namespaces = new Store();
  state = { isWritten: true, pods: [], asked: 0 };
  prepared = new Prepared({
    namespaces,
    isWritten: () => state.isWritten,
    bare: async () => {
      state.asked++;
      if (state.pods instanceof Error) throw state.pods;
      return state.pods as PodItem[];
    },
    withinMs: 200,
  });
  label({ 'weir.dev/inject': 'enabled' });
});

describe('Prepared', () => {
  it('waits a little for the ConfigMap, and says to try again', async () => {
    state.isWritten = false;
    expect(await prepared.whyNot('ci')).toContain('is being prepared');
    setTimeout(() => {
      state.isWritten = true;
    }, 60);
    expect(await prepared.whyNot('ci')).toBeUndefined();
  });

  it('looks at pods once after the label, and again when the label or the namespace is new', async () => {
    await prepared.whyNot('ci');
    await prepared.whyNot('ci');
    expect(state.asked).toBe(1);
    label({});
    label({ 'weir.dev/inject': 'enabled' });
    await prepared.whyNot('ci');
    label({ 'weir.dev/inject': 'enabled' }, 'other');
    await prepared.whyNot('ci');
    expect(state.asked).toBe(3);
  });

  it('names pods that hold the authorities without Weir, until they are gone', async () => {
    state.pods = [
      { name: 'honest', holdsAuthorities: false },
      ...['a', 'b', 'c', 'd'].map((name) => ({ name, holdsAuthorities: true })),
    ];
    expect(await prepared.whyNot('ci')).toMatch(/delete them first: a, b, c, \.\.\.$/);
    state.pods = [];
    expect(await prepared.whyNot('ci')).toContain('delete them first');
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    expect(await prepared.whyNot('ci')).toBeUndefined();
  });

  it('says so when pods cannot be looked at, and looks again', async () => {
    state.pods = new Error('away');
    expect(await prepared.whyNot('ci')).toContain('cannot be looked at now');
    state.pods = [];
    expect(await prepared.whyNot('ci')).toBeUndefined();
  });
});
