/** Everything that the chart makes, judged by a real API server, field by field. Nothing is stored. */
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Document, kubectl, merged, NAMESPACE, nested, render, tryKubectl, type Values } from './tools.ts';
import { ROWS } from './values.ts';

/** Where the documents are tried: the release namespace need not be there. */
const TRIED_IN = 'chart-dry-run';
/** Kinds whose definitions others bring. */
const FOREIGN = ['monitoring.coreos.com/v1', 'cert-manager.io/v1'];

beforeAll(async () => {
  await kubectl('create', 'namespace', TRIED_IN);
  // A dry run makes none, and the pod of `helm test` needs it.
  await kubectl('create', 'serviceaccount', 'weir-test', '-n', TRIED_IN);
});
afterAll(() => kubectl('delete', 'namespace', TRIED_IN, '--wait=false'));

const isOurs = ({ apiVersion }: Document): boolean => !FOREIGN.includes(apiVersion);

function moved(document: Document): Document {
  const metadata = { ...document.metadata, ...(document.metadata.namespace !== undefined && { namespace: TRIED_IN }) };
  return { ...document, metadata };
}

async function apply(documents: Document[]): Promise<{ status: number | null; stderr: string; stdout: string }> {
  const text = documents
    .filter(isOurs)
    .map((document) => dump(moved(document)))
    .join('---\n');
  return tryKubectl(
    ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--force-conflicts', '-f', '-'],
    text,
  );
}

/** What these values make otherwise than the defaults, of which the server is asked once. */
async function changed(values: Values): Promise<Document[]> {
  const defaults = new Set((await render({})).map((document) => JSON.stringify(document)));
  return (await render(values)).filter((document) => !defaults.has(JSON.stringify(document)));
}

describe('a real API server', () => {
  it('takes all that the defaults make, without a warning', async () => {
    const { status, stdout, stderr } = await apply(await render({}));
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength((await render({})).length);
  });

  it.each(ROWS.filter(({ gone }) => !gone))('takes what $value makes', async ({ value, to, given = {} }) => {
    const documents = await changed(merged(given, nested(value, to)));
    expect(documents.length).toBeGreaterThan(0);
    if (!documents.some(isOurs)) return;
    const { status, stderr } = await apply(documents);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('is asked about every kind but those that others define', async () => {
    const every = ROWS.reduce<Values>((all, { value, to, given = {}, gone }) => {
      return gone ? all : merged(all, merged(given, nested(value, to)));
    }, {});
    const documents = await render(every);
    expect(
      documents
        .filter((document) => !isOurs(document))
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['Certificate', 'PodMonitor', 'ServiceMonitor']);
    expect(documents.every(({ metadata }) => [undefined, NAMESPACE, 'weir-test'].includes(metadata.namespace))).toBe(
      true,
    );
  });
});
