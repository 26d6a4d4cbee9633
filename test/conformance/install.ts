/** Puts the definitions into an API server, as `kubectl apply --server-side` does. */
import type { ApiServer } from './api.ts';
import { DEFINITIONS, type Definition, resourcePath } from './definitions.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const SERVED_WITHIN_MS = 20_000;

/** Returns when all are served. An error, or a warning, is thrown. */
export async function install(api: ApiServer): Promise<void> {
  for (const definition of DEFINITIONS) {
    const { status, warnings, body } = await api.apply(`${CRDS}/${definition.metadata.name}`, definition);
    if (status >= 300 || warnings.length > 0) {
      throw new Error(`${definition.metadata.name}: ${status} ${body.message ?? ''} ${warnings.join('; ')}`);
    }
  }
  await Promise.all(DEFINITIONS.map((definition) => isServed(api, definition)));
}

async function isServed(api: ApiServer, definition: Definition): Promise<void> {
  const end = Date.now() + SERVED_WITHIN_MS;
  while ((await api.request('GET', resourcePath(definition))).status !== 200) {
    if (Date.now() > end) throw new Error(`${definition.metadata.name} is not served`);
  }
}
