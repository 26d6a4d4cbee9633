import { maxEntropy } from '../scan/entropy.ts';
import { besideInAny } from './beside.ts';
import { hasBase62Checksum } from './checksum.ts';
import { BASE62, characters, checkedToken } from './samples.ts';
import { token } from './token.ts';
import type { Detector, Match } from './types.ts';
import { writtenFormats } from './written.ts';

function tokenExamples(seed: number): string[] {
  return [checkedToken('np' + 'm_', seed), `=x${checkedToken('np' + 'm_', seed + 1)}`];
}

export const npmToken: Detector = {
  name: 'npm-token',
  service: 'npm',
  severity: 'critical',
  formats: writtenFormats(['npm_…'], tokenExamples),
  literals: ['npm_'],
  beside: (literal) => besideInAny([`${literal}{w30-64}`], literal),
  confirm: token({
    pattern: 'npm_[A-Za-z0-9]{30,64}',
    minEntropy: 3.5,
    accept: (text) => /[0-9]/.test(text),
    checksum: (text) => hasBase62Checksum(text, 'npm_', 30),
    weakInRun: () => true,
  }),
  homeHosts: ['registry.npmjs.org'],
  source: 'https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/',
  examples: (seed) => ({
    matching: tokenExamples(seed),
    other: [
      'npm_config_registry',
      `${'np'}m_${characters(seed, 12, BASE62)}`,
      `${'np'}m_shouldPublishTheWholeWorkspaceOnRelease`,
    ],
  }),
};

const SETTING =
  /_(?:authToken|password|auth)["'\\]{0,4}(?:[ \t]{0,8}[=:][ \t]{0,8}|;?(?:[^\r\n]{0,128}\r?\n){1,3}\r?\n)["'\\]{0,4}([A-Za-z0-9._~+/=-]{16,512})/y;

function confirmSetting(text: string, at: number): Match | undefined {
  // `_auth` and `_password` end many a variable's name.
  if (!text.startsWith('_authToken', at) && !/^[\s:"']?$/.test(text.charAt(at - 1))) return undefined;
  SETTING.lastIndex = at;
  const found = SETTING.exec(text);
  const value = found?.[1];
  if (found === null || value === undefined || maxEntropy(value, 16) < 3 || !/[0-9]/.test(value)) return undefined;
  const end = found.index + found[0].length;
  return { start: end - value.length, end };
}

function settingExamples(seed: number): string[] {
  const value = characters(seed, 32, '0123456789abcdef');
  const uuid = value.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return [
    `//registry.acme.dev/:_authToken=${value}`,
    `//registry.acme.dev/:_authToken = "${uuid}"`,
    `//registry.acme.dev/:_auth=${Buffer.from(`ci:${value}`).toString('base64')}`,
    `//registry.acme.dev/:_password=${Buffer.from(value).toString('base64')}`,
  ];
}

/** A registry credential in an .npmrc of any registry: the value has no format of its own (often a UUID). */
export const npmrcAuth: Detector = {
  name: 'npmrc-auth',
  service: 'npm, Yarn and pnpm settings',
  severity: 'high',
  formats: writtenFormats(['_authToken=…', '_authToken = "UUID"', '_auth=…', '_password=…'], settingExamples),
  literals: ['_authToken', '_auth=', '_auth =', '_password=', '_password ='],
  confirm: confirmSetting,
  homeHosts: [],
  source: 'https://docs.npmjs.com/cli/configuring-npm/npmrc (auth related configuration)',
  examples: (seed) => ({
    matching: settingExamples(seed),
    other: [
      `//registry.acme.dev/:_authToken=${'$'}{NPM_TOKEN}`,
      'opts._authToken = this.config.token',
      '_authToken=short',
      'proxy_auth = base64.b64encode(proxy_password)',
    ],
  }),
};
