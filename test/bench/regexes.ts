/**
 * The yardstick "a loop of the same patterns in V8": one regular expression for each format of each detector, as its grammar
 * means it. What a regular expression does not say (checksums, entropy, words, what was encoded) is left out, which is in its favour.
 */
import { ASSIGNED } from '../../sidecar/inspect/detectors/grammar/keyed.ts';
import type { Row } from '../../sidecar/inspect/detectors/grammar/row.ts';
import { exactly, parseShapes, patternOf } from '../../sidecar/inspect/detectors/grammar/shape.ts';
import { DETECTORS } from '../../sidecar/inspect/detectors/index.ts';
import { ROWS } from '../../sidecar/inspect/detectors/rows/index.ts';

/** What may stand between the words of a name. */
const BETWEEN = '[_.\\- ]{0,2}';
const ARMOUR = '[\\sA-Za-z0-9+/=:,-]{64,}';
const SECRET = '["\']?[^\\s"\'<>&]{8,}';

/** One for each format of the detectors that are not rows: by its place, or from its label. */
const WRITTEN: Readonly<Record<string, readonly string[] | ((label: string) => string)>> = {
  'aws-access-key-id': (label) => `${label.slice(0, 4)}[A-Z2-7]{16}`,
  'aws-secret-access-key': [
    'aws_secret_access_key\\s*=\\s*[A-Za-z0-9+/]{40}',
    '"SecretAccessKey"\\s*:\\s*"[A-Za-z0-9+/]{40}"',
    'AWS_SECRET_ACCESS_KEY\\s*=\\s*["\']?[A-Za-z0-9+/]{40}',
    '<SecretAccessKey>[A-Za-z0-9+/]{40}<',
    'A[KS]IA[A-Z2-7]{16}[^A-Za-z0-9+/]{1,4}[A-Za-z0-9+/]{40}',
    'aws_secret_access_key\\s*=\\s*[A-Za-z0-9+/]{40,}',
    'name="aws_secret_access_key"(?:[^\\r\\n]*\\r?\\n){1,3}\\r?\\n[A-Za-z0-9+/]{40}',
  ],
  'github-token': (label) =>
    label === 'ghs_…_…' ? 'ghs_\\d+_[A-Za-z0-9_]{36,}' : `${label.slice(0, 4)}[A-Za-z0-9]{36,255}`,
  'github-fine-grained-token': () => 'github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}',
  'npm-token': () => 'npm_[A-Za-z0-9]{36}',
  'npmrc-auth': (label) => `:${label.split(/[= ]/)[0]}\\s*=\\s*"?[A-Za-z0-9+/=_-]{16,}`,
  'slack-token': [
    'xoxb-\\d{10,13}-\\d{10,13}-[A-Za-z0-9]{24}',
    'xoxb-\\d{8,14}-[A-Za-z0-9]{18,26}',
    'xoxp-(?:\\d{10,13}-){3}[A-Za-z0-9]{28,34}',
    'xoxa-(?:\\d-)?(?:[A-Za-z0-9]+-){2,3}[A-Za-z0-9]{8,48}',
    'xoxr-(?:\\d-)?(?:[A-Za-z0-9]+-){2,3}[A-Za-z0-9]{8,48}',
    'xoxs-(?:\\d{10,13}-){3}[a-f0-9]{10}',
    'xoxc-(?:\\d{10,13}-){3}[a-f0-9]{64}',
    'xoxe\\.xox[bp]-\\d-[A-Z0-9]{163,166}',
    'xoxe-\\d-[A-Z0-9]{146}',
    'xapp-\\d-[A-Z0-9]+-\\d+-[a-z0-9]{64}',
  ],
  'slack-webhook': (label) => `hooks\\.slack\\.com/${label.split('/')[1]}/T[A-Z0-9]{8,12}/[A-Z0-9]+/[A-Za-z0-9]{24,}`,
  'private-key': [
    ...['', 'RSA ', 'RSA ', 'EC ', 'DSA ', 'ENCRYPTED ', 'OPENSSH '].map(
      (kind) => `-----BEGIN ${kind}PRIVATE KEY-----${ARMOUR}-----END ${kind}PRIVATE KEY-----`,
    ),
    `-----BEGIN PGP PRIVATE KEY BLOCK-----${ARMOUR}-----END PGP PRIVATE KEY BLOCK-----`,
    '"private_key"\\s*:\\s*"-----BEGIN PRIVATE KEY-----\\\\n[A-Za-z0-9+/=\\\\]{64,}',
    'PuTTY-User-Key-File-\\d: [^\\n]+\\n[\\s\\S]{0,512}?Private-Lines: \\d+\\s+[A-Za-z0-9+/=\\s]{32,}',
    'b3BlbnNzaC1rZXktdjEA[A-Za-z0-9+/=\\s]{64,}',
    'M[A-Za-z0-9+/]{1,6}IBADA[A-Za-z0-9+/=\\s]{64,}|MC4CAQAwBQYDK2Vw[A-Za-z0-9+/=\\s]{40,}',
  ],
  jwt: (label) => `${label.startsWith('Bearer') ? 'Bearer\\s+' : ''}eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]{16,}`,
  'docker-auth': ['"auth"\\s*:\\s*"[A-Za-z0-9+/=]{12,}"', '\\\\"auth\\\\"\\s*:\\s*\\\\"[A-Za-z0-9+/=]{12,}\\\\"'],
  'database-url': (label) => `${exactly(label.slice(0, label.indexOf(':')))}://[^\\s:/@"']*:[^\\s@"']{8,}@[^\\s"']+`,
  'url-credentials': [
    'https://[^\\s:/@"\']+:[^\\s@"\'/]{8,}@[^\\s"\']+',
    'https://x-access-token:[^\\s@"\'/]{8,}@[^\\s"\']+',
    'index-url\\s*=\\s*https?://[^\\s:/@"\']+:[^\\s@"\'/]{8,}@[^\\s"\']+',
    'http://[^\\s:/@"\']+:[^\\s@"\'/]{8,}@[^\\s"\']+',
  ],
  netrc: [
    'machine\\s+\\S+\\s*\\n\\s*login\\s+\\S+\\s*\\n\\s*password\\s+\\S{8,}',
    'machine \\S+ login \\S+ password \\S{8,}',
  ],
  pypirc: [
    `\\[distutils\\][\\s\\S]{0,512}?password\\s*[:=]\\s*${SECRET}`,
    `\\[pypi\\][\\s\\S]{0,512}?password\\s*[:=]\\s*${SECRET}`,
  ],
  'cargo-credentials': [
    '\\[registry\\]\\s+token\\s*=\\s*"[^"]{16,}"',
    '\\[registries\\.[\\w-]+\\]\\s+token\\s*=\\s*"[^"]{16,}"',
  ],
  'maven-settings': (label) => {
    const tag = label.split(' ').at(-1);
    return `<server>[\\s\\S]{0,512}?<${tag}>[^<]{8,}</${tag}>`;
  },
  'nuget-password': () => '"ClearTextPassword"\\s+value="[^"]{8,}"',
  'terraform-state': [
    '"(?:master_password|admin_password|password|secret_key)"\\s*:\\s*"[^"]{8,}"',
    '"random_password"[\\s\\S]{0,1024}?"result"\\s*:\\s*"[^"]{8,}"',
  ],
  'jwk-private-key': [
    '"kty"\\s*:\\s*"EC"[^}]{0,512}"d"\\s*:\\s*"[\\w-]{32,}"',
    '"kty"\\s*:\\s*"OKP"[^}]{0,512}"d"\\s*:\\s*"[\\w-]{32,}"',
    '"kty"\\s*:\\s*"oct"[^}]{0,512}"k"\\s*:\\s*"[\\w-]{16,}"',
  ],
  'azure-sas': ['[?&]sig=[A-Za-z0-9%+/]{43,}', 'SharedAccessSignature\\s+sr=\\S+&sig=[A-Za-z0-9%+/]{43,}'],
  'environment-password': (label) => `${label}["']?(?:\\s*[:=]\\s*|\\s+value:\\s*)${SECRET}`,
};

