/** The types of the policies' expressions, which the controllers of a whole cluster check. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Document, render } from '../chart/tools.ts';
import { kubectl, mustBeUp, until } from '../harness/index.ts';

/** So that they are not those of an installed chart; without bindings they judge nothing. */
const PREFIX = 'admission-types-';
let documents: Document[];

beforeAll(async () => {
  await mustBeUp();
  documents = (await render({}))
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    .map((document) => ({ ...document, metadata: { name: `${PREFIX}${document.metadata.name}` } }));
  await kubectl(['apply', '--filename', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents }),
  });
});

afterAll(() => kubectl(['delete', 'validatingadmissionpolicies', ...documents.map(({ metadata }) => metadata.name)]));

it('the API server finds no fault with any expression', async () => {
  for (const { metadata } of documents) {
    const status = await until(`types of ${metadata.name}`, async () => {
      const object = JSON.parse(await kubectl(['get', 'validatingadmissionpolicy', metadata.name, '--output=json']));
      return object.status?.typeChecking as object | undefined;
    });
    expect(status, metadata.name).toEqual({});
  }
});
