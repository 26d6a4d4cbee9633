/** docs/detection.md: what is detected, from the table of detectors, and what is not, with the reason. Pure. */

import { RUN_BEFORE } from '../sidecar/inspect/detectors/grammar/drawn.ts';
import { DETECTOR_NAMES, DETECTORS } from '../sidecar/inspect/detectors/index.ts';
import type { Detector } from '../sidecar/inspect/detectors/types.ts';

/** Hosts of one detector that are listed; there are more only for the large clouds. */
const MAX_HOSTS = 6;

/** What other scanners report and this one does not. */
const NOT_DETECTED: readonly (readonly [string, string])[] = [
  [
    'anything random that is called key, token, secret or password',
    'There is no shape to prove it, and code is full of such names: it is a false alarm in every few files. Where a name says which service or program it belongs to (`DATADOG_API_KEY`, `POSTGRES_PASSWORD`) it is detected; the values that a build holds itself are what known secrets are for.',
  ],
  [
    'passwords on a command line (`mysql --password …`, `curl -u …`, `gpg --passphrase …`)',
    'The same: what follows is any text. In a URL, in `.netrc` and in the files of package managers they are detected.',
  ],
  [
    'user names, client ids, account ids, application ids (Twilio `SK…` and `AC…`, WeChat `wx…`, Asana, LinkedIn, Discord client ids, host names of tenants)',
    'They are names, not secrets. AWS key ids are the exception: they show that a secret key is near.',
  ],
  [
    'publishable keys (Stripe `pk_live_`, PostHog `phc_`, Mapbox `pk.` without its variable’s name)',
    'They are made to be sent by everyone’s browser.',
  ],
  [
    'UUIDs and hexadecimal of 32 or 40 digits alone (Heroku’s old keys, Snyk, Sonar, Bitbucket, Algolia, CircleCI’s old tokens)',
    'Every lockfile, commit and build id looks like them. They are detected where the name of a variable, field or header says what they are.',
  ],
  [
    'tokens whose shape has no fixed text (Discord bots, Mailgun `…-…-…`, Facebook `…|…`, old Dropbox, X bearer tokens, Okta `00…`)',
    'There is nothing to look for at the speed of a stream. They are detected beside their name, or behind what stands before them in a header (`Bot …`, `SSWS …`).',
  ],
  ['seeds of one-time passwords (16 to 32 characters of base32)', 'They look like any word in capitals.'],
  [
    'key stores (`.jks`, PKCS #12, `.snk`)',
    'A PKCS #12 file or key store whose key is encrypted in the usual ways is detected by that (`private-key`); stores in formats of their own are opaque bytes, and fall under the budget for those.',
  ],
  [
    'NTLM handshakes, password hashes (`$2b$…`, `$6$…`)',
    'They must be broken before they are of use; hosts that need them are rules of their own.',
  ],
  ['Kubernetes Secrets as YAML', 'Their values are base64: what is in them is decoded and detected as what it is.'],
  ['SealedSecrets, Ansible Vault, SOPS files', 'They are encrypted, and made to be published.'],
];

export function detection(): string {
  const formats = DETECTORS.reduce((sum, detector) => sum + detector.formats.length, 0);
  return [
    '<!-- Made by cli/generate.ts from the table of detectors and cli/detection.ts; do not edit. -->',
    '# What is detected',
    '',
    `${DETECTOR_NAMES.length} kinds of secrets in ${formats} formats. \`weir scan FILE…\` looks for them in files with the same engine.`,
    '',
    'A finding is refused unless it goes to a *home host* of its kind, or the policy makes an exception (`content.homeHosts`, `content.suppressions`). Homes are API endpoints by full name; hosts where anyone can rent a name, as a bucket, are no homes. Tokens of services that are run on one’s own hosts have none: name yours in `content.homeHosts`.',
    '',
    'How a format is proved:',
    '',
    '- A token has a fixed text and so many characters of an alphabet behind it, which must look drawn at random: neither words nor a placeholder nor a sequence. A checksum proves it whatever it looks like.',
    `- *Short*: the fixed text is so short that it stands in random base64 by chance. Behind ${RUN_BEFORE} characters of base64 only a checksum counts.`,
    '- *Bounded*: the same for binary data in base64: no letter, digit, `-` or `_` may stand directly before it.',
    '- *Named* (`name = …`): the value alone says nothing; the name of its variable, field, header or parameter does. Names are found in snake, kebab and camel case and in capitals.',
    '',
    '| detector | for | severity | formats | homes |',
    '| --- | --- | --- | --- | --- |',
    ...[...DETECTORS].sort((a, b) => (a.name < b.name ? -1 : 1)).map(rowOf),
    '| `encoded-name` | text in base32 or hexadecimal in a DNS name | high | | |',
    '',
    '## What is not detected, and why',
    '',
    '| what | why |',
    '| --- | --- |',
    ...NOT_DETECTED.map(([what, why]) => `| ${what} | ${why} |`),
    '',
  ].join('\n');
}

function rowOf({ name, service, severity, source, formats, homeHosts }: Detector): string {
  const link = source.startsWith('https://') ? `[${service}](${source.split(' ')[0]?.replace(/,$/, '')})` : service;
  const labels = [...new Set(formats.map((format) => `\`${cell(format.label)}\`${noteOf(format)}`))];
  const hosts = homeHosts.slice(0, MAX_HOSTS).join(', ');
  const more = homeHosts.length > MAX_HOSTS ? ` and ${homeHosts.length - MAX_HOSTS} more` : '';
  return `| \`${name}\` | ${link} | ${severity} | ${labels.join(', ')} | ${hosts}${more} |`;
}

function noteOf({ weakInRun, bounded }: Detector['formats'][number]): string {
  return bounded ? ' (bounded)' : weakInRun ? ' (short)' : '';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
