/** Credentials that are known by what stands around them: registry logins, URLs with a password, .netrc. */
import { BASE62, characters } from './samples.ts';
import type { Detector, Match } from './types.ts';

const AUTH = /auth\\?"\s{0,16}:\s{0,16}\\?"([A-Za-z0-9+/]{8,1024}={0,2})\\?"/y;

function confirmDocker(text: string, at: number): Match | undefined {
  AUTH.lastIndex = at;
  const found = AUTH.exec(text);
  const value = found?.[1];
  if (found === null || value === undefined) return undefined;
  if (!/^[\x21-\x39\x3b-\x7e]{1,128}:[\x21-\x7e]{4,}\n?$/.test(Buffer.from(value, 'base64').toString('latin1')))
    return undefined;
  const end = found.index + found[0].length;
  return { start: end - value.length, end };
}

export const dockerAuth: Detector = {
  name: 'docker-auth',
  literals: ['auth":', 'auth" :', 'auth\\":', 'auth\\" :'],
  confirm: confirmDocker,
  homeHosts: [],
  source: 'https://docs.docker.com/reference/cli/docker/login/#default-behavior',
  examples: (seed) => {
    const auth = Buffer.from(`ci:${characters(seed, 20, BASE62)}`).toString('base64');
    const config = JSON.stringify({ auths: { 'registry.acme.dev': { auth } } }, null, 2);
    return {
      matching: [config, JSON.stringify({ file: config })],
      other: ['{"auth": "bearer"}', '{"auth":"bm90IGEgbG9naW4="}'],
    };
  },
};

const SCHEMES = [
  'postgres',
  'postgresql',
  'mysql',
  'mysqlx',
  'mariadb',
  'mongodb',
  'mongodb+srv',
  'redis',
  'rediss',
  'amqp',
  'amqps',
  'mssql',
  'sqlserver',
  'cockroachdb',
  'clickhouse',
  'oracle',
  'ldap',
  'ldaps',
  'smtp',
  'smtps',
  'ftp',
  'sftp',
];
const URL_PASSWORD =
  /[a-z+]{3,16}:\/\/[^\s:/@"'`<>{}$]{0,128}:([^\s@"'`<>{}$%*\\[\]]{4,256}|[^\s@"'`<>{}$*\\[\]]{4,256})@[A-Za-z0-9[][A-Za-z0-9_.:-]{0,253}/y;
/** With an `@` in the password, as it stands after its escapes were replaced. */
const URL_AT_PASSWORD =
  /[a-z+]{3,16}:\/\/[^\s:/@"'`<>{}$]{0,128}:([^\s/"'`<>{}$*\\[\]]{4,256})@[A-Za-z0-9[][A-Za-z0-9_.:-]{0,253}/y;
/** What documentation writes for a password. */
const PLACEHOLDERS = new Set([
  'pass',
  'passwd',
  'password',
  'secret',
  'pwd',
  'user',
  'username',
  'mypassword',
  'yourpassword',
  'postgres',
  'mysql',
  'root',
  'admin',
  'guest',
  'test',
  'example',
  'changeme',
  'mysecretpassword',
  'p4ssw0rd',
  'foobared',
  'foobar',
]);

function confirmUrl(text: string, at: number): Match | undefined {
  URL_PASSWORD.lastIndex = at;
  URL_AT_PASSWORD.lastIndex = at;
  const found = URL_PASSWORD.exec(text) ?? URL_AT_PASSWORD.exec(text);
  const password = found?.[1];
  if (found === null || password === undefined || found[0].includes('\0')) return undefined;
  const plain = password.toLowerCase();
  if (PLACEHOLDERS.has(plain) || /^(.)\1*$/.test(plain) || /^[a-z]{4,8}$/.test(plain)) return undefined;
  return { start: at, end: at + found[0].length };
}

export const databaseUrl: Detector = {
  name: 'database-url',
  literals: SCHEMES.map((scheme) => `${scheme}://`),
  confirm: confirmUrl,
  homeHosts: [],
  source: 'RFC 3986, 3.2.1 (deprecated userinfo with a password)',
  examples: (seed) => ({
    matching: [
      `postgres://app:${characters(seed, 16, BASE62)}@db.acme.internal:5432/app`,
      `mongodb+srv://app:p%40${characters(seed, 12, BASE62)}@cluster0.acme.mongodb.net/?retryWrites=true`,
      `redis://:${characters(seed, 24, BASE62)}@cache.acme.internal:6379`,
    ],
    other: [
      'postgres://user:password@localhost/db',
      'postgres://localhost:5432/app',
      `${'mysql://'}\${USER}:\${PASSWORD}@db/app`,
      'redis://host:6379',
    ],
  }),
};

const NETRC =
  /machine\s{1,8}[A-Za-z0-9.-]{3,253}\s{1,8}login\s{1,8}[!-~]{1,128}\s{1,8}password\s{1,8}([!#-&(-~]{8,256})/y;

export const netrc: Detector = {
  name: 'netrc',
  literals: ['machine ', 'machine\t'],
  confirm(text, at) {
    NETRC.lastIndex = at;
    const found = NETRC.exec(text);
    const password = found?.[1] ?? '';
    if (found === null || PLACEHOLDERS.has(password.toLowerCase()) || /^\$[{(]/.test(password)) return undefined;
    return { start: at, end: at + found[0].length };
  },
  homeHosts: [],
  source: 'GNU inetutils manual, "The .netrc file"',
  examples: (seed) => ({
    matching: [`machine git.acme.dev\n  login ci\n  password ${characters(seed, 20, BASE62)}\n`],
    other: ['machine learning', 'machine example.com login user password password'],
  }),
};
