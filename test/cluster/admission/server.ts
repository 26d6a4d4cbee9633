/** The cases as requests to a real API server. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1ContainerStatus } from '@kubernetes/client-node';
import type { Pod } from '../../../webhook/admission/pod.ts';
import type { Answer, ApiServer } from '../../conformance/api.ts';
import { changed, injected, type Refused, withStatuses } from './cases.ts';

export const NAMESPACE = 'ci';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
/** May write namespaces, and nothing more. */
const USER = 'alice';

/** What the cases refer to and nobody makes on a server without controllers. */
export async function prepare(server: ApiServer): Promise<void> {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
  await must(
    server.apply('/apis/node.k8s.io/v1/runtimeclasses/admission-gvisor', {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'admission-gvisor' },
      handler: 'runsc',
    }),
  );
  await must(
    server.apply('/apis/rbac.authorization.k8s.io/v1/clusterroles/admission-namespaces', {
      ...rbac,
      kind: 'ClusterRole',
      metadata: { name: 'admission-namespaces' },
      rules: [
        {
          apiGroups: [''],
          resources: ['namespaces', 'namespaces/status', 'namespaces/finalize'],
          verbs: ['get', 'update', 'patch'],
        },
      ],
    }),
  );
  await must(
    server.apply('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/admission-namespaces', {
      ...rbac,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'admission-namespaces' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admission-namespaces' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: USER }],
    }),
  );
}

export async function must(answer: Promise<Answer>): Promise<Answer> {
  const { status, body, warnings } = await answer;
  if (status >= 300) throw new Error(`${status}: ${body.message}`);
  return { status, body, warnings };
}

/** What the server says to a case. Nothing is kept. The pods that run are there already, by the names of their files. */
export async function send(server: ApiServer, each: Refused, directory: string): Promise<Answer> {
  const { operation = 'create', base = 'plain', subresource, object, verb } = each;
  const one = `${PODS}/${base}`;
  switch (operation) {
    case 'create': {
      const pod = changed(injected(base, NAMESPACE), each);
      return server.request('POST', `${PODS}?dryRun=All`, { ...pod, metadata: { ...pod.metadata, name: 'made' } });
    }
    case 'update': {
      const { body } = await must(server.request('GET', one));
      return server.request(
        'PUT',
        `${one}${subresource ? `/${subresource}` : ''}?dryRun=All`,
        changed(body as Pod, each),
      );
    }
    case 'ephemeral': {
      const pod = await running(server, base, each.statuses);
      return server.request('PUT', `${PODS}/${pod.metadata?.name}/ephemeralcontainers?dryRun=All`, changed(pod, each));
    }
    case 'connect': {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(object ?? {})) query.set(name, String(value));
      return server.request('GET', `${one}/${subresource}?${query}`);
    }
    case 'binding': {
      const { metadata } = object as { metadata: object };
      const target = { kind: 'Node', name: 'node' };
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: base, ...metadata }, target };
      return server.request('POST', `${one}/binding?dryRun=All`, binding);
    }
    case 'token': {
      const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', ...object };
      return server.request(
        'POST',
        `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default/token?dryRun=All`,
        request,
      );
    }
    case 'authorities': {
      const maps = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'weir-ca' }, data: { 'ca.crt': 'mine' } };
      if (verb === 'DELETECOLLECTION') return server.request('DELETE', `${maps}?dryRun=All`);
      if (verb === 'DELETE') return server.request('DELETE', `${maps}/weir-ca?dryRun=All`);
      if (verb === 'UPDATE') return server.request('PUT', `${maps}/weir-ca?dryRun=All`, map);
      return server.request('POST', `${maps}?dryRun=All`, map);
    }
    case 'namespace':
      return namespace(server, each, directory);
    default:
      return operation satisfies never;
  }
}

/** The pod with these statuses. Other than the usual ones are for a pod of its own: a container that has ended stays so. */
async function running(server: ApiServer, base: string, statuses?: V1ContainerStatus[]): Promise<Pod> {
  let name = base;
  if (statuses) {
    const pod = injected(base, NAMESPACE);
    const made = { ...pod, metadata: { ...pod.metadata, name: undefined, generateName: `${base}-` } };
    name = ((await must(server.request('POST', PODS, made))).body as Pod).metadata?.name as string;
  }
  const { body } = await must(server.request('GET', `${PODS}/${name}`));
  await must(server.request('PUT', `${PODS}/${name}/status`, withStatuses(body as Pod, statuses)));
  return (await must(server.request('GET', `${PODS}/${name}`))).body as Pod;
}

/** As a user who may write namespaces; an administrator may take the label off, having every permission. */
async function namespace(server: ApiServer, each: Refused, directory: string): Promise<Answer> {
  const path = `/api/v1/namespaces/${NAMESPACE}`;
  const { body } = await must(server.request('GET', path));
  const file = join(directory, 'namespace.json');
  writeFileSync(file, JSON.stringify(changed(body, each)));
  const url = `${path}${each.subresource ? `/${each.subresource}` : ''}?dryRun=All`;
  try {
    await server.kubectl('replace', '--raw', url, '--filename', file, '--as', USER);
    return { status: 200, body: {}, warnings: [] };
  } catch (error) {
    return { status: 403, body: { message: (error as Error).message }, warnings: [] };
  }
}
