/** One document before both judges: the API server, and what `weir check` runs. Both in the same terms. */
import { parseDocuments } from '../../crds/document.ts';
import { DETECTOR_NAMES } from '../../sidecar/inspect/detectors/names.ts';
import { type Answer, type ApiServer, type Cause, yamlText } from './api.ts';
import { type Definition, resourcePath } from './definitions.ts';
import type { Manifest } from './documents.ts';

export interface Judgement {
  /** Places at which the schema is broken. */
  schema: string[];
  /** Broken CEL rules: place and message. */
  cel: string[];
}

export interface Served extends Judgement {
  /** The object as it would be stored; absent when it was refused. */
  object?: Manifest;
  /** The CEL rules were not looked at, for the schema's faults. */
  isCut: boolean;
  /** How many requests answered with a Warning header. */
  warnings: string[];
}

export interface Checked extends Judgement {
  /** With defaults; absent when anything is wrong with it. */
  policy?: Manifest;
  /** What nobody but Weir refuses. */
  semantic: { path: string; message: string }[];
}

/**
 * Both are dry runs. Apply names the place of what its merge cannot read in a way of its own: there, the answer to a
 * plain create says it.
 */
export async function serve(api: ApiServer, definition: Definition, document: Manifest): Promise<Served> {
  const path = resourcePath(definition, encodeURIComponent(document.metadata.name));
  const applied = await api.apply(path, document, { dryRun: true });
  const object = applied.body as unknown as Manifest;
  if (applied.status < 300) return { schema: [], cel: [], isCut: false, warnings: applied.warnings, object };
  const told = applied.body.details?.causes ? applied : await create(api, definition, document);
  const message = told.body.message ?? '';
  const causes = told.body.details?.causes ?? [];
  const unread = [...message.matchAll(/unknown field "([^"]*)"/g)].map(([, field]) => String(field));
  // Metadata is read into a struct of Go's before anything else is looked at.
  const [, misread] = /cannot unmarshal .* Go struct field ObjectMeta\.(\w+)/.exec(message) ?? [];
  if (misread !== undefined) unread.push(`metadata.${misread}`);
  const isCut = unread.length > 0 || causes.some(({ message }) => message.includes(NOT_CHECKED));
  const faults = causes.filter(({ field }) => field !== NOWHERE);
  if (unread.length + faults.length === 0)
    throw new Error(`${applied.body.message}\ncreate: ${told.status} ${message}`);
  return {
    schema: unique([...unread, ...faults.filter(isOfSchema).map(({ field }) => field)]),
    cel: unique(
      faults.filter((cause) => !isOfSchema(cause)).map(({ field, message }) => `${field}: ${ruleMessage(message)}`),
    ),
    isCut,
    warnings: [...applied.warnings, ...told.warnings],
  };
}

const NOWHERE = '<nil>';
const NOT_CHECKED = 'some validation rules were not checked';

function create(api: ApiServer, definition: Definition, document: Manifest): Promise<Answer> {
  return api.request('POST', `${resourcePath(definition)}?dryRun=All&fieldValidation=Strict`, document);
}

/** The schema's validator has words of its own (k8s.io/apiextensions-apiserver, pkg/apiserver/validation); all else is CEL. */
function isOfSchema({ reason, message, field }: Cause): boolean {
  switch (reason) {
    case 'FieldValueRequired':
      return message === 'Required value';
    case 'FieldValueDuplicate':
      return /^Duplicate value: ("[^"]*"|-?[0-9.]+|\{.*\})$/.test(message);
    case 'FieldValueInvalid':
      return message.includes(`${field} in body `) || field.startsWith('metadata.');
    default:
      return ['FieldValueTypeInvalid', 'FieldValueNotSupported', 'FieldValueTooLong', 'FieldValueTooMany'].includes(
        reason,
      );
  }
}

/** `Invalid value: "object": port 53 is DNS` → `port 53 is DNS`. */
function ruleMessage(text: string): string {
  return text.replace(
    /^(?:Invalid value: (?:"(?:[^"\\]|\\.)*"|[^:]*)|Required value|Forbidden|Duplicate value: [^:]*): /,
    '',
  );
}

export function check(document: Manifest): Checked {
  const { policies, clusterPolicies, problems } = parseDocuments(yamlText(document), 'document', DETECTOR_NAMES);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const by = (code: string) => errors.filter((problem) => problem.code === code);
  const policy = [...policies, ...clusterPolicies][0] as Manifest | undefined;
  return {
    schema: unique(by('schema').map(({ path }) => serverPath(path))),
    cel: unique(by('cel').map(({ path, message }) => `${serverPath(path)}: ${message}`)),
    semantic: by('semantic').map(({ path, message }) => ({ path, message })),
    ...(policy && { policy }),
  };
}

/** A map's key is a plain step to the API server, whatever it has in it; of labels it names the whole map. */
function serverPath(path: string): string {
  return path.replaceAll(/\["([^"]*)"\]/g, '.$1').replace(/^(metadata\.(?:labels|annotations))\..*$/, '$1');
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
