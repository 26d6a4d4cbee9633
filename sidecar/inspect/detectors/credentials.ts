/** Credentials that are known by what stands around them: registry logins, URLs with a password, .netrc. */

import { ANYTHING, USER_INFO } from './beside.ts';
import { isPlaceholder, isStrong } from './passwords.ts';
import { BASE62, characters } from './samples.ts';
import type { Detector, Match } from './types.ts';
import { writtenFormats } from './written.ts';

const AUTH = /auth\\?"\s{0,16}:\s{0,16}\\?"([A-Za-z0-9+/]{8,1024}={0,2})\\?"/y;

function confirmDocker(text: string, at: number): Match | undefined {
  AUTH.lastIndex = at;
  const found = AUTH.exec(text);
  const value = found?.[1];
  if (found === null || value === undefined) return undefined;
  const login = /^[\x21-\x39\x3b-\x7e]{1,128}:([\x21-\x7e]{4,})\n?$/.exec(
    Buffer.from(value, 'base64').toString('latin1'),
  );
  if (login === null || isPlaceholder(login[1] ?? '')) return undefined;
  const end = found.index + found[0].length;
  return { start: end - value.length, end };
}

function dockerExamples(seed: number): string[] {
  const auth = Buffer.from(`ci:${characters(seed, 20, BASE62)}`).toString('base64');
  const config = JSON.stringify({ auths: { 'registry.acme.dev': { auth } } }, null, 2);
  return [config, JSON.stringify({ file: config })];
}

