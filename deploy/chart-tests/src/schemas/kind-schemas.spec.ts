/** From what an API server says of its kinds to a schema that refuses what it does not know. */
import { describe, expect, it } from '@jest/globals';
import { customSchemas, swaggerSchemas } from './kind-schemas.js';

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const swagger = {
  definitions: {
    'example.Thing': {
      description: 'A thing.',
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        spec: { $ref: '#/definitions/example.ThingSpec' },
      },
      'x-kubernetes-group-version-kind': [{ group: 'things.example', version: 'v1', kind: 'Thing' }],
    },
    'example.ThingSpec': {
      type: 'object',
      required: ['size'],
      properties: {
        size: { $ref: `#/definitions/${quantity}` },
        description: { type: 'string', description: 'A property of that name.' },
        port: { type: 'string', format: 'int-or-string' },
        inner: { $ref: '#/definitions/example.ThingSpec' },
      },
    },
    [quantity]: { type: 'string' },
    'example.Options': {
      type: 'object',
      properties: { apiVersion: { type: 'string' } },
      'x-kubernetes-group-version-kind': [
        { group: '', version: 'v1', kind: 'Options' },
        { group: 'things.example', version: 'v1', kind: 'Options' },
      ],
    },
  },
} as const;

describe('schemas of Kubernetes', () => {
  const schemas = swaggerSchemas(swagger);

  it('are one for each kind of one group, under the name that kubeconform looks for', () => {
    expect(schemas.map(({ file }) => file)).toEqual(['thing-things-v1.json']);
  });

  it('name their version and kind, and take no field that they do not name', () => {
    expect(schemas[0]?.schema).toMatchObject({
      additionalProperties: false,
      required: ['apiVersion', 'kind', 'metadata'],
      properties: { apiVersion: { const: 'things.example/v1' }, kind: { const: 'Thing' } },
    });
  });

  it('hold what they refer to, once, also where it refers to itself', () => {
    const { definitions } = schemas[0]?.schema ?? {};
    expect(Object.keys(definitions as object).toSorted()).toEqual(['example.ThingSpec', quantity].toSorted());
    expect(definitions).toMatchObject({
      'example.ThingSpec': {
        additionalProperties: false,
        required: ['size'],
        properties: {
          description: { type: 'string' },
          port: { oneOf: [{ type: 'string' }, { type: 'integer' }] },
        },
      },
      [quantity]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
    });
  });

  it('are refused where something is referred to that nothing defines', () => {
    const { 'example.ThingSpec': _, ...definitions } = swagger.definitions;
    expect(() => swaggerSchemas({ definitions })).toThrow('example.ThingSpec');
  });
});

describe('schemas of extensions', () => {
  const definition = {
    spec: {
      group: 'monitoring.example',
      names: { kind: 'Watch' },
      versions: [
        {
          name: 'v1alpha1',
          schema: {
            openAPIV3Schema: {
              type: 'object',
              required: ['spec'],
              properties: {
                metadata: { type: 'object' },
                spec: {
                  type: 'object',
                  properties: {
                    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: {} },
                  },
                },
              },
            },
          },
        },
      ],
    },
  } as const;

  it('are one for each version, and close what the definition leaves open but for what it opens on purpose', () => {
    const [only, ...others] = customSchemas(definition);
    expect(others).toEqual([]);
    expect(only?.file).toBe('watch-monitoring-v1alpha1.json');
    expect(only?.schema).toMatchObject({
      required: ['apiVersion', 'kind', 'metadata', 'spec'],
      properties: {
        metadata: { additionalProperties: false },
        spec: { additionalProperties: false, properties: { open: { type: 'object', properties: {} } } },
      },
    });
    expect(JSON.stringify(only?.schema)).not.toContain('"open":{"type":"object","properties":{},"additional');
  });
});
