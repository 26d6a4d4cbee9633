/** The pods of the escape suite: one that is injected, the controls beside it, and somebody to be reached. Pure. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CONTROLS, type Control, SCRIPT_DIRECTORIES } from './attempts.ts';

export const INSIDE = 'escape-inside';
export const OUTSIDE = 'escape-outside';
export const TOOLS_IMAGE = 'localhost/weir-tools:1';
/** Where the scripts are in every pod. */
export const SCRIPTS = '/escapes';
export const APP = 'app';
/** In an injected pod, those of the sidecar. */
const DIRECTORIES_OF_WEIR = ['/var/lib/weir', '/run/weir/control', '/run/weir/secrets', '/etc/weir/trust'];

type Manifest = Record<string, unknown>;

/** The namespaces; the label is what makes the difference between them. */
export function namespaces(): Manifest[] {
  return [
    namespace(INSIDE, { 'weir.dev/inject': 'enabled' }),
    namespace(OUTSIDE, { 'pod-security.kubernetes.io/enforce': 'privileged' }),
  ];
}

function namespace(name: string, labels: Record<string, string>): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** All scripts in one ConfigMap, and the CA of the outside's servers for the controls. */
export function scripts(namespace: string, outsideCa: string): Manifest {
  const files = SCRIPT_DIRECTORIES.flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => /\.(py|sh)$/.test(name))
      .map((name) => [name, readFileSync(path.join(directory, name), 'utf8')] as const),
  );
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'escapes', namespace },
    data: { ...Object.fromEntries(files), 'outside.crt': outsideCa },
  };
}

/** The attacker's pod: root, with the tools, as any build pod. */
export function attacker(): Manifest {
  return pod(INSIDE, 'attacker', { containers: [app()] });
}

/** In the namespace without the label. */
export function controls(): Manifest[] {
  return CONTROLS.map((kind) => pod(OUTSIDE, kind, CONTROL_SPECS[kind]));
}

const CONTROL_SPECS: Record<Control, Manifest> = {
  plain: { containers: [app()] },
  unconfined: { containers: [app({ securityContext: { seccompProfile: { type: 'Unconfined' } } })] },
  host: { hostNetwork: true, dnsPolicy: 'Default', containers: [app({ securityContext: { privileged: true } })] },
  naive: {
    shareProcessNamespace: true,
    containers: [
      app({ volumeMounts: [scriptsMount(), ...naiveMounts()] }),
      {
        name: 'sidecar',
        image: TOOLS_IMAGE,
        command: [
          'bash',
          '-c',
          'for d in "$@"; do echo secret >"$d/token"; done; exec -a /weir/sidecar.mjs sleep 1d',
          '-',
        ],
        args: DIRECTORIES_OF_WEIR,
        volumeMounts: naiveMounts(),
      },
    ],
    volumes: [scriptsVolume(), { name: 'shared', emptyDir: {} }],
  },
};

function naiveMounts(): Manifest[] {
  return DIRECTORIES_OF_WEIR.map((mountPath) => ({ name: 'shared', mountPath }));
}

/** A pod with a server that answers every request, and a Service for it. */
export function peer(): Manifest[] {
  const server =
    'import http.server as h\n' +
    'class S(h.BaseHTTPRequestHandler):\n' +
    '  def do_GET(self):\n    self.send_response(200)\n    self.end_headers()\n    self.wfile.write(b"reached")\n' +
    'h.ThreadingHTTPServer(("", 80), S).serve_forever()';
  return [
    pod(OUTSIDE, 'peer', { containers: [{ ...app(), command: ['python3', '-c', server] }] }, { app: 'peer' }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'sink', namespace: OUTSIDE },
      spec: { selector: { app: 'peer' }, ports: [{ port: 80 }] },
    },
  ];
}

function pod(namespace: string, name: string, spec: Manifest, labels: Record<string, string> = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, volumes: [scriptsVolume()], ...spec },
  };
}

function app(more: Manifest = {}): Manifest {
  return {
    name: APP,
    image: TOOLS_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['sleep', '1d'],
    volumeMounts: [scriptsMount()],
    ...more,
  };
}

function scriptsMount(): Manifest {
  return { name: 'escapes', mountPath: SCRIPTS, readOnly: true };
}

function scriptsVolume(): Manifest {
  return { name: 'escapes', configMap: { name: 'escapes', defaultMode: 0o755 } };
}
