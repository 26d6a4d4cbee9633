/** Which variable tells which runtime what authorities to trust. Pure: environment in, settings out. */
import { TRUST_STORE_PASSWORD } from './pkcs12.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface TrustFiles {
  /** PEM: Weir's own authority, alone. */
  ca: string;
  /** PEM: Weir's authority, the machine's roots and every file that the environment named. */
  bundle: string;
  /** PKCS#12 of the bundle, for Java. */
  pkcs12?: string;
}

/** Variables that replace a runtime's roots with the file they name: always set. */
export const REPLACING = [
  'SSL_CERT_FILE', // OpenSSL, Python, Ruby, PHP, Perl, Go, .NET, rustls-native-certs, uv
  'NIX_SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE', // Python requests, conda
  'PIP_CERT',
  'HTTPLIB2_CA_CERTS',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
  'CARGO_HTTP_CAINFO',
  'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
  'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
  'PERL_LWP_SSL_CA_FILE',
  'HEX_CACERTS_PATH', // Elixir
  'npm_config_cafile', // npm, pnpm, Yarn 1; stronger than the cafile of an npmrc
] as const;

/** Variables that add to a runtime's own roots: ours alone is enough, unless they named a file before. */
export const ADDING = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'] as const;

/** Variables of one tool whose runtime is covered above: to be replaced where they are set, not worth setting. */
export const REPLACED_WHEN_SET = [
  'BUNDLE_SSL_CA_CERT', // Bundler
  'COMPOSER_CAFILE',
  'CONDA_SSL_VERIFY',
  'HTTPS_CA_FILE', // Perl Crypt::SSLeay
  'YARN_HTTPS_CA_FILE_PATH', // Yarn 2 and later
] as const;

/** npm and Yarn 1 read these in any mixture of case. */
const ANY_CASE = /^(?:npm_config|yarn)_cafile$/i;

/** What some of these variables hold instead of a file, to switch verification on or off. */
const SWITCH = /^(?:true|false|[01])?$/i;

/** The variables to set for a command, given the environment it would have had. Nothing else in it is repeated. */
export function trustEnvironment(env: Environment, files: TrustFiles): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of REPLACING) settings[name] = files.bundle;
  for (const name of ADDING) settings[name] = isSet(env, name) ? files.bundle : files.ca;
  for (const name of REPLACED_WHEN_SET) if (isSet(env, name)) settings[name] = files.bundle;
  for (const name of Object.keys(env)) if (ANY_CASE.test(name)) settings[name] = files.bundle;
  if (files.pkcs12 !== undefined) settings.JAVA_TOOL_OPTIONS = javaOptions(env.JAVA_TOOL_OPTIONS, files.pkcs12);
  return settings;
}

/** A trust file that an environment names, and the variable that names it. */
export interface NamedFile {
  variable: string;
  file: string;
}

/** The files that `env` names, in a fixed order; switches such as `false` are left out. */
export function namedFiles(env: Environment): NamedFile[] {
  const variables = new Set<string>([...REPLACING, ...ADDING, ...REPLACED_WHEN_SET]);
  for (const name of Object.keys(env).toSorted()) if (ANY_CASE.test(name)) variables.add(name);
  return Array.from(variables, (variable) => ({ variable, file: env[variable] ?? '' })).filter(
    ({ file }) => !SWITCH.test(file),
  );
}

function isSet(env: Environment, name: string): boolean {
  return (env[name] ?? '') !== '';
}

/** The last of several definitions of a property counts, so ours goes after what is there. */
function javaOptions(present: string | undefined, store: string): string {
  const options = [
    `-Djavax.net.ssl.trustStore=${store}`,
    '-Djavax.net.ssl.trustStoreType=PKCS12',
    `-Djavax.net.ssl.trustStorePassword=${TRUST_STORE_PASSWORD}`,
  ].map((option) => (/\s/.test(option) ? `"${option}"` : option));
  return [present ?? '', ...options].filter((part) => part !== '').join(' ');
}
