import { ANYTHING, WORDS } from './beside.ts';
import { BASE62, characters, DIGITS, UPPER } from './samples.ts';
import { token } from './token.ts';
import type { Detector } from './types.ts';
import { writtenFormats } from './written.ts';

const HOMES = ['slack.com', 'api.slack.com', 'files.slack.com', 'hooks.slack.com', 'wss-primary.slack.com'];

/** Characters of a token behind its kind, at least. */
const LEAST_BODY = 20;

function tokenExamples(seed: number): string[] {
  const number = (n: number) => characters(seed + n, 12, DIGITS);
  const hex = characters(seed, 64, 'abcdef0123456789');
  return [
    `${'xo'}xb-${number(0)}-${number(1)}-${characters(seed, 24, BASE62)}`,
    `${'xo'}xb-${number(0)}-${characters(seed, 24, BASE62)}`,
    `${'xo'}xp-${number(0)}-${number(1)}-${number(2)}-${hex.slice(0, 32)}`,
    `${'xo'}xa-2-${number(0)}-${number(1)}-${hex.slice(0, 32)}`,
    `${'xo'}xr-${number(0)}-${number(1)}-${hex.slice(0, 32)}`,
    `${'xo'}xs-${number(0)}-${number(1)}-${number(2)}-${hex.slice(0, 10)}`,
    `${'xo'}xc-${number(0)}-${number(1)}-${number(2)}-${hex}`,
    `${'xo'}xe.${'xo'}xp-1-${characters(seed, 163, `${DIGITS}${UPPER}`)}`,
    `${'xo'}xe-1-${characters(seed, 146, `${DIGITS}${UPPER}`)}`,
    `${'xa'}pp-1-A${characters(seed, 10, `${DIGITS}${UPPER}`)}-${characters(seed, 13, DIGITS)}-${hex}`,
  ];
}

export const slackToken: Detector = {
  name: 'slack-token',
  service: 'Slack',
  severity: 'high',
  formats: writtenFormats(
    ['xoxb-…', 'xoxb-… (legacy)', 'xoxp-…', 'xoxa-…', 'xoxr-…', 'xoxs-…', 'xoxc-…', 'xoxe.xoxp-…', 'xoxe-…', 'xapp-…'],
    tokenExamples,
  ),
  literals: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxo-', 'xoxc-', 'xoxd-', 'xoxe-', 'xoxe.', 'xapp-'],
  beside: () => ({ before: ANYTHING, behind: { set: WORDS, count: LEAST_BODY } }),
  confirm: token({
    pattern: `(?:xox[abcdeoprs][.-]|xapp-)[A-Za-z0-9%.-]{${LEAST_BODY},300}`,
    minEntropy: 3,
    accept: (text) => (text.match(/[0-9]/g) ?? []).length >= 4,
  }),
  homeHosts: HOMES,
  source: 'https://docs.slack.dev/authentication/tokens/',
  examples: (seed) => ({
    matching: tokenExamples(seed),
    other: [`${'xo'}xb-your-token-goes-in-here`, `${'xo'}xp-1234`],
  }),
};

function webhookExamples(seed: number): string[] {
  return [
    `https://hooks.${'slack'}.com/services/T0${characters(seed, 8, UPPER)}/B7${characters(seed, 8, UPPER)}/${characters(seed, 24, BASE62)}`,
    `https://hooks.${'slack'}.com/triggers/T0${characters(seed, 8, UPPER)}/${characters(seed, 13, DIGITS)}/${characters(seed, 32, 'abcdef0123456789')}`,
  ];
}

export const slackWebhook: Detector = {
  name: 'slack-webhook',
  service: 'Slack',
  severity: 'medium',
  formats: writtenFormats(['hooks.slack.com/services/…', 'hooks.slack.com/triggers/…'], webhookExamples),
  literals: ['hooks.slack.com/'],
  confirm: token({
    pattern:
      'hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9_]{6,16}/[A-Za-z0-9_]{6,24}/[A-Za-z0-9_/]{16,80}',
    minEntropy: 3.5,
    accept: (text) => /[0-9]/.test(text.slice('hooks.slack.com/services/'.length)),
  }),
  homeHosts: HOMES,
  source: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/',
  examples: (seed) => ({
    matching: webhookExamples(seed),
    other: [`https://hooks.${'slack'}.com/services/...`, `https://hooks.${'slack'}.com/services/T/B/X`],
  }),
};
