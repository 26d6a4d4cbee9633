/**
 * Every command and option, once: `--help`, the parsing of arguments, shell completion and docs/cli.md are made from
 * this table. Texts are one line each; whoever shows them wraps them.
 */

/** What a shell offers for a value. */
export type Completion = 'file' | 'directory' | 'command' | 'nothing' | readonly string[];

export interface OptionSpec {
  name: string;
  short?: string;
  /** What the value is called; absent: the option is a switch. */
  value?: string;
  /** May be given more than once. */
  many?: boolean;
  /** The value when the option is not given. */
  default?: string;
  complete?: Completion;
  help: string;
}

export interface CommandSpec {
  name: string;
  /** For the list of commands. */
  summary: string;
  /** What comes after the name. */
  usage: string;
  /** Paragraphs. */
  description: readonly string[];
  options: readonly OptionSpec[];
  /** What a shell offers where no option stands. */
  operands: Completion;
  /** Paragraphs after the options. */
  notes?: readonly string[];
  exit: string;
  examples: readonly string[];
}

const HELP: OptionSpec = { name: 'help', short: 'h', help: 'this text' };
const JSON_OUTPUT: OptionSpec = { name: 'json', help: 'print the result as JSON' };
const POD: readonly OptionSpec[] = [
  {
    name: 'label',
    value: 'KEY=VALUE',
    many: true,
    help: 'a label of the pod; may be repeated. Without any, podSelector is ignored and every policy applies',
  },
  {
    name: 'namespace',
    value: 'NAME',
    help: 'the namespace of the pod: policies of other namespaces do not apply. Without it, all do',
  },
  {
    name: 'namespace-label',
    value: 'KEY=VALUE',
    many: true,
    help: 'a label of the namespace; may be repeated. Without any and without --namespace, namespaceSelector is ignored',
  },
];

/** The kinds that `weir schema` knows. */
export const SCHEMA_NAMES = ['egresspolicy', 'clusteregresspolicy', 'policy', 'cases'] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const OUTPUTS = ['text', 'json', 'sarif'] as const;

export const RUN: CommandSpec = {
  name: 'run',
  summary: 'run one command with everything it sends judged',
  usage: '[OPTION]… -- COMMAND [ARGUMENT]…',
  description: ['Runs COMMAND so that nothing it sends leaves the machine unless a policy allows it.'],
  options: [
    {
      name: 'policy',
      value: 'FILE',
      many: true,
      complete: 'file',
      help: 'an EgressPolicy; may be repeated, rules add up. None: everything is denied',
    },
    {
      name: 'audit',
      help: 'judge and report, but let pass (known secrets and private addresses are still refused)',
    },
    {
      name: 'log',
      value: 'FILE',
      complete: 'file',
      help: 'write a line of JSON for each decision; denials that repeat are counted',
    },
    {
      name: 'resolver',
      value: 'HOST[:PORT]',
      many: true,
      help: 'look names up there instead of at the nameservers of /etc/resolv.conf; may be repeated',
    },
    {
      name: 'upstream-ca',
      value: 'FILE',
      many: true,
      complete: 'file',
      help: 'trust these certificates of servers too (PEM); may be repeated',
    },
    {
      name: 'mask',
      value: 'PATH',
      many: true,
      complete: 'file',
      help: 'hide a file or directory from COMMAND; may be repeated',
    },
    {
      name: 'write',
      value: 'PATH',
      many: true,
      complete: 'directory',
      help: 'let COMMAND write there, besides the working directory and the usual caches; may be repeated',
    },
    HELP,
  ],
  operands: 'command',
  notes: [
    'COMMAND sees the file system read-only, but for the working directory, the caches of package managers and a /tmp of its own.',
    'The values of variables that are named like secrets, SSH keys and the credential files of usual tools in the home directory may not leave but for where they belong; content.knownSecrets of a policy makes exceptions.',
  ],
  exit: 'that of COMMAND (128 + N when signal N ended it), 2 for a wrong command line or policy, 125 when the sandbox cannot be made, 126 when COMMAND cannot be executed, 127 when it is not found.',
  examples: ['weir run --policy policy.yaml -- npm install', 'weir run --audit --log audit.json -- make'],
};

export const CHECK: CommandSpec = {
  name: 'check',
  summary: 'check policy files',
  usage: '[OPTION]… FILE…',
  description: [
    'Checks EgressPolicy and ClusterEgressPolicy files (YAML, several documents each; a directory stands for the .yaml and .yml files in it, but *.cases.yaml; - is standard input). Every problem is told as file:line:column: error: path: message, with a fix where there is one.',
  ],
  options: [
    {
      name: 'output',
      short: 'o',
      value: 'FORMAT',
      default: 'text',
      complete: OUTPUTS,
      help: 'text, json or sarif (SARIF 2.1.0, for review tools)',
    },
    { name: 'json', help: 'the same as --output json' },
    HELP,
  ],
  operands: 'file',
  exit: '0 valid (warnings may have been printed), 1 errors were found, 2 the command line was not understood.',
  examples: ['weir check policies/', 'weir check --output sarif policies/ > weir.sarif'],
};