/** A regular expression for each format. Throws an Error for one that does not match a text of its format. */
export function formatRegexes(): RegExp[] {
  const rows = new Map(ROWS.map((row) => [row.name, row]));
  return DETECTORS.flatMap(({ name, formats }) => {
    const row = rows.get(name);
    const written = WRITTEN[name];
    const sources = row
      ? row.formats.flatMap(sourcesOf)
      : formats.map(({ label }, index) => (typeof written === 'function' ? written(label) : written?.[index]));
    return formats.map(({ label, sample }, index) => {
      const regex = new RegExp(sources[index] ?? '(?!)', 'g');
      if (!regex.test(sample(index)))
        throw new Error(`${name}: the expression for ${label} does not match ${sample(index)}`);
      regex.lastIndex = 0;
      return regex;
    });
  });
}

function sourcesOf(format: Row['formats'][number]): string[] {
  if (typeof format === 'string') return parseShapes(format).map((shape) => patternOf(shape, true));
  if ('shape' in format) {
    const bound = format.bounded === true ? '(?<![A-Za-z0-9_-])' : '';
    return parseShapes(format.shape).map((shape) => `${bound}${patternOf(shape, true)}`);
  }
  const names = format.keys.map((key) => key.split(' ').map(inAnyCase).join(BETWEEN)).join('|');
  const assigned = ASSIGNED.replaceAll('value', inAnyCase).replace('[ad]', '[adAD]');
  return parseShapes(format.value).map((shape) => `(?:${names})${assigned}(${patternOf(shape, true)})`);
}

/** Spelt out: V8 misses some matches of `(?i:…)` when it searches. */
function inAnyCase(word: string): string {
  return exactly(word).replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
