/** The detector table. Order is the order in which findings at one place are reported. */
import { awsAccessKeyId, awsSecretAccessKey } from './aws.ts';
import { databaseUrl, dockerAuth, netrc, urlCredentials } from './credentials.ts';
import {
  azureSas,
  cargoCredentials,
  environmentPassword,
  jwkPrivateKey,
  mavenSettings,
  nugetPassword,
  pypirc,
  terraformState,
} from './files.ts';
import { githubFineGrained, githubToken } from './github.ts';
import { detectorOf } from './grammar/row.ts';
import { jwt } from './jwt.ts';
import { npmrcAuth, npmToken } from './npm.ts';
import { privateKey } from './private-key.ts';
import { ROWS } from './rows/index.ts';
import { slackToken, slackWebhook } from './slack.ts';
import type { Detector } from './types.ts';

export const DETECTORS: readonly Detector[] = [
  awsAccessKeyId,
  awsSecretAccessKey,
  githubToken,
  githubFineGrained,
  npmToken,
  npmrcAuth,
  slackToken,
  slackWebhook,
  privateKey,
  jwt,
  ...ROWS.map(detectorOf),
  dockerAuth,
  databaseUrl,
  urlCredentials,
  netrc,
  pypirc,
  cargoCredentials,
  mavenSettings,
  nugetPassword,
  terraformState,
  jwkPrivateKey,
  azureSas,
  environmentPassword,
];
