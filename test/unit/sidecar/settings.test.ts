import { describe, expect, test } from 'vitest';
import { HEARTBEAT_SECONDS, sidecarSettings } from '../../../sidecar/settings.ts';

const CONTROL = {
  WEIR_STATE_DIR: '/var/lib/weir',
  WEIR_CONTROL_PLANE: 'https://10.96.0.7:443',
  WEIR_CONTROL_NAME: 'weir.weir-system.svc',
  WEIR_CONTROL_DIR: '/run/weir/control',
};

describe('sidecarSettings', () => {
  test('as a pod has them', () => {
    const env = {
      ...CONTROL,
      WEIR_TRUST_DIR: '/etc/weir/trust',
      WEIR_SECRETS_DIR: '/run/weir/secrets',
      WEIR_HELD_SECRETS: 'npm,github',
    };
    expect(sidecarSettings(env)).toEqual({
      policy: {
        control: {
          endpoint: { address: '10.96.0.7', port: 443 },
          serverName: 'weir.weir-system.svc',
          caFile: '/run/weir/control/ca.crt',
          tokenFile: '/run/weir/control/token',
          upstreamCaFile: '/run/weir/control/upstream-ca.crt',
        },
      },
      stateDir: '/var/lib/weir',
      trustDir: '/etc/weir/trust',
      secretsDir: '/run/weir/secrets',
      heldSecrets: ['npm', 'github'],
      resolvers: [],
      upstreamCa: [],
      heartbeatSeconds: HEARTBEAT_SECONDS,
    });
  });

  test('with a policy of a file', () => {
    const env = {
      WEIR_POLICY_FILE: '/policy.yaml',
      WEIR_STATE_DIR: '/state',
      WEIR_LOG: '/log',
      WEIR_RESOLVERS: '10.0.0.1,fd00::1',
      WEIR_UPSTREAM_CA: '/a.crt:/b.crt',
      WEIR_HEARTBEAT_SECONDS: '5',
    };
    expect(sidecarSettings(env)).toEqual({
      policy: { file: '/policy.yaml' },
      stateDir: '/state',
      trustDir: '/state/trust',
      heldSecrets: [],
      logFile: '/log',
      resolvers: [
        { address: '10.0.0.1', port: 53 },
        { address: 'fd00::1', port: 53 },
      ],
      upstreamCa: ['/a.crt', '/b.crt'],
      heartbeatSeconds: 5,
    });
  });

  test('an IPv6 control plane stands in brackets', () => {
    const { policy } = sidecarSettings({ ...CONTROL, WEIR_CONTROL_PLANE: 'https://[fd00::7]:8443' });
    expect(policy).toMatchObject({ control: { endpoint: { address: 'fd00::7', port: 8443 } } });
  });

  test.each([
    [{ ...CONTROL, WEIR_POLICY_FILE: '/p' }, 'WEIR_POLICY_FILE and WEIR_CONTROL_PLANE are both set'],
    [{ WEIR_STATE_DIR: '/s' }, 'WEIR_POLICY_FILE and WEIR_CONTROL_PLANE are both unset'],
    [{ ...CONTROL, WEIR_STATE_DIR: '' }, 'WEIR_STATE_DIR is not set'],
    [{ ...CONTROL, WEIR_CONTROL_NAME: undefined }, 'WEIR_CONTROL_NAME is not set'],
    [{ ...CONTROL, WEIR_CONTROL_DIR: undefined }, 'WEIR_CONTROL_DIR is not set'],
    [{ ...CONTROL, WEIR_CONTROL_PLANE: 'https://weir.weir-system.svc' }, 'is not https://<IP address>[:port]'],
    [{ ...CONTROL, WEIR_CONTROL_PLANE: 'http://10.96.0.7' }, 'is not https://<IP address>[:port]'],
    [{ ...CONTROL, WEIR_CONTROL_PLANE: 'https://10.96.0.7/x' }, 'is not https://<IP address>[:port]'],
    [{ ...CONTROL, WEIR_RESOLVERS: 'dns.example' }, 'WEIR_RESOLVERS: "dns.example" is not an IP address'],
    [{ ...CONTROL, WEIR_HEARTBEAT_SECONDS: '0' }, 'WEIR_HEARTBEAT_SECONDS must be a whole number from 1 to 3600'],
  ])('names what is wrong: %j', (env, message) => {
    expect(() => sidecarSettings(env)).toThrow(message);
  });
});
