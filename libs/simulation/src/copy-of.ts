/** Of containers and of objects with their prototypes; bytes are shared. @throws TypeError for a function: it would go on with the original */
export function copyOf<Value>(value: Value): Value {
  if (typeof value === 'function') throw new TypeError('functions are not copied');
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item)) as Value;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copyOf(item)])) as Value;
  if (value instanceof Set) return new Set(value) as Value;
  const copy = Object.create(Object.getPrototypeOf(value) as object) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) copy[key] = copyOf(item);
  return copy as Value;
}
