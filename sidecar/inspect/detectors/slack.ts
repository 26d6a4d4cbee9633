import { BASE62, characters, DIGITS, UPPER } from './samples.ts';
import { token } from './token.ts';
import type { Detector } from './types.ts';

const HOMES = ['slack.com', '*.slack.com'];

export const slackToken: Detector = {
  name: 'slack-token',
  literals: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxo-', 'xoxc-', 'xoxd-', 'xoxe-', 'xoxe.', 'xapp-'],
  confirm: token({
    pattern: '(?:xox[abcdeoprs][.-]|xapp-)[A-Za-z0-9%.-]{20,300}',
    minEntropy: 3,
    accept: (text) => (text.match(/[0-9]/g) ?? []).length >= 4,
  }),
  homeHosts: HOMES,
  source: 'https://docs.slack.dev/authentication/tokens/',
  examples: (seed) => ({
    matching: [
      `${'xo'}xb-${characters(seed, 12, DIGITS)}-${characters(seed + 1, 12, DIGITS)}-${characters(seed, 24, BASE62)}`,
      `${'xa'}pp-1-A${characters(seed, 10, `${DIGITS}${UPPER}`)}-${characters(seed, 13, DIGITS)}-${characters(seed, 64, 'abcdef0123456789')}`,
    ],
    other: [`${'xo'}xb-your-token-goes-in-here`, `${'xo'}xp-1234`],
  }),
};

export const slackWebhook: Detector = {
  name: 'slack-webhook',
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
    matching: [
      `https://hooks.${'slack'}.com/services/T0${characters(seed, 8, UPPER)}/B7${characters(seed, 8, UPPER)}/${characters(seed, 24, BASE62)}`,
    ],
    other: [`https://hooks.${'slack'}.com/services/...`, `https://hooks.${'slack'}.com/services/T/B/X`],
  }),
};
