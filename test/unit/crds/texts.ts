/** Policies as text, and what is said of them. */
import { parseDocuments } from '../../../crds/document.ts';

const DETECTORS = ['github-token', 'jwt', 'npm-token'];
export const HEAD = 'apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p}\n';

export const parse = (text: string) => parseDocuments(text, 'p.yaml', DETECTORS);
/** Problems as `line:column path: message | fix`. */
export const told = (text: string) =>
  parse(text).problems.map(
    ({ line, column, path, message, fix, severity }) =>
      `${severity === 'warning' ? 'warning ' : ''}${line}:${column} ${path}: ${message}${fix === undefined ? '' : ` | ${fix}`}`,
  );
/** Problems of a spec, in flow style on line 4. */
export const spec = (text: string) =>
  told(`${HEAD}spec: ${text}\n`).map((problem) => problem.replace(/4:\d+ spec\.?/, ''));
export const rule = (text: string) => spec(`{egress: [${text}]}`).map((problem) => problem.replace('egress[0].', ''));
