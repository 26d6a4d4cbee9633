/** The chart's policies hold the guard's own lists, and say Weir's names as the guard does. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { INJECTED, KEPT_ENV, POLICY_AT_ADMISSION } from '../../../../crds/injected.ts';
import { MAX_ENTRIES, MAX_PARTS } from '../../../../webhook/admission/bounds.ts';
import * as lists from '../../../../webhook/admission/guard/lists.ts';
import { BINDING_LABELS, CLEANING_USERS } from '../../../../webhook/admission/guard/others.ts';
import { DEFAULT_LABEL_USERS } from '../../../../webhook/admission/settings.ts';

const CHART = `${import.meta.dirname}/../../../../charts/weir`;

function chartLists(): Record<string, string[]> {
  const text = readFileSync(`${CHART}/templates/_guard.tpl`, 'utf8');
  const body = /define "weir\.guard\.lists" -\}\}\n([\s\S]*?)\{\{- end \}\}/.exec(text)?.[1];
  return load(body ?? '') as Record<string, string[]>;
}

describe('the lists of the chart', () => {
  const chart = chartLists();

  it.each([
    ['pod', lists.POD_FIELDS],
    ['container', lists.CONTAINER_FIELDS],
    ['podSecurity', lists.POD_SECURITY_FIELDS],
    ['containerSecurity', lists.CONTAINER_SECURITY_FIELDS],
    ['capabilities', lists.CAPABILITIES],
    ['seLinuxTypes', lists.SELINUX_TYPES],
    ['profiles', lists.PROFILE_TYPES],
    ['volumes', lists.VOLUME_SOURCES],
    ['projected', lists.PROJECTED_SOURCES],
    ['mount', lists.MOUNT_FIELDS],
    ['probe', lists.PROBE_FIELDS],
    ['lifecycle', lists.LIFECYCLE_FIELDS],
    ['handler', lists.HANDLER_FIELDS],
    ['port', lists.PORT_FIELDS],
    ['resources', lists.RESOURCE_FIELDS],
    ['resourceNames', lists.RESOURCE_NAMES],
    ['dns', lists.DNS_FIELDS],
    ['runtimeAnnotations', lists.RUNTIME_ANNOTATIONS],
    ['ownAnnotations', [INJECTED, KEPT_ENV, POLICY_AT_ADMISSION]],
    ['bindingLabels', BINDING_LABELS],
    ['cleaningUsers', CLEANING_USERS],
  ])('%s', (name, expected) => {
    expect(chart[name]?.toSorted()).toEqual([...expected].sort());
    // The volumeDevices of a container have a rule of their own in both.
    expect(chart[name]).not.toContain('volumeDevices');
  });

  it('are all compared', () => expect(Object.keys(chart)).toHaveLength(22));

  it('and the bounds', () => {
    const text = readFileSync(`${CHART}/templates/_guard.tpl`, 'utf8');
    const body = /define "weir\.guard\.bounds" -\}\}\n([\s\S]*?)\{\{- end \}\}/.exec(text)?.[1];
    expect(load(body ?? '')).toEqual({ parts: MAX_PARTS, entries: MAX_ENTRIES });
  });

  it('and the users who may label', () => {
    const values = load(readFileSync(`${CHART}/values.yaml`, 'utf8')) as { guard: { labelUsers: string[] } };
    expect(values.guard.labelUsers.toSorted()).toEqual([...DEFAULT_LABEL_USERS].sort());
  });
});
