// `helm test`: asks the API server, as any user does, whether the control plane judges and injects. Nothing is stored: every
// request is a dry run. Ends with 0, or says what failed.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const IDENTITY = '/var/run/secrets/kubernetes.io/serviceaccount';
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, TEST_NAMESPACE: namespace } = process.env;
const ATTEMPTS_WITHIN_MS = 30_000;

function post(path, body) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const sent = request({
    host,
    port,
    path: `${path}?dryRun=All`,
    method: 'POST',
    ca: readFileSync(`${IDENTITY}/ca.crt`),
    headers: {
      authorization: `Bearer ${readFileSync(`${IDENTITY}/token`, 'utf8').trim()}`,
      'content-type': 'application/json',
    },
    timeout: 15_000,
  });
  sent.on('timeout', () => sent.destroy(new Error('no answer from the API server within 15 s')));
  sent.on('error', reject);
  sent.on('response', async (response) => {
    const text = (await response.toArray()).join('');
    resolve({ status: response.statusCode, body: JSON.parse(text) });
  });
  sent.end(JSON.stringify(body));
  return promise;
}

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'weir-test' },
  spec: {
    containers: [{ name: 'build', image: 'localhost/never-pulled', securityContext: { allowPrivilegeEscalation: false } }],
  },
};
const policy = (hosts) => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'EgressPolicy',
  metadata: { name: 'weir-test' },
  spec: { egress: [{ name: 'test', to: { hosts } }] },
});
const policies = `/apis/weir.dev/v1alpha1/namespaces/${namespace}/egresspolicies`;

/** Each throws a sentence. */
const checks = {
  'a pod of a labelled namespace is injected': async () => {
    const { status, body } = await post(`/api/v1/namespaces/${namespace}/pods`, pod);
    if (status !== 201) throw new Error(`${status}: ${body.message}`);
    const names = body.spec.initContainers?.slice(0, 2).map(({ name }) => name);
    if (String(names) !== 'weir-init,weir') throw new Error(`its first init containers are [${names ?? ''}]`);
  },
  'a policy is accepted': async () => {
    const { status, body } = await post(policies, policy(['registry.npmjs.org']));
    if (status !== 201) throw new Error(`${status}: ${body.message}`);
  },
  // `*.co.uk` is a suffix that anyone registers names under: only the control plane knows that list.
  'a policy that only the control plane refuses is refused by it': async () => {
    const { status, body } = await post(policies, policy(['*.co.uk']));
    if (status < 400 || !body.message.includes('policies.guard.weir.dev')) throw new Error(`${status}: ${body.message}`);
  },
};

for (const [what, check] of Object.entries(checks)) {
  // The namespace was made a moment ago: its ServiceAccount, and the binding of this pod's, may be under way.
  for (const end = Date.now() + ATTEMPTS_WITHIN_MS; ; ) {
    try {
      await check();
      console.log(`ok: ${what}`);
      break;
    } catch (error) {
      if (Date.now() > end) {
        console.error(`FAILED: ${what}: ${error.message}`);
        process.exit(1);
      }
      await sleep(1000);
    }
  }
}
