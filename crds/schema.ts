/** The CRD's schema as a JSON Schema: what is left implicit in Kubernetes' structural schemas is said. */

/** The keywords that the definitions use. */
export interface JsonSchema {
  $ref?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: { pattern: string };
  items?: JsonSchema;
  required?: string[];
  enum?: (string | number | boolean)[];
  default?: unknown;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  uniqueItems?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-validations'?: ValidationRule[];
  /** Fields that tell the items of a list apart; what `x-kubernetes-list-map-keys` becomes in a closed schema. */
  listMapKeys?: string[];
}

/** A rule in CEL. `messageExpression` gives the message when it can be evaluated, else `message` is told. */
export interface ValidationRule {
  rule: string;
  message: string;
  messageExpression?: string;
  reason?: string;
  /** Below the object that the rule is about. */
  fieldPath?: string;
}

const LABEL_KEY = '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';

/** Fields of metadata that a cluster fills in: a policy that was read from one has them. */
const FILLED_IN = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** What Kubernetes itself checks of `metadata` (k8s.io/apimachinery, pkg/api/validation), as far as people write it. */
const METADATA: JsonSchema = {
  title: 'ObjectMeta',
  type: 'object',
  required: ['name'],
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      maxLength: 253,
      pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
    },
    namespace: { type: 'string', minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
    labels: {
      type: 'object',
      propertyNames: { pattern: LABEL_KEY },
      additionalProperties: {
        type: 'string',
        maxLength: 63,
        pattern: '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$',
      },
    },
    annotations: {
      type: 'object',
      propertyNames: { pattern: LABEL_KEY },
      additionalProperties: { type: 'string' },
    },
    ...Object.fromEntries(FILLED_IN.map((name) => [name, {}])),
  },
  additionalProperties: false,
};

/**
 * A copy in which unknown fields are errors and int-or-string is a type. The cluster prunes unknown fields without a
 * word; here they are told, since a rule that was silently dropped is a rule that somebody relies on.
 */
export function closedSchema(schema: JsonSchema): JsonSchema {
  const { metadata } = schema.properties ?? {};
  const closed = close(schema);
  return metadata && closed.properties
    ? { ...closed, properties: { ...closed.properties, metadata: METADATA } }
    : closed;
}

function close(schema: JsonSchema): JsonSchema {
  const closed: JsonSchema = Object.fromEntries(
    Object.entries(schema).filter(([key]) => !key.startsWith('x-kubernetes-') && key !== 'format'),
  );
  if (schema['x-kubernetes-int-or-string']) closed.type = ['integer', 'string'];
  if (schema['x-kubernetes-list-map-keys']) closed.listMapKeys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] === 'set') closed.uniqueItems = true;
  if (schema.items) closed.items = close(schema.items);
  if (typeof schema.additionalProperties === 'object') closed.additionalProperties = close(schema.additionalProperties);
  if (schema.properties) {
    closed.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, close(property)]),
    );
    closed.additionalProperties = false;
  }
  return closed;
}
