import { describe, expect, it } from 'vitest';
import { localSecrets, type SecretFacts } from '../../../cli/run/secrets.ts';

/** A machine with these variables and files in the home directory. */
function found(env: SecretFacts['env'], files: Readonly<Record<string, string>> = {}, masks: readonly string[] = []) {
  const at = (file: string) => file.replace('/home/me/', '');
  return localSecrets({
    env,
    home: '/home/me',
    read: (file) => (files[at(file)] === undefined ? undefined : Buffer.from(files[at(file)] as string)),
    list: (directory) =>
      Object.keys(files)
        .filter((file) => file.startsWith(`${at(directory)}/`))
        .map((file) => file.slice(at(directory).length + 1)),
    isMasked: (file) => masks.includes(at(file)),
  });
}
const told = ({ files }: ReturnType<typeof localSecrets>) =>
  files.map(({ secret, key, value }) => `${secret}/${key}=${value}`);

describe('what of the user must not leave', () => {
  it.each([
    'NPM_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_ACCESS_KEY_ID',
    'DB_PASSWORD',
    'GH_PAT',
    'database_url',
    'OPENAI_API_KEY',
    'SENTRY_DSN',
    'GOOGLE_CREDENTIALS',
    'SECRET',
  ])('is the variable %s', (name) => expect(told(found({ [name]: 'v' }))).toEqual([`environment/${name}=v`]));

  it.each([
    'PATH',
    'SSH_AUTH_SOCK',
    'GOOGLE_APPLICATION_CREDENTIALS_FILE',
    'PATTERN',
    'AUTHOR',
    'GPG_TTY',
    'KEYBOARD',
    'TOKENIZERS_PARALLELISM',
    'GIT_CREDENTIAL_HELPER',
  ])('is not the variable %s', (name) => expect(told(found({ [name]: 'v' }))).toEqual([]));

  it('is in the files of tools, of which some values count for themselves', () => {
    const aws = '[default]\naws_access_key_id = A\naws_secret_access_key=B\nregion = eu\n';
    expect(
      told(found({}, { '.aws/credentials': aws, '.npmrc': 'n', '.docker/config.json': '{}', '.bashrc': 'b' })),
    ).toEqual([
      `aws/credentials=${aws}`,
      'aws/aws_access_key_id=A',
      'aws/aws_secret_access_key=B',
      'aws/region=eu',
      'docker/config.json={}',
      'npm/.npmrc=n',
    ]);
  });

  it('is in keys for SSH, and not in what stands beside them', () => {
    const files = {
      '.ssh/id_ed25519': 'k',
      '.ssh/id_ed25519.pub': 'p',
      '.ssh/work': 'w',
      '.ssh/known_hosts': 'h',
      '.ssh/config': 'c',
    };
    expect(told(found({}, files))).toEqual(['ssh/id_ed25519=k', 'ssh/work=w']);
  });

  it('says which the command cannot read', () => {
    const { files, masked } = found({}, { '.npmrc': 'n', '.netrc': 'm' }, ['.npmrc']);
    expect(files.map(({ secret }) => secret)).toEqual(['netrc', 'npm (masked)']);
    expect(masked).toEqual(['npm (masked)']);
  });

  it('is in variables alone without a home directory', () => {
    const facts = { env: { A_TOKEN: 't' }, home: undefined, isMasked: () => false };
    const never = () => {
      throw new Error('read');
    };
    expect(told(localSecrets({ ...facts, read: never, list: never }))).toEqual(['environment/A_TOKEN=t']);
  });
});
