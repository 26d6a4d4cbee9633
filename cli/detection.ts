/** docs/detection.md: what is detected, from the table of detectors, and what is not, with the reason. Pure. */

import { MAX_BEFORE, MAX_DECIDED, MAX_PROGRAM, MIN_LITERAL } from '../crds/patterns.ts';
import { RUN_BEFORE } from '../sidecar/inspect/detectors/grammar/drawn.ts';
import { DETECTORS } from '../sidecar/inspect/detectors/index.ts';
import { DETECTOR_NAMES } from '../sidecar/inspect/detectors/names.ts';
import type { Detector } from '../sidecar/inspect/detectors/types.ts';
import { LEAST_BITS } from '../sidecar/inspect/known/scattered.ts';
import { MAX_PLACES, MAX_SENT_PIECE, MAX_SENT_TAIL, MAX_SENT_VALUE } from '../sidecar/inspect/known/sent.ts';
import { EXPANSION, MIN_ALPHABET, neededOf } from '../sidecar/inspect/opaque/component.ts';
import { DENSE, MIN_SAMPLE } from '../sidecar/inspect/opaque/flat.ts';
import { PIECE, WIDE } from '../sidecar/inspect/opaque/meter.ts';
import { MAX_PATTERNS } from '../sidecar/inspect/patterns/set.ts';
import { MAX_SESSIONS } from '../sidecar/inspect/sessions.ts';

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

/** What must be random of a text in an alphabet of so many characters. */
const percent = (size: number): string => `${Math.round(100 * neededOf(size))} %`;

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
    '## Formats of your own',
    '',
    `\`content.patterns\` adds formats that only you know, as regular expressions in the syntax of RE2. They are found wherever the detectors above look: in every channel, and in whatever is decoded. A literal is looked for first, so every match must hold a fixed text of ${MIN_LITERAL} characters; around it, no farther than ${MAX_BEFORE} bytes before and ${MAX_DECIDED} behind, the expression is run in time that grows with the text alone. What cannot be (backreferences, lookaround), is larger than ${MAX_PROGRAM} instructions, or is anchored to the ends of a text is refused by \`weir check\` and at admission. A pod has at most ${MAX_PATTERNS} of them. Text is searched as bytes; in host names, which have no case, letters match in either.`,
    '',
    '## What no pattern sees',
    '',
    `What is encrypted cannot be judged. \`content.opaqueUploads\` bounds how much of it may be sent in request bodies, to a host and by a pod. Of each ${PIECE} bytes those count that look drawn at random (below), unless they were decompressed; then what came out is measured instead, in gzip, zlib, zip, zstd, bzip2, xz, .lzma, 7z (its LZMA2, or LZMA with the usual properties; of all three 8 MiB of what came before), LZ4 and the packs of a \`git push\` anywhere in a body and in every content encoding. Images, audio and archives in other formats count: anything can be written behind the first bytes of a PNG, so no declared type is believed. Packages as npm and pip upload them and layers of images are gzip or zip, and cost next to nothing. A rule whose uploads are such bytes by design gets a suppression of \`opaque-upload\`, and a limit of its own. What is shorter, and the ends of longer bodies, are put together over all messages to a host until there are ${PIECE} bytes of them; of ${MIN_SAMPLE} bytes on they count at once when they are random as a whole. Paths, queries and headers are bounded by \`limits.newTextSize\`, and what goes through \`TLS\` and \`TCP\` rules, which is not looked into, by the \`limits.uploadSize\` that they must have. Without the field nothing is bounded, since builds do upload archives.`,
    '',
    `Bytes look drawn at random when they use all of their alphabet alike (of ${MIN_ALPHABET} characters or more: base64 and hexadecimal count like the bytes themselves). With others among them those count that one flat alphabet explains: no byte is counted more often than chance would put it there, so it does not matter what the others are, how many different ones, and in which order. They count when they are half of the ${PIECE} bytes, of base85 ${percent(85)}, of base64 ${percent(64)}, of smaller alphabets ${percent(MIN_ALPHABET)}; and whatever the alphabet when there are ${(8 * DENSE).toFixed(1)} bits of information in each byte (Shannon), which machine code does not have. Code, text, tables and machine code count by less than one percent, fonts by a tenth, a list of hashes not at all unless it is little else.`,
    '',
    `What a sender pays who knows this: to have more than half of his bytes uncounted, ${EXPANSION} times as many to send, whatever he puts between them. To have none counted: 2 times as many with other bytes between them (1.7 times in base64, 2.4 times in hexadecimal); 2.05 times in an alphabet of ${MIN_ALPHABET - 1} characters, 2.4 times in digits; 1.3 times in two alphabets by turns, one of hexadecimal or base32. With an arithmetic coder that gives them the frequencies of something else he pays less: 1.2 times for a bent curve, 1.3 times for the frequencies of machine code, 1.7 times for those of English or source. Words of a dictionary cost 5 times. Nothing that counts single bytes tells those from what they look like. In compressed data, where filler costs nothing, what is new is judged by itself, but for alphabets of less than ${WIDE} characters: base64 between words that come again, all of it compressed, cannot be told from a lockfile, and costs a sender next to nothing. \`limits.uploadSize\` bounds all of this.`,
    '',
    '## Known secrets in pieces',
    '',
    `Twelve bytes of a known secret that the workload has are found in one message, whole or joined over its fields. Over the messages to one host, or the names under one domain, what is new in each value is put behind what was sent before (${MAX_SENT_TAIL} characters of each of ${MAX_PLACES} places and of all together, pieces of up to ${MAX_SENT_PIECE}, in values of up to ${MAX_SENT_VALUE}; of so many hosts, of the latest ${MAX_SESSIONS}), and looked for in the order in which it was sent and from its end, forwards and backwards, encoded, and XORed with one byte. Once twelve bytes in a row are together the message is refused, and whatever goes on in that place too. In names, words that stand in a secret are counted as well, in any order and with others between them, by how unlikely each is by chance; ${LEAST_BITS} bits are too many, which two names with four bytes in hexadecimal say. What was sent alone counts: a refused message adds nothing. Of a secret that the workload does not have only the whole is found, or refusals would tell it piece by piece. For names this outlives the sidecar; for requests it does not.`,
    '',
    'A sender who knows this can still put something between the pieces of requests or shuffle them, or encode each piece of a name in a way of his own: pieces of less than twelve bytes cannot be told from other text then. What bounds them is how much may be said at all: `dns.budget` for names, `limits.newTextSize` and `limits.requests` for requests.',
    '',
    '## What others find, and this does not',
    '',
    'On their own samples other scanners (`make beside`) also tell: placeholders and sequences (`abc123xyz-456def789…`, `01234567890…`), words in hexadecimal (`deadbeef`), hexadecimal in mixed case where the service writes small letters, tokens without what their checksum or their length asks for, the secret of ClickHouse without its name (`4b1d…` begins much that is none), and any value under `password:` or `key:`, as in a Secret’s manifest. Whoever runs a build would be refused for each of them many times a day. A password that is in a Secret of the pod is a known secret, and is found wherever it stands.',
    '',
    '## What is told',
    '',
    'The workload reads that content was refused, and not why. The audit log has the detector, the channel, the place and offset in it, what it was decoded through, and a hash of the value: HMAC-SHA-256 cut to 64 bits, under a key that the process makes up and keeps, so that equal values of one run can be told to be equal and no guess can be confirmed. After `content.maxRefusals` refusals in the life of a pod (20 unless said) it is cut off: everything is refused as `content.cut-off`, in Audit mode too, also when the sidecar starts anew.',
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
