/**
 * Problems as SARIF 2.1.0 (OASIS), the format in which review tools take them: GitHub code scanning
 * (docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning), GitLab,
 * Azure DevOps, editors. Pure.
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Problem } from '../crds/document.ts';
import type { Code } from '../crds/issues.ts';
import packageJson from '../package.json' with { type: 'json' };

interface Rule {
  id: string;
  name: string;
  /** What is wrong, in a sentence. */
  text: string;
  help: string;
}

/** Rules by the code of a problem. Review tools group and mute by their ids, so these stay. */
const RULES: Record<Code, Rule> = {
  schema: {
    id: 'weir/schema',
    name: 'Schema',
    text: 'The document does not have the shape of a policy.',
    help: 'A field is missing, unknown, of another type or out of its bounds; `weir schema` lists the fields.',
  },
  cel: {
    id: 'weir/cel',
    name: 'Cel',
    text: 'A validation rule of the definition does not hold.',
    help: 'Fields contradict each other, or one needs another; an API server refuses the policy with the same words.',
  },
  semantic: {
    id: 'weir/semantic',
    name: 'Semantic',
    text: 'The policy says something that cannot be meant or enforced.',
    help: "Only Weir's own validation knows this: host names, globs, presets, detectors, policies beside each other.",
  },
};

const CODES = Object.keys(RULES) as Code[];

/** One run of `weir check`. */
export function sarifLog(problems: readonly Problem[]): object {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'weir',
            version: packageJson.version,
            semanticVersion: packageJson.version,
            rules: CODES.map((code) => {
              const { id, name, text, help } = RULES[code];
              return {
                id,
                name,
                shortDescription: { text },
                fullDescription: { text: `${text} ${help}` },
                help: { text: help },
                defaultConfiguration: { level: 'error' },
              };
            }),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: problems.map(result),
      },
    ],
  };
}

function result({ file, line, column, path, message, fix, severity, code }: Problem): object {
  const text = `${path === '' ? '' : `${path}: `}${message}${fix === undefined ? '' : ` (fix: ${fix})`}`;
  return {
    ruleId: RULES[code].id,
    ruleIndex: CODES.indexOf(code),
    level: severity,
    message: { text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column },
        },
        ...(path !== '' && { logicalLocations: [{ fullyQualifiedName: path }] }),
      },
    ],
    // What stays the same when lines move: results are matched by it from one run to the next.
    partialFingerprints: { 'weirProblem/v1': [file, path, code, message].join('|') },
  };
}

/** A relative path stays relative: review tools resolve it against the root of the repository. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split('/').map(encodeURIComponent).join('/');
}
