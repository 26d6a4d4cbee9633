/** Real credentials that packages publish: looked at one by one. */
interface Known {
  detector: string;
  path: RegExp;
  why: string;
}

const KNOWN: readonly Known[] = [
  { detector: 'private-key', path: /crypto\/tls\/fips140_test\.go/, why: 'a test key in rot13' },
  {
    detector: 'google-api-key',
    path: /google-cloud-sdk\/.*(?:gslib|crash_handling)/,
    why: 'a key of the command itself, published with it',
  },
  { detector: 'azure-sas', path: /botocore\/data\/datasync\//, why: 'a signature of documentation, expired' },
  { detector: 'jwt', path: /json\/webtoken\/TestCertificates\.class/, why: 'a token of a test' },
  {
    detector: 'private-key',
    path: /wazero@[^/]+\/packaging\/msi\/wazero\.p12/,
    why: 'an encrypted key in a PKCS #12 file',
  },
  { detector: 'private-key', path: /pyjks|tests\/expected\/RSA2048_3certs/, why: 'a test key' },
  {
    detector: 'aws-access-key-id',
    path: /oauth2\/google\/externalaccount\/aws_test|oauth2@[^/]+\/google\/externalaccount\/aws_test/,
    why: 'a temporary key of a test, expired',
  },
  { detector: 'aws-secret-access-key', path: /externalaccount\/aws_test/, why: 'a temporary key of a test, expired' },
  { detector: 'aws-session-token', path: /externalaccount\/aws_test/, why: 'a temporary key of a test, expired' },
  { detector: 'google-api-key', path: /go-oidc@[^/]+\/oidc_test/, why: 'an access token of a test, expired' },
  { detector: 'codeclimate-token', path: /stretchr\/objx@[^/]+\/\.github\/workflows/, why: 'a token in a workflow' },
  {
    detector: 'aws-access-key-id',
    path: /debug\/elf\/testdata\/hello-world-core/,
    why: 'the environment in a core file',
  },
  {
    detector: 'aws-secret-access-key',
    path: /debug\/elf\/testdata\/hello-world-core/,
    why: 'the environment in a core file',
  },
  {
    detector: 'private-key',
    path: /SelfTest\/PublicKey\/.*test_import_Curve(?:448|25519)/,
    why: 'a test key under another curve’s name',
  },
  { detector: 'private-key', path: /circl@[^/]+\/pki\/testdata\/bad-ML-DSA/, why: 'a broken test key' },
  { detector: 'netrc', path: /\.vitest-cache/, why: 'a test of ours' },
];

/** Why a finding is a real credential; undefined: nobody has looked, or it is none. */
export function knownReal(path: string, detector: string): string | undefined {
  return KNOWN.find((known) => known.detector === detector && known.path.test(path))?.why;
}