export const EXPLAIN: CommandSpec = {
  name: 'explain',
  summary: 'say whether a policy allows a request, and what would',
  usage: '--policy FILE… --url URL [OPTION]…',
  description: [
    'Says whether the policies allow a request and by which rule; for every other rule, nearest first, why it does not match; and if the request is denied, the YAML that would allow it. Nothing is looked up or sent, so addresses are not judged, nor content unless --found says what is in it.',
  ],
  options: [
    {
      name: 'policy',
      value: 'FILE',
      many: true,
      complete: 'file',
      help: 'a file or directory of policies, ClusterEgressPolicy included; may be repeated',
    },
    { name: 'url', value: 'URL', help: 'https:, http:, tls://host:port, tcp://host:port or dns://name' },
    { name: 'method', value: 'METHOD', default: 'GET', help: 'GET unless said' },
    { name: 'content-type', value: 'TYPE', help: 'media type of the body' },
    { name: 'body-size', value: 'SIZE', help: 'size of the body: bytes, or with Ki, Mi or Gi' },
    {
      name: 'found',
      value: 'DETECTOR',
      many: true,
      help: 'a detector that found something in what is sent, as the audit log names it; may be repeated',
    },
    ...POD,
    JSON_OUTPUT,
    HELP,
  ],
  operands: 'nothing',
  exit: '0 allowed, 1 denied, 2 the command line or a policy was not understood.',
  examples: [
    'weir explain --policy policies/ --label stage=build --method PUT --url https://registry.npmjs.org/left-pad',
  ],
};

export const TEST: CommandSpec = {
  name: 'test',
  summary: 'test policies with requests that they must allow and refuse',
  usage: '[-f FILE]… CASES…',
  description: [
    'Runs unit tests of policies: each case is a request with the verdict, rule and reason that are expected. Prints TAP 14. A file of cases has the fields policies (files or directories, seen from the file; -f stands in for it) and cases; weir schema cases describes it. A directory stands for the *.cases.yaml files in it.',
  ],
  options: [
    {
      name: 'policy',
      short: 'f',
      value: 'FILE',
      many: true,
      complete: 'file',
      help: 'a file or directory of policies; may be repeated. Replaces the policies that the files of cases name',
    },
    JSON_OUTPUT,
    HELP,
  ],
  operands: 'file',
  exit: '0 every case holds, 1 some do not, 2 the command line, a policy or a file of cases was not understood.',
  examples: ['weir test -f policies/ cases.yaml', 'weir test docs/cookbook/'],
};

export const DIFF: CommandSpec = {
  name: 'diff',
  summary: 'say what another version of a policy allows and denies',
  usage: '[OPTION]… BEFORE AFTER',
  description: [
    'Compares what two files or directories of policies allow, not how they are written: what becomes allowed, what becomes denied, and what is treated otherwise, for each kind of pod that they tell apart. Both sides are compiled, and every request that their rules can tell apart is judged by both.',
  ],
  options: [...POD, JSON_OUTPUT, HELP],
  operands: 'file',
  exit: '0 they allow the same, 1 they differ, 2 the command line or a policy was not understood.',
  examples: ['weir diff main/policies policies', 'git show main:policy.yaml | weir diff - policy.yaml'],
};

export const SCHEMA: CommandSpec = {
  name: 'schema',
  summary: 'describe the fields of a policy',
  usage: '[OPTION]… [KIND]',
  description: [
    'Prints every field of a kind with its type, bounds and description, or the JSON Schema that editors check with. KIND is egresspolicy, clusteregresspolicy, policy (a file of either; the default) or cases (what weir test reads).',
  ],
  options: [{ name: 'json', help: 'print a JSON Schema (draft-07)' }, HELP],
  operands: SCHEMA_NAMES,
  notes: [
    'An editor with yaml-language-server checks a file whose first line is: # yaml-language-server: $schema=FILE, where FILE holds the output of weir schema --json.',
  ],
  exit: '0 printed, 2 the command line was not understood.',
  examples: ['weir schema egresspolicy', 'weir schema --json > .weir/policy.schema.json'],
};

export const SCAN: CommandSpec = {
  name: 'scan',
  summary: 'look for secrets in files, as it is done with what is sent',
  usage: '[OPTION]… FILE…',
  description: [
    'Reads files (- is standard input) with the engine that reads what leaves a build, and says which kinds of secrets are in them: the file, the place, and what had to be decoded on the way. The value is never shown. Of each kind the first in a file is told.',
  ],
  options: [JSON_OUTPUT, HELP],
  operands: 'file',
  notes: [
    'Files are read as they are, whatever their names say. A file that takes more work to decode than its size allows, as a decompression bomb does, is not read to its end; a policy refuses such a request.',
  ],
  exit: '0 nothing was found, 1 something was, 2 the command line was not understood, a file could not be read, or one is too complex to be read whole.',
  examples: ['weir scan report.json', 'tar c dist | weir scan -', 'find . -type f -exec weir scan {} +'],
};

export const COMPLETION: CommandSpec = {
  name: 'completion',
  summary: 'print what makes a shell complete commands and options',
  usage: 'SHELL',
  description: ['Prints a completion script for bash, zsh or fish.'],
  options: [HELP],
  operands: SHELLS,
  exit: '0 printed, 2 the command line was not understood.',
  examples: [
    'source <(weir completion bash)',
    'weir completion zsh > ~/.zsh/completions/_weir',
    'weir completion fish > ~/.config/fish/completions/weir.fish',
  ],
};

export const COMMANDS: readonly CommandSpec[] = [RUN, CHECK, EXPLAIN, TEST, DIFF, SCAN, SCHEMA, COMPLETION];

/** `weir` itself. */
export const PROGRAM = {
  usage: 'COMMAND [ARGUMENT]…',
  description: 'Reads what leaves a build, and lets out only what a policy allows.',
  options: [
    { name: 'help', short: 'h', help: 'print this; weir COMMAND --help has the details' },
    { name: 'version', help: 'print the version' },
  ],
} as const satisfies { usage: string; description: string; options: readonly OptionSpec[] };
