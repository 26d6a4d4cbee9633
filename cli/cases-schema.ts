/** What a file of cases for `weir test` looks like. */
import { REASONS } from '../crds/reasons.ts';
import type { JsonSchema } from '../crds/schema.ts';

const TEXT_MAP: JsonSchema = {
  type: 'object',
  maxProperties: 64,
  additionalProperties: { type: 'string', maxLength: 4096 },
};

export const VERDICTS = ['Allow', 'Deny', 'WouldDeny'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Most cases in one file. */
export const MAX_CASES = 1000;

export const CASES_SCHEMA: JsonSchema = {
  title: 'Cases of weir test',
  description: 'Requests, each with what the policies are expected to say of it.',
  type: 'object',
  required: ['cases'],
  additionalProperties: false,
  properties: {
    policies: {
      description:
        'Files or directories of policies, seen from this file. `-f` on the command line stands in for them.',
      type: 'array',
      minItems: 1,
      maxItems: 64,
      items: { type: 'string', minLength: 1, maxLength: 4096 },
    },
    cases: {
      type: 'array',
      minItems: 1,
      maxItems: MAX_CASES,
      items: {
        title: 'Case',
        type: 'object',
        required: ['name', 'request', 'expect'],
        additionalProperties: false,
        properties: {
          name: { description: 'What the case shows.', type: 'string', minLength: 1, maxLength: 200 },
          request: {
            title: 'Request',
            type: 'object',
            required: ['url'],
            additionalProperties: false,
            properties: {
              url: {
                description:
                  '`https:` or `http:` for a request, `tls://host:port` or `tcp://host:port` for a connection.',
                type: 'string',
                minLength: 1,
                maxLength: 16384,
              },
              method: { description: 'GET unless said.', type: 'string', minLength: 1, maxLength: 32 },
              contentType: { description: 'Media type of the body.', type: 'string', minLength: 1, maxLength: 255 },
              bodySize: {
                description:
                  'Size of the body: bytes, or with Ki, Mi or Gi. Absent: no body, or with contentType one of unknown length.',
                type: ['integer', 'string'],
                minimum: 0,
                maxLength: 19,
              },
              headers: { ...TEXT_MAP, description: 'Further headers; see expect.droppedHeaders.' },
            },
          },
          labels: { ...TEXT_MAP, description: 'Labels of the pod. Absent: every policy applies.' },
          namespace: {
            description: 'Namespace of the pod. Absent: policies of every namespace apply.',
            type: 'string',
            minLength: 1,
            maxLength: 63,
          },
          namespaceLabels: { ...TEXT_MAP, description: 'Labels of the namespace, besides the one with its name.' },
          expect: {
            title: 'Expectation',
            type: 'object',
            required: ['verdict'],
            additionalProperties: false,
            properties: {
              verdict: {
                description: '`WouldDeny`: Audit mode lets it pass, and reports it.',
                type: 'string',
                enum: [...VERDICTS],
              },
              rule: {
                description: 'The rule that allows it, or the nearest one, as `policy/rule`.',
                type: 'string',
                minLength: 1,
                maxLength: 400,
              },
              reason: { description: 'Why it is denied.', type: 'string', enum: Object.keys(REASONS) },
              droppedHeaders: {
                description: 'Those of request.headers that are not forwarded, all of them.',
                type: 'array',
                maxItems: 64,
                uniqueItems: true,
                items: { type: 'string', minLength: 1, maxLength: 128 },
              },
            },
          },
        },
      },
    },
  },
};
