import { besideInAny } from './beside.ts';
import { hasBase62Checksum } from './checksum.ts';
import { BASE62, BASE64URL, characters, checkedToken } from './samples.ts';
import { token } from './token.ts';
import type { Detector } from './types.ts';
import { writtenFormats } from './written.ts';

const HOMES = [
  'github.com',
  '*.github.com',
  'ghcr.io',
  'raw.githubusercontent.com',
  'objects.githubusercontent.com',
  '*.actions.githubusercontent.com',
];

function tokenExamples(seed: number): string[] {
  return [
    checkedToken('gh' + 'p_', seed),
    checkedToken('gh' + 'o_', seed + 1),
    checkedToken('gh' + 'u_', seed + 4),
    checkedToken('gh' + 's_', seed + 3),
    checkedToken('gh' + 'r_', seed + 2, 70),
    `${'gh'}s_123456_${characters(seed, 60, BASE64URL)}`,
    `x${checkedToken('gh' + 's_', seed + 5)}`,
  ];
}

/** Classic, OAuth, user-to-server, server-to-server and refresh tokens. The last six characters are a checksum. */
export const githubToken: Detector = {
  name: 'github-token',
  service: 'GitHub',
  severity: 'critical',
  formats: writtenFormats(['ghp_…', 'gho_…', 'ghu_…', 'ghs_…', 'ghr_…', 'ghs_…_…'], tokenExamples),
  literals: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
  beside: (literal) => besideInAny([`${literal}{w30-255}`, 'ghs_{d1-12}_{v30-255}'], literal),
  confirm: token({
    // ghs_ may also be an app id and a JWT.
    pattern: '(?:gh[poushr]_[A-Za-z0-9]{30,255}|ghs_[0-9]{1,12}_[A-Za-z0-9_-]{30,255})',
    minEntropy: 3.2,
    accept: (text) => /[0-9]/.test(text),
    checksum: (text) => hasBase62Checksum(text, 'ghx_', text.startsWith('ghr_') ? 70 : 30),
    weakInRun: (text) => !/^ghs_[0-9]+_/.test(text),
  }),
  homeHosts: HOMES,
  source: 'https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/',
  examples: (seed) => ({
    matching: tokenExamples(seed),
    other: [`${'gh'}p_${'x'.repeat(36)}`, `${'gh'}p_${characters(seed, 20, BASE62)}`],
  }),
};

function fineGrainedExamples(seed: number): string[] {
  return [`${'github'}_pat_${characters(seed, 22, BASE62)}_${characters(seed + 1, 59, BASE62)}`];
}

export const githubFineGrained: Detector = {
  name: 'github-fine-grained-token',
  service: 'GitHub',
  severity: 'critical',
  formats: writtenFormats(['github_pat_…'], fineGrainedExamples),
  literals: ['github_pat_'],
  beside: (literal) => besideInAny([`${literal}{w22}_{w40-80}`], literal),
  confirm: token({ pattern: 'github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{40,80}', minEntropy: 3.5 }),
  homeHosts: HOMES,
  source:
    'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github',
  examples: (seed) => ({
    matching: fineGrainedExamples(seed),
    other: [`${'github'}_pat_${characters(seed, 22, BASE62)}`, `${'github'}_pat_${'1'.repeat(22)}_${'a'.repeat(59)}`],
  }),
};
