/** A schema for each kind: those of Kubernetes from its `swagger.json`, those of an extension from its CustomResourceDefinition. */
import { complete, isSchema, strict, type Schema } from './strict-schema.js';

/** A file name as kubeconform looks for it, and what is in it. */
export type KindSchema = { readonly file: string; readonly schema: Schema };

type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string };

export function swaggerSchemas(swagger: {
  readonly definitions: Readonly<Record<string, Schema>>;
}): readonly KindSchema[] {
  const { definitions } = swagger;
  return Object.entries(definitions).flatMap(([name, definition]) => {
    const kinds = (definition['x-kubernetes-group-version-kind'] ?? []) as readonly GroupVersionKind[];
    const [of] = kinds;
    const { properties } = definition;
    // Options and lists of many groups have several kinds, or none, and no manifest is one.
    if (kinds.length !== 1 || of === undefined || !isSchema(properties) || !('apiVersion' in properties))
      return [];
    return [{ file: fileOf(of), schema: closedTo(of, complete({ name, definitions })) }];
  });
}

export function customSchemas(definition: {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}): readonly KindSchema[] {
  const { group, names, versions } = definition.spec;
  return versions.map(({ name: version, schema }) => {
    const of = { group, version, kind: names.kind };
    const own = strict(schema.openAPIV3Schema) as Schema;
    return { file: fileOf(of), schema: closedTo(of, { ...own, ...withMetadata(own) }) };
  });
}

/** A definition says of `metadata` only that it is an object. */
function withMetadata(schema: Schema): Schema {
  const text = { type: 'string' };
  const words = { type: 'object', additionalProperties: text };
  const metadata = {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: { name: text, namespace: text, labels: words, annotations: words },
  };
  return { properties: { ...(isSchema(schema['properties']) ? schema['properties'] : {}), metadata } };
}

function closedTo({ group, version, kind }: GroupVersionKind, schema: Schema): Schema {
  const required = (schema['required'] ?? []) as readonly string[];
  return {
    ...schema,
    properties: {
      ...(schema['properties'] as Schema),
      apiVersion: { const: group === '' ? version : `${group}/${version}` },
      kind: { const: kind },
    },
    required: [...new Set([...required, 'apiVersion', 'kind', 'metadata'])].toSorted(),
  };
}

/** `deployment-apps-v1.json`, `service-v1.json`: `{{.ResourceKind}}{{.KindSuffix}}.json`. */
function fileOf({ group, version, kind }: GroupVersionKind): string {
  const [first = ''] = group.split('.');
  return `${[kind.toLowerCase(), first, version].filter((part) => part !== '').join('-')}.json`;
}
