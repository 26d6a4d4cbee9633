/** Tokens of services whose shape says all: a prefix, an alphabet, a length. */
import { BASE62, BASE64URL, characters } from './samples.ts';
import { token } from './token.ts';
import type { Detector } from './types.ts';

export const stripeKey: Detector = {
  name: 'stripe-key',
  literals: ['sk_live_', 'rk_live_', 'whsec_'],
  confirm: token({
    pattern: '(?:[sr]k_live_[A-Za-z0-9]{24,247}|whsec_[A-Za-z0-9+/=]{32,64})',
    minEntropy: 3.5,
  }),
  homeHosts: ['api.stripe.com'],
  source: 'https://docs.stripe.com/keys',
  examples: (seed) => ({
    matching: [`${'sk'}_live_${characters(seed, 24, BASE62)}`, `${'wh'}sec_${characters(seed, 32, BASE62)}`],
    other: [`${'sk'}_live_${'0'.repeat(24)}`, `${'sk'}_live_...`, `${'pk'}_live_${characters(seed, 24, BASE62)}`],
  }),
};

export const anthropicKey: Detector = {
  name: 'anthropic-key',
  literals: ['sk-ant-'],
  confirm: token({ pattern: 'sk-ant-[a-z]{2,12}[0-9]{2}-[A-Za-z0-9_-]{32,200}', minEntropy: 3.5 }),
  homeHosts: ['api.anthropic.com'],
  source: 'https://docs.claude.com/en/api/overview',
  examples: (seed) => ({
    matching: [
      `${'sk'}-ant-api03-${characters(seed, 95, BASE64URL)}`,
      `${'sk'}-ant-oat01-${characters(seed, 95, BASE64URL)}`,
    ],
    other: [`${'sk'}-ant-api03-...`, `${'sk'}-ant-api03-${'x'.repeat(95)}`],
  }),
};

export const openaiKey: Detector = {
  name: 'openai-key',
  literals: ['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'T3BlbkFJ'],
  confirm(text, at, foldCase) {
    if (text.startsWith('sk-', at)) return prefixed(text, at, foldCase);
    // Older keys have nothing but `sk-` before the twenty characters that precede this mark.
    const before = /sk-[A-Za-z0-9]{20}$/.exec(text.slice(Math.max(0, at - 23), at));
    const after = /^T3BlbkFJ[A-Za-z0-9]{20}/.test(text.slice(at, at + 28));
    return before !== null && after ? { start: at - 23, end: at + 28 } : undefined;
  },
  homeHosts: ['api.openai.com'],
  source: 'https://platform.openai.com/docs/api-reference/authentication',
  examples: (seed) => ({
    matching: [
      `${'sk'}-proj-${characters(seed, 74, BASE64URL)}${'T3Blbk'}FJ${characters(seed + 1, 74, BASE64URL)}`,
      `${'sk'}-${characters(seed, 20, BASE62)}${'T3Blbk'}FJ${characters(seed + 1, 20, BASE62)}`,
    ],
    other: [`${'sk'}-proj-your-key`, `${'sk'}-${characters(seed, 48, BASE62)}`],
  }),
};
const prefixed = token({
  pattern: 'sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200}',
  minEntropy: 3.8,
});

export const pypiToken: Detector = {
  name: 'pypi-token',
  literals: ['pypi-AgE'],
  confirm: token({ pattern: 'pypi-AgE[A-Za-z0-9_-]{50,300}', minEntropy: 3.5 }),
  homeHosts: ['upload.pypi.org', 'test.pypi.org'],
  source: 'https://pypi.org/help/#apitoken',
  examples: (seed) => ({
    matching: [`${'py'}pi-AgEIcHlwaS5vcmc${characters(seed, 150, BASE64URL)}`],
    other: [`${'py'}pi-AgEIcHlwaS5vcmc`, 'pypi-simple'],
  }),
};

export const googleKey: Detector = {
  name: 'google-api-key',
  literals: ['AIzaSy', 'GOCSPX-', 'ya29.'],
  confirm(text, at, foldCase) {
    return apiKey(text, at, foldCase) ?? oauth(text, at, foldCase);
  },
  homeHosts: ['*.googleapis.com', 'accounts.google.com'],
  source: 'https://cloud.google.com/docs/authentication/api-keys',
  examples: (seed) => ({
    matching: [
      `${'AI'}zaSy${characters(seed, 33, BASE64URL)}`,
      `q${'AI'}zaSy${characters(seed, 45, BASE64URL)}`,
      `${'GOC'}SPX-${characters(seed, 28, BASE64URL)}`,
      `${'ya'}29.${characters(seed, 120, BASE64URL)}`,
    ],
    other: [`${'AI'}zaSy${'X'.repeat(33)}`, `${'AI'}za${characters(seed, 35, BASE64URL)}`],
  }),
};
// Every key so far begins like this; `AIza` alone is in every few megabytes of base64.
const apiKey = token({ pattern: 'AIzaSy[A-Za-z0-9_-]{33}', minEntropy: 3.5 });
const oauth = token({
  pattern: '(?:GOCSPX-[A-Za-z0-9_-]{28}|ya29\\.[A-Za-z0-9_-]{40,400})',
  minEntropy: 3.5,
});

export const sendgridKey: Detector = {
  name: 'sendgrid-key',
  literals: ['SG.'],
  confirm: token({ pattern: 'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}', minEntropy: 4 }),
  homeHosts: ['api.sendgrid.com'],
  source: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys',
  examples: (seed) => ({
    matching: [`${'S'}G.${characters(seed, 22, BASE64URL)}.${characters(seed + 1, 43, BASE64URL)}`],
    other: [`${'S'}G.${characters(seed, 22, BASE64URL)}`, 'MSG.length'],
  }),
};

export const huggingfaceToken: Detector = {
  name: 'huggingface-token',
  literals: ['hf_'],
  confirm: token({ pattern: 'hf_[A-Za-z]{34,40}', minEntropy: 3.8 }),
  homeHosts: ['huggingface.co', '*.huggingface.co'],
  source: 'https://huggingface.co/docs/hub/security-tokens',
  examples: (seed) => ({
    matching: [
      `${'h'}f_${characters(seed, 34, BASE62.slice(10))}`,
      `x${'h'}f_${characters(seed, 34, BASE62.slice(10))}9`,
    ],
    other: [`${'h'}f_transformers`],
  }),
};

export const dockerhubToken: Detector = {
  name: 'dockerhub-token',
  literals: ['dckr_pat_', 'dckr_oat_'],
  confirm: token({ pattern: 'dckr_[op]at_[A-Za-z0-9_-]{27,64}', minEntropy: 3.5 }),
  homeHosts: ['hub.docker.com', 'auth.docker.io'],
  source: 'https://docs.docker.com/security/access-tokens/',
  examples: (seed) => ({
    matching: [`${'dckr'}_pat_${characters(seed, 27, BASE64URL)}`],
    other: [`${'dckr'}_pat_${'x'.repeat(27)}`],
  }),
};

export const vaultToken: Detector = {
  name: 'vault-token',
  literals: ['hvs.', 'hvb.'],
  confirm: token({
    pattern: 'hv[sb]\\.[A-Za-z0-9_-]{24,300}',
    minEntropy: 3.8,
    accept: (text) => /[0-9]/.test(text),
  }),
  homeHosts: [],
  source: 'https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes',
  examples: (seed) => ({
    matching: [`${'hv'}s.C4${characters(seed, 90, BASE64URL)}`],
    other: [`${'hv'}s.length`],
  }),
};
