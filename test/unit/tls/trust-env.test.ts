import { describe, expect, it } from 'vitest';
import { namedFiles, REPLACING, trustEnvironment } from '../../../sidecar/tls/trust-env.ts';

const files = { ca: '/w/ca.crt', bundle: '/w/bundle.pem' };
const JAVA =
  '-Djavax.net.ssl.trustStore=/w/t.p12 -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=changeit';

describe('trustEnvironment', () => {
  it('an empty environment gets every runtime its setting, and nothing of Java without a store', () => {
    expect(trustEnvironment({}, files)).toEqual({
      ...Object.fromEntries(REPLACING.map((name) => [name, '/w/bundle.pem'])),
      NODE_EXTRA_CA_CERTS: '/w/ca.crt',
      DENO_CERT: '/w/ca.crt',
    });
  });

  it('what adds to a runtime keeps what it named, by way of the bundle', () => {
    const settings = trustEnvironment({ NODE_EXTRA_CA_CERTS: '/corp.pem', DENO_CERT: '' }, files);
    expect(settings).toMatchObject({ NODE_EXTRA_CA_CERTS: '/w/bundle.pem', DENO_CERT: '/w/ca.crt' });
  });

  it('settings of single tools are replaced where they are set', () => {
    const settings = trustEnvironment({ YARN_HTTPS_CA_FILE_PATH: '/corp.pem', BUNDLE_SSL_CA_CERT: '/corp.pem' }, files);
    expect(settings).toMatchObject({ YARN_HTTPS_CA_FILE_PATH: '/w/bundle.pem', BUNDLE_SSL_CA_CERT: '/w/bundle.pem' });
    expect(trustEnvironment({}, files)).not.toHaveProperty('YARN_HTTPS_CA_FILE_PATH');
  });

  it('npm reads its settings in any case: every spelling that is there is replaced', () => {
    const settings = trustEnvironment(
      { NPM_CONFIG_CAFILE: '/a.pem', npm_config_CAFile: '/b.pem', YARN_CAFILE: '/c.pem' },
      files,
    );
    expect(settings).toMatchObject({
      npm_config_cafile: '/w/bundle.pem',
      NPM_CONFIG_CAFILE: '/w/bundle.pem',
      npm_config_CAFile: '/w/bundle.pem',
      YARN_CAFILE: '/w/bundle.pem',
    });
  });

  it('does not repeat the rest of the environment', () => {
    expect(trustEnvironment({ PATH: '/bin', SSL_CERT_DIR: '/etc/ssl/certs' }, files)).not.toHaveProperty('PATH');
  });

  it("Java's options are appended, so that they win", () => {
    const withStore = { ...files, pkcs12: '/w/t.p12' };
    expect(trustEnvironment({}, withStore).JAVA_TOOL_OPTIONS).toBe(JAVA);
    expect(trustEnvironment({ JAVA_TOOL_OPTIONS: '-Xmx1g' }, withStore).JAVA_TOOL_OPTIONS).toBe(`-Xmx1g ${JAVA}`);
    expect(trustEnvironment({}, { ...files, pkcs12: '/a b/t.p12' }).JAVA_TOOL_OPTIONS).toMatch(
      /^"-Djavax.net.ssl.trustStore=\/a b\/t.p12" -D/,
    );
  });
});

describe('namedFiles', () => {
  it('lists variable and file, without switches and what is not about trust', () => {
    const env = {
      PATH: '/bin',
      PIP_CERT: '/pip.pem',
      SSL_CERT_FILE: 'relative.pem',
      NODE_EXTRA_CA_CERTS: '',
      CONDA_SSL_VERIFY: 'false',
      NPM_CONFIG_CAFILE: '/npm.pem',
      GIT_SSL_CAINFO: undefined,
    };
    expect(namedFiles(env)).toEqual([
      { variable: 'SSL_CERT_FILE', file: 'relative.pem' },
      { variable: 'PIP_CERT', file: '/pip.pem' },
      { variable: 'NPM_CONFIG_CAFILE', file: '/npm.pem' },
    ]);
  });
});