export const dockerAuth: Detector = {
  name: 'docker-auth',
  service: 'Docker registries (config.json, pull secrets)',
  severity: 'critical',
  formats: writtenFormats(['"auth": "…"', '"auth" in a string'], dockerExamples),
  literals: ['auth":', 'auth" :', 'auth\\":', 'auth\\" :'],
  confirm: confirmDocker,
  homeHosts: [],
  source: 'https://docs.docker.com/reference/cli/docker/login/#default-behavior',
  examples: (seed) => ({
    matching: dockerExamples(seed),
    other: ['{"auth": "bearer"}', '{"auth":"bm90IGEgbG9naW4="}', '{"auth": "dXNlcm5hbWU6cGFzc3dvcmQ="}'],
  }),
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
  'snowflake',
  'redshift',
  'cassandra',
  'neo4j',
  'neo4j+s',
  'bolt',
  'nats',
  'couchbase',
  'couchbases',
  'trino',
  'presto',
  'hive',
  'db2',
  'teradata',
  'vertica',
  'stomp',
  'mqtt',
  'mqtts',
  'imap',
  'imaps',
  'ftps',
];
/** Those of which there is an example. */
const SHOWN_SCHEMES = [
  'postgres',
  'postgresql',
  'mysql',
  'mariadb',
  'mongodb',
  'mongodb+srv',
  'redis',
  'rediss',
  'amqp',
  'sqlserver',
  'clickhouse',
  'cockroachdb',
  'ldap',
  'smtp',
  'ftp',
  'sftp',
  'snowflake',
  'neo4j+s',
  'nats',
  'cassandra',
];
const URL_PASSWORD =
  /[a-z0-9+]{3,16}:\/\/[^\s:/@"'`<>{}$]{0,128}:([^\s@"'`<>{}$%*\\[\]]{4,256}|[^\s@"'`<>{}$*\\[\]]{4,256})@[A-Za-z0-9[][A-Za-z0-9_.:-]{0,253}/y;
/** With an `@` in the password, as it stands after its escapes were replaced. */
const URL_AT_PASSWORD =
  /[a-z0-9+]{3,16}:\/\/[^\s:/@"'`<>{}$]{0,128}:([^\s/"'`<>{}$*\\[\]]{4,256})@[A-Za-z0-9[][A-Za-z0-9_.:-]{0,253}/y;
function confirmUrl(text: string, at: number): Match | undefined {
  URL_PASSWORD.lastIndex = at;
  URL_AT_PASSWORD.lastIndex = at;
  const found = URL_PASSWORD.exec(text) ?? URL_AT_PASSWORD.exec(text);
  const password = found?.[1];
  if (found === null || password === undefined || found[0].includes('\0')) return undefined;
  if (isPlaceholder(withoutEscapes(password))) return undefined;
  return { start: at, end: at + found[0].length };
}

function urlExamples(seed: number): string[] {
  const password = characters(seed, 16, BASE62);
  return [
    `postgres://app:${password}@db.acme.internal:5432/app`,
    `postgresql://app:${password}@db.acme.internal/app?sslmode=require`,
    `mysql://app:${password}@db.acme.internal:3306/app`,
    `mariadb://app:${password}@db.acme.internal:3306/app`,
    `mongodb://app:${password}@db-0.acme.internal:27017,db-1.acme.internal:27017/app`,
    `mongodb+srv://app:p%40${characters(seed, 12, BASE62)}@cluster0.acme.mongodb.net/?retryWrites=true`,
    `redis://:${characters(seed, 24, BASE62)}@cache.acme.internal:6379`,
    `rediss://default:${characters(seed, 24, BASE62)}@cache.acme.internal:6380/0`,
    `amqp://ci:${password}@mq.acme.internal:5672/vhost`,
    `sqlserver://sa:${password}@db.acme.internal:1433`,
    `clickhouse://app:${password}@ch.acme.internal:9440/app`,
    `cockroachdb://app:${password}@crdb.acme.internal:26257/app`,
    `ldap://cn=ci:${password}@ldap.acme.internal`,
    `smtp://ci:${password}@mail.acme.internal:587`,
    `ftp://ci:${password}@files.acme.internal/upload`,
    `sftp://ci:${password}@files.acme.internal/upload`,
    `snowflake://ci:${password}@acme-prod/db`,
    `neo4j+s://app:${password}@graph.acme.internal`,
    `nats://ci:${password}@nats.acme.internal:4222`,
    `cassandra://app:${password}@cass.acme.internal:9042`,
  ];
}

export const databaseUrl: Detector = {
  name: 'database-url',
  service: 'Databases, queues, caches, mail and file servers',
  severity: 'critical',
  formats: writtenFormats(
    SHOWN_SCHEMES.map((scheme) => `${scheme}://…:…@…`),
    urlExamples,
  ),
  literals: SCHEMES.map((scheme) => `${scheme}://`),
  alone: true,
  confirm: confirmUrl,
  homeHosts: [],
  source: 'RFC 3986, 3.2.1 (deprecated userinfo with a password)',
  examples: (seed) => ({
    matching: urlExamples(seed),
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

function netrcExamples(seed: number): string[] {
  const password = characters(seed, 20, BASE62);
  return [
    `machine git.acme.dev\n  login ci\n  password ${password}\n`,
    `machine git.acme.dev login ci password ${password}`,
  ];
}

export const netrc: Detector = {
  name: 'netrc',
  service: 'curl, git, Go, pip (.netrc)',
  severity: 'critical',
  formats: writtenFormats(['machine … (lines)', 'machine … (one line)'], netrcExamples),
  literals: ['machine ', 'machine\t'],
  confirm(text, at) {
    NETRC.lastIndex = at;
    const found = NETRC.exec(text);
    const password = found?.[1] ?? '';
    if (found === null || isPlaceholder(password) || /^\$[{(]|^[a-z]+(?:-[a-z]+)*[>})]*$/.test(password))
      return undefined;
    return { start: at, end: at + found[0].length };
  },
  homeHosts: [],
  source: 'GNU inetutils manual, "The .netrc file"',
  examples: (seed) => ({
    matching: netrcExamples(seed),
    other: ['machine learning', 'machine example.com login user password password'],
  }),
};

/** `https://user:password@host`, as in .git-credentials, index URLs of pip and remotes of git. */
const WEB_PASSWORD =
  /https?(?::|%3a)(?:\/|%2f|\\\/){2}([A-Za-z0-9._~%+-]{0,128})(?::|%3a)([A-Za-z0-9._~!$&'()*+,;=%-]{8,256})@[A-Za-z0-9[][A-Za-z0-9_.:-]{2,253}/iy;
/** User names under which tokens of source hosts stand: their password needs no look of its own. */
const TOKEN_USERS = new Set([
  'x-access-token',
  'oauth2',
  'gitlab-ci-token',
  'x-token-auth',
  'x-oauth-basic',
  '__token__',
]);

function webExamples(seed: number): string[] {
  const password = `7${characters(seed, 23, BASE62)}`;
  return [
    `https://ci:${password}@git.acme.dev/acme/app.git`,
    `https://x-access-token:${password}@git.acme.dev/acme/app.git`,
    `index-url = https://ci:${password}@pypi.acme.dev/simple/`,
    `http://admin:${password}@build.acme.internal:8080/`,
  ];
}

function withoutEscapes(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

/** Characters of the longest user and password. */
const MAX_USER_INFO = 128 + 1 + 256;

export const urlCredentials: Detector = {
  name: 'url-credentials',
  service: 'git, pip and whatever takes a URL',
  severity: 'high',
  formats: writtenFormats(
    ['https://…:…@…', 'https://x-access-token:…@…', 'index-url with a password', 'http://…:…@…'],
    webExamples,
  ),
  literals: ['https://', 'http://'],
  // Most URLs have no user.
  beside: () => ({ before: ANYTHING, behind: { set: USER_INFO, count: MAX_USER_INFO, until: '@' } }),
  reach: 64,
  confirm(text, at) {
    WEB_PASSWORD.lastIndex = at;
    const found = WEB_PASSWORD.exec(text);
    const [user, password] = [found?.[1] ?? '', withoutEscapes(found?.[2] ?? '')];
    if (found === null || isPlaceholder(password)) return undefined;
    if (!TOKEN_USERS.has(user) && !isStrong(password)) return undefined;
    return { start: at, end: at + found[0].length };
  },
  homeHosts: [],
  source: 'RFC 3986, 3.2.1; https://git-scm.com/docs/git-credential-store',
  examples: (seed) => ({
    matching: webExamples(seed),
    other: [
      'https://example.com:8443/path@2.0.0',
      'https://user:password@example.com/',
      `https://${'$'}{USER}:${'$'}{TOKEN}@git.acme.dev/`,
      'https://cdn.acme.dev/npm/react@18.2.0/index.js',
    ],
  }),
};
