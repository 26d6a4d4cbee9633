/** Credentials that are known by the file they stand in. */
import { entropy } from '../scan/entropy.ts';
import { ASSIGNED, ASSIGNED_REACH } from './grammar/keyed.ts';
import { isPlaceholder, isStrong } from './passwords.ts';
import { BASE62, BASE64URL, characters } from './samples.ts';
import type { Detector, Match } from './types.ts';
import { writtenFormats } from './written.ts';

/** Characters of a section in which its password is looked for. */
const SECTION = 512;

/** The first group of `pattern` (sticky flags off) in the `span` characters from `at` on. */
function within(text: string, at: number, span: number, pattern: RegExp): { value: string; end: number } | undefined {
  const found = pattern.exec(text.slice(at, at + span));
  const value = found?.[1];
  if (found === null || value === undefined) return undefined;
  return { value, end: at + found.index + found[0].length };
}

function password(found: { value: string; end: number } | undefined, at: number): Match | undefined {
  if (found === undefined || isPlaceholder(found.value) || /^\$[{(]|^%\(|^\{/.test(found.value)) return undefined;
  return { start: at, end: found.end };
}

const PYPIRC_PASSWORD = /\n\s*password\s{0,8}[=:][ \t]{0,8}([!-~]{8,256})/;

function pypircExamples(seed: number): string[] {
  const secret = characters(seed, 24, BASE62);
  return [
    `[distutils]\nindex-servers =\n    acme\n\n[acme]\nrepository = https://pypi.acme.dev/\nusername = ci\npassword = ${secret}\n`,
    `[pypi]\nusername: ci\npassword: ${secret}\n`,
  ];
}

export const pypirc: Detector = {
  name: 'pypirc',
  service: 'Python package indexes (.pypirc)',
  severity: 'critical',
  formats: writtenFormats(['[distutils] …', '[pypi] …'], pypircExamples),
  literals: ['[distutils]', '[pypi]', '[testpypi]', '[server-login]'],
  reach: SECTION,
  confirm: (text, at) => password(within(text, at, SECTION, PYPIRC_PASSWORD), at),
  homeHosts: [],
  source: 'https://packaging.python.org/en/latest/specifications/pypirc/',
  examples: (seed) => ({
    matching: pypircExamples(seed),
    other: ['[distutils]\nindex-servers = pypi\n', '[pypi]\nusername = __token__\npassword = <your token>\n'],
  }),
};

const CARGO_TOKEN = /\n\s*token\s{0,8}=\s{0,8}"([!#-~]{16,512})"/;

function cargoExamples(seed: number): string[] {
  return [
    `[registry]\ntoken = "${characters(seed, 32, BASE62)}"\n`,
    `[registries.acme]\ntoken = "${characters(seed, 40, BASE62)}"\n`,
  ];
}

export const cargoCredentials: Detector = {
  name: 'cargo-credentials',
  service: 'Cargo registries (credentials.toml)',
  severity: 'critical',
  formats: writtenFormats(['[registry]', '[registries.…]'], cargoExamples),
  literals: ['[registry]', '[registries.'],
  reach: SECTION / 2,
  confirm(text, at) {
    const found = within(text, at, SECTION / 2, CARGO_TOKEN);
    return found !== undefined && entropy(found.value) >= 3.2 && /[0-9]/.test(found.value)
      ? password(found, at)
      : undefined;
  },
  homeHosts: [],
  source: 'https://doc.rust-lang.org/cargo/reference/config.html#credentials',
  examples: (seed) => ({
    matching: cargoExamples(seed),
    other: ['[registries.acme]\nindex = "https://cargo.acme.dev"\n', '[registry]\ntoken = "your-token-here-please"\n'],
  }),
};

const MAVEN_PASSWORD = /<(?:password|passphrase)>\s{0,32}([!-;=-~]{6,256})\s{0,32}<\/(?:password|passphrase)>/;

function mavenExamples(seed: number): string[] {
  const secret = characters(seed, 20, BASE62);
  return [
    `<settings><servers><server>\n  <id>acme</id>\n  <username>ci</username>\n  <password>${secret}</password>\n</server></servers></settings>`,
    `<server>\n  <id>acme</id>\n  <privateKey>/root/.ssh/id</privateKey>\n  <passphrase>${secret}</passphrase>\n</server>`,
  ];
}

export const mavenSettings: Detector = {
  name: 'maven-settings',
  service: 'Maven repositories (settings.xml)',
  severity: 'critical',
  formats: writtenFormats(['<server> with a password', '<server> with a passphrase'], mavenExamples),
  literals: ['<server>'],
  reach: SECTION,
  confirm: (text, at) => password(within(text, at, SECTION, MAVEN_PASSWORD), at),
  homeHosts: [],
  source: 'https://maven.apache.org/settings.html#servers',
  examples: (seed) => ({
    matching: mavenExamples(seed),
    other: [
      `<server><id>acme</id><password>${'$'}{env.TOKEN}</password></server>`,
      '<server><id>acme</id><password>{COQLCE6DU6GtcS5P=}</password></server>',
      '<server><id>acme</id><password>my_password</password></server>',
    ],
  }),
};

const NUGET_PASSWORD = /^ClearTextPassword["']?\s{1,8}value=["']([^"'\r\n]{8,256})["']/;

function nugetExamples(seed: number): string[] {
  return [`<add key="ClearTextPassword" value="${characters(seed, 24, BASE62)}" />`];
}

export const nugetPassword: Detector = {
  name: 'nuget-password',
  service: 'NuGet feeds (nuget.config)',
  severity: 'critical',
  formats: writtenFormats(['ClearTextPassword'], nugetExamples),
  literals: ['ClearTextPassword'],
  reach: SECTION / 2,
  confirm(text, at) {
    const found = within(text, at, SECTION / 2, NUGET_PASSWORD);
    return found !== undefined && !found.value.endsWith('%') ? password(found, at) : undefined;
  },
  homeHosts: [],
  source: 'https://learn.microsoft.com/nuget/reference/nuget-config-file#packagesourcecredentials',
  examples: (seed) => ({
    matching: nugetExamples(seed),
    other: ['<add key="ClearTextPassword" value="%FEED_TOKEN%" />', '<add key="Username" value="ci" />'],
  }),
};

/** Attributes in which providers keep passwords in plain text. */
const STATE_NAMES = [
  'master_password',
  'admin_password',
  'administrator_login_password',
  'secret_string',
  'db_password',
  'database_password',
  'user_password',
  'root_password',
  'auth_token',
];
const STATE_PASSWORD = new RegExp(
  `(?:${STATE_NAMES.join('|')})\\\\?"\\s{0,8}:\\s{0,8}\\\\?"([!#-\\[\\]-~]{8,256})`,
  'y',
);
const RANDOM_RESULT = /"result":\s{0,8}"([!#-~]{8,256})"/;

function stateExamples(seed: number): string[] {
  const secret = `7${characters(seed, 19, BASE62)}`;
  const resource = { type: 'aws_db_instance', instances: [{ attributes: { master_password: secret } }] };
  const random = { type: 'random_password', name: 'db', instances: [{ attributes: { length: 20, result: secret } }] };
  return [
    JSON.stringify({ version: 4, terraform_version: '1.9.0', resources: [resource] }, null, 2),
    JSON.stringify({ version: 4, terraform_version: '1.9.0', resources: [random] }, null, 2),
  ];
}

export const terraformState: Detector = {
  name: 'terraform-state',
  service: 'Terraform and OpenTofu state',
  severity: 'critical',
  formats: writtenFormats(['"master_password" and the like', 'random_password'], stateExamples),
  literals: [...STATE_NAMES, '"random_password"'],
  reach: 256,
  confirm(text, at) {
    STATE_PASSWORD.lastIndex = at;
    const found = STATE_PASSWORD.exec(text);
    const drawn = text.startsWith('"random', at) ? within(text, at, 2 * SECTION, RANDOM_RESULT) : undefined;
    const value = found?.[1] ?? drawn?.value ?? '';
    if (!isStrong(value) || isPlaceholder(value)) return undefined;
    return { start: at, end: drawn?.end ?? at + (found?.[0].length ?? 0) };
  },
  homeHosts: [],
  source: 'https://developer.hashicorp.com/terraform/language/state/sensitive-data',
  examples: (seed) => ({
    matching: stateExamples(seed),
    other: ['{"master_password": "changeme"}', '{"type": "random_password", "instances": []}'],
  }),
};

/** Characters around a private member in which the type of the key must stand. */
const JWK_SPAN = 1000;
const JWK_MEMBER = /"(?:d|k)\\?"\s{0,4}:\s{0,4}\\?"([A-Za-z0-9_-]{22,1400})/y;

function jwkExamples(seed: number): string[] {
  const part = (n: number) => characters(seed + n, 43, BASE64URL);
  return [
    JSON.stringify({ kty: 'EC', crv: 'P-256', x: part(0), y: part(1), d: part(2) }),
    JSON.stringify({ kty: 'OKP', crv: 'Ed25519', d: part(3), x: part(4) }),
    JSON.stringify({ kty: 'oct', k: part(5), alg: 'HS256' }),
  ];
}

export const jwkPrivateKey: Detector = {
  name: 'jwk-private-key',
  service: 'JSON Web Keys',
  severity: 'critical',
  formats: writtenFormats(['EC', 'OKP', 'oct'], jwkExamples),
  literals: ['"d":"', '"d": "', '"k":"', '"k": "', '"d\\":', '"k\\":'],
  reach: 256,
  confirm(text, at) {
    JWK_MEMBER.lastIndex = at;
    const found = JWK_MEMBER.exec(text);
    const value = found?.[1];
    if (found === null || value === undefined || entropy(value.slice(0, 43)) < 4) return undefined;
    const around = text.slice(Math.max(0, at - JWK_SPAN), at + found[0].length + JWK_SPAN / 2);
    return /"kty\\?"/.test(around) ? { start: at, end: at + found[0].length } : undefined;
  },
  homeHosts: [],
  source: 'RFC 7517; RFC 7518, 6.2.2, 6.3.2 and 6.4',
  examples: (seed) => ({
    matching: jwkExamples(seed),
    other: [
      JSON.stringify({ kty: 'EC', crv: 'P-256', x: characters(seed, 43, BASE64URL) }),
      JSON.stringify({ d: characters(seed, 43, BASE64URL) }),
    ],
  }),
};

/** Characters around a signature in which the other parameters stand. */
const SAS_SPAN = 600;
const SAS_SIGNATURE = /sig(?:=|%3d)([A-Za-z0-9+/%]{43,80}(?:=|%3d|%253d))/iy;

function sasExamples(seed: number): string[] {
  const signature = encodeURIComponent(`${characters(seed, 43, BASE62)}=`);
  const rest = 'sv=2024-11-04&ss=bfqt&srt=sco&sp=rwdlacupx&se=2030-01-01T00:00:00Z&st=2026-01-01T00:00:00Z&spr=https';
  return [
    `https://acme.blob.core.windows.net/builds?${rest}&sig=${signature}`,
    `SharedAccessSignature sr=acme.servicebus.windows.net&sig=${signature}&se=1893456000&skn=root`,
  ];
}

export const azureSas: Detector = {
  name: 'azure-sas',
  service: 'Azure shared access signatures',
  severity: 'high',
  formats: writtenFormats(['…&sig=… of Storage', 'SharedAccessSignature'], sasExamples),
  literals: ['sig=', 'sig%3D', 'sig%3d'],
  reach: 96,
  confirm(text, at) {
    SAS_SIGNATURE.lastIndex = at;
    const found = SAS_SIGNATURE.exec(text);
    if (found === null || entropy(found[1] ?? '') < 4) return undefined;
    const around = text.slice(Math.max(0, at - SAS_SPAN), at + found[0].length + SAS_SPAN);
    return /(?:\bs[epr]|\bskn)(?:=|%3d)/i.test(around) && /(?:\bs[vr])(?:=|%3d)/i.test(around)
      ? { start: at, end: at + found[0].length }
      : undefined;
  },
  homeHosts: [],
  source: 'https://learn.microsoft.com/rest/api/storageservices/create-account-sas',
  examples: (seed) => ({
    matching: sasExamples(seed),
    other: ['?sig=abc', `?sig=${characters(seed, 43, BASE62)}%3D`],
  }),
};

const ASSIGNED_PASSWORD = new RegExp(
  `(?:${['DB_PASSWORD', 'DATABASE_PASSWORD', 'POSTGRES_PASSWORD', 'MYSQL_PASSWORD', 'MYSQL_ROOT_PASSWORD', 'MYSQL_PWD', 'PGPASSWORD', 'REDIS_PASSWORD', 'RABBITMQ_PASSWORD', 'MONGO_PASSWORD', 'MONGO_INITDB_ROOT_PASSWORD', 'SMTP_PASSWORD', 'LDAP_PASSWORD', 'ANSIBLE_VAULT_PASSWORD', 'TWINE_PASSWORD', 'DOCKER_PASSWORD', 'REGISTRY_PASSWORD', 'SECRET_KEY_BASE', 'RAILS_MASTER_KEY', 'DJANGO_SECRET_KEY', 'APP_KEY'].join('|')})${ASSIGNED}([!#-&(-~]{10,256})`,
  'y',
);

function environmentExamples(seed: number): string[] {
  const secret = `7${characters(seed, 23, BASE62)}`;
  return [
    `POSTGRES_PASSWORD=${secret}\n`,
    `MYSQL_ROOT_PASSWORD: "${secret}"\n`,
    `- name: REDIS_PASSWORD\n  value: ${secret}\n`,
    `export TWINE_PASSWORD='${secret}'`,
    `SECRET_KEY_BASE=${characters(seed, 128, '0123456789abcdef')}`,
    `RAILS_MASTER_KEY=${characters(seed, 32, '0123456789abcdef')}`,
  ];
}

/** Variables whose name says that their value is a password. */
export const environmentPassword: Detector = {
  name: 'environment-password',
  service: 'Databases, registries and frameworks set up by environment',
  severity: 'high',
  formats: writtenFormats(
    [
      'POSTGRES_PASSWORD',
      'MYSQL_ROOT_PASSWORD',
      'REDIS_PASSWORD',
      'TWINE_PASSWORD',
      'SECRET_KEY_BASE',
      'RAILS_MASTER_KEY',
    ],
    environmentExamples,
  ),
  literals: ['_PASSWORD', 'PGPASSWORD', 'MYSQL_PWD', 'SECRET_KEY_BASE', 'RAILS_MASTER_KEY', 'DJANGO_SECRET_KEY'],
  reach: ASSIGNED_REACH,
  confirm(text, at) {
    const name = text.startsWith('_PASSWORD', at)
      ? (/[A-Z_]{1,24}$/.exec(text.slice(Math.max(0, at - 24), at))?.[0] ?? '')
      : '';
    for (let from = at - name.length; from <= at; from++) {
      ASSIGNED_PASSWORD.lastIndex = from;
      const found = ASSIGNED_PASSWORD.exec(text);
      const value = found?.[2];
      if (found === null || value === undefined) continue;
      // What calls a function is code.
      return isStrong(value) && !isPlaceholder(value) && !/^[^=]{0,40}\(/.test(value)
        ? { start: from, end: from + found[0].length }
        : undefined;
    }
    return undefined;
  },
  homeHosts: [],
  source: 'https://hub.docker.com/_/postgres and the images of others; https://guides.rubyonrails.org/security.html',
  examples: (seed) => ({
    matching: environmentExamples(seed),
    other: ['POSTGRES_PASSWORD=postgres', `POSTGRES_PASSWORD=${'$'}{PASSWORD}`, 'os.environ["DB_PASSWORD"]'],
  }),
};
