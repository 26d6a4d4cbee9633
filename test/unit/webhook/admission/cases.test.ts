/** Every case of test/cluster/admission, judged by the guard alone. */
import { describe, expect, it } from 'vitest';
import { NAMESPACE_LABEL, NAMESPACE_LABEL_VALUE } from '../../../../crds/injected.ts';
import { type GuardRequest, judge } from '../../../../webhook/admission/guard/judge.ts';
import {
  changed,
  HONEST,
  injected,
  REFUSED,
  type Refused,
  SETTINGS,
  withStatuses,
} from '../../../cluster/admission/cases.ts';

const GENERAL = { namespace: 'ci', name: 'x', user: 'alice', groups: ['system:authenticated'] };
const NAMESPACE = { metadata: { name: 'ci', labels: { [NAMESPACE_LABEL]: NAMESPACE_LABEL_VALUE } } };

const MAP = { metadata: { name: 'weir-ca', namespace: 'ci' } };

/** As the API server sends it: a collection is deleted object by object, without a name. */
function authorities(verb: Refused['verb'] = 'CREATE', user = 'alice'): GuardRequest {
  const isCollection = verb === 'DELETECOLLECTION';
  const operation = isCollection ? 'DELETE' : verb;
  return {
    ...GENERAL,
    user,
    operation,
    resource: 'configmaps',
    name: isCollection ? '' : 'weir-ca',
    object: operation === 'DELETE' ? null : MAP,
    oldObject: operation === 'CREATE' ? null : MAP,
  };
}

function requestOf(each: Refused): GuardRequest {
  const { operation = 'create', base = 'plain', subresource, object, verb } = each;
  const pod = injected(base, 'ci');
  const pods = subresource === undefined ? 'pods' : `pods/${subresource}`;
  const none = { ...GENERAL, oldObject: null };
  switch (operation) {
    case 'create':
      return { ...none, operation: 'CREATE', resource: 'pods', object: changed(pod, each) };
    case 'update':
      return { ...GENERAL, operation: 'UPDATE', resource: pods, object: changed(pod, each), oldObject: pod };
    case 'ephemeral':
      return {
        ...GENERAL,
        operation: 'UPDATE',
        resource: 'pods/ephemeralcontainers',
        object: changed(pod, each),
        oldObject: withStatuses(pod, each.statuses),
      };
    case 'connect':
      return { ...none, operation: 'CONNECT', resource: pods, object };
    case 'binding':
      return { ...none, operation: 'CREATE', resource: 'pods/binding', object };
    case 'token':
      return { ...none, operation: 'CREATE', resource: 'serviceaccounts/token', object };
    case 'authorities':
      return authorities(verb);
    case 'namespace': {
      const resource = subresource === undefined ? 'namespaces' : `namespaces/${subresource}`;
      return {
        ...GENERAL,
        operation: 'UPDATE',
        resource,
        name: 'ci',
        object: changed(NAMESPACE, each),
        oldObject: NAMESPACE,
      };
    }
    default:
      return operation satisfies never;
  }
}

const context = { settings: SETTINGS, mayOptOut: async () => false };

describe('the guard', () => {
  it('has cases', () => {
    expect(REFUSED.length).toBeGreaterThanOrEqual(80);
    expect(HONEST.size).toBeGreaterThanOrEqual(10);
    expect(new Set(REFUSED.map(({ name }) => name)).size).toBe(REFUSED.length);
  });

  it.each(REFUSED)('refuses: $name', async (each) => {
    const { allowed, refusals, auditAnnotations } = await judge(requestOf(each), context);
    expect(allowed).toBe(false);
    expect(refusals.map(({ path }) => path).join('\n')).toContain(each.webhookPath ?? each.path);
    expect(auditAnnotations.refused).toContain(each.webhookPath ?? each.path);
    for (const { message } of refusals) expect(message, 'says what to do').toMatch(/[;,:(] ?\w|allowed are/);
  });

  it.each([...HONEST.keys()])('admits: %s', async (name) => {
    const request: GuardRequest = {
      ...GENERAL,
      operation: 'CREATE',
      resource: 'pods',
      object: injected(name, 'ci'),
      oldObject: null,
    };
    const podFields = HONEST.get(name)?.podFields;
    expect(await judge(request, { ...context, podFields })).toMatchObject({ allowed: true, refusals: [] });
  });

  it.each([
    [true, 'DELETE', 'system:serviceaccount:kube-system:namespace-controller'],
    [true, 'DELETECOLLECTION', 'system:serviceaccount:kube-system:namespace-controller'],
    [false, 'UPDATE', 'system:serviceaccount:kube-system:namespace-controller'],
    [true, 'DELETECOLLECTION', SETTINGS.user],
  ] as const)('admits (%s) %s of the authorities by %s', async (allowed, verb, user) => {
    expect((await judge(authorities(verb, user), context)).allowed).toBe(allowed);
  });

  it('admits another ConfigMap, whatever the request is called', async () => {
    const other = { metadata: { name: 'weir-cache' } };
    const request = authorities('DELETECOLLECTION');
    expect((await judge({ ...request, oldObject: other }, context)).allowed).toBe(true);
  });
});
