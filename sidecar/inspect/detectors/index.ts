/** The detector table. Order is the order in which findings at one place are reported. */
import { awsAccessKeyId, awsSecretAccessKey } from './aws.ts';
import { databaseUrl, dockerAuth, netrc } from './credentials.ts';
import { encodedName } from './encoded-name.ts';
import { githubFineGrained, githubToken } from './github.ts';
import { gitlabToken } from './gitlab.ts';
import { jwt } from './jwt.ts';
import { npmrcAuth, npmToken } from './npm.ts';
import { privateKey } from './private-key.ts';
import {
  anthropicKey,
  dockerhubToken,
  googleKey,
  huggingfaceToken,
  openaiKey,
  pypiToken,
  sendgridKey,
  stripeKey,
  vaultToken,
} from './services.ts';
import { slackToken, slackWebhook } from './slack.ts';
import type { Detector } from './types.ts';

export const DETECTORS: readonly Detector[] = [
  awsAccessKeyId,
  awsSecretAccessKey,
  githubToken,
  githubFineGrained,
  npmToken,
  npmrcAuth,
  gitlabToken,
  slackToken,
  slackWebhook,
  privateKey,
  jwt,
  stripeKey,
  anthropicKey,
  openaiKey,
  pypiToken,
  googleKey,
  sendgridKey,
  huggingfaceToken,
  dockerhubToken,
  vaultToken,
  dockerAuth,
  databaseUrl,
  netrc,
];

/** Names that policies may use in `content.detectors`, `homeHosts` and `suppressions`. */
export const DETECTOR_NAMES: readonly string[] = [
  ...[...DETECTORS, encodedName].map((detector) => detector.name),
  // The values of the pod's own Secrets (sidecar/inspect/known).
  'known-secret',
];
