/**
 * What an API server knows of its objects, as JSON Schema for kubeconform: complete by itself, and strict, since a field that no
 * server knows is dropped by it without a word.
 */
export type Schema = Readonly<Record<string, unknown>>;

const anyOrder = { oneOf: [{ type: 'string' }, { type: 'integer' }] } as const;
const quantity = { oneOf: [{ type: 'string' }, { type: 'number' }] } as const;
/** Kinds of values that a schema of OpenAPI says wrongly: as text, though numbers are taken too. */
const written: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': quantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': anyOrder,
};
const reference = /^#\/definitions\/(.+)$/;

/** The same schema without what is for people and for servers, that takes no field which it does not name. */
export function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isSchema(schema)) return schema;
  if (schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true) return anyOrder;
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const kept = Object.entries(schema)
    .filter(
      ([key, value]) =>
        !key.startsWith('x-kubernetes') && !(key === 'description' && typeof value === 'string'),
    )
    .map(([key, value]): [string, unknown] => [
      key,
      key === 'properties' ? strictEach(value) : strict(value),
    ]);
  const isClosed = isSchema(schema['properties']) && schema['additionalProperties'] === undefined;
  return Object.fromEntries([
    ...kept,
    ...(isClosed && !keepsUnknown ? [['additionalProperties', false] as const] : []),
  ]);
}

/** A property may be called `description` or `format` itself. */
function strictEach(properties: unknown): unknown {
  return isSchema(properties)
    ? Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, strict(schema)]))
    : properties;
}

/** A definition with all that it refers to, at whatever depth. */
export function complete(params: {
  readonly name: string;
  readonly definitions: Readonly<Record<string, Schema>>;
}): Schema {
  const { name, definitions } = params;
  const own = strictDefinition(name, definitions);
  const needed = new Map<string, Schema>();
  const todo = [...referencesOf(own)];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (needed.has(next)) continue;
    const definition = strictDefinition(next, definitions);
    needed.set(next, definition);
    todo.push(...referencesOf(definition));
  }
  return needed.size === 0 ? own : { ...own, definitions: Object.fromEntries(needed) };
}

function strictDefinition(name: string, definitions: Readonly<Record<string, Schema>>): Schema {
  const definition = written[name] ?? definitions[name];
  if (definition === undefined) throw new RangeError(`nothing defines ${name}`);
  return strict(definition) as Schema;
}

function referencesOf(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(referencesOf);
  if (!isSchema(schema)) return [];
  const { $ref } = schema;
  const [, name] = typeof $ref === 'string' ? (reference.exec($ref) ?? []) : [];
  return [...(name === undefined ? [] : [name]), ...Object.values(schema).flatMap(referencesOf)];
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
