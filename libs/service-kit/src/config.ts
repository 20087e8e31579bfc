/**
 * Configuration is parsed once, when the service starts, frozen, and injected as `CONFIG`. A bad value
 * stops the start and names the variable, never its value: values end up in terminals and log stores.
 */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One environment variable. A secret may also come as `<NAME>_FILE`, the path of a file that holds it. */
export type Variable<Value = unknown> = {
  readonly kind: 'plain' | 'secret';
  readonly name: string;
  readonly schema: z.ZodType<Value>;
};
export type Variables = Readonly<Record<string, Variable>>;
export type ConfigOf<V extends Variables> = {
  readonly [Key in keyof V]: V[Key] extends Variable<infer Value> ? Value : never;
};

/** The injection token of the parsed configuration. */
export const CONFIG = Symbol('CONFIG');

export function variable<Value>(name: string, schema: z.ZodType<Value>): Variable<Value> {
  return { kind: 'plain', name, schema };
}

/** There is no default for a secret; give it an `.optional()` schema when the service can do without it. */
export function secret<Value>(name: string, schema: z.ZodType<Value>): Variable<Value> {
  return { kind: 'secret', name, schema };
}

/** The start stops with this; its message names the variables and is safe to print. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly variables: readonly string[]) {
    super(`These environment variables are missing or not valid: ${variables.join(', ')}`);
  }
}

/** @throws ConfigError naming every bad variable at once */
export function parseConfig<V extends Variables>(variables: V, environment: Environment): ConfigOf<V> {
  const bad: string[] = [];
  const config = Object.fromEntries(
    Object.entries(variables).map(([key, definition]) => {
      const text = textOf(definition, environment);
      const parsed = text.kind === 'unreadable' ? undefined : definition.schema.safeParse(text.value);
      if (parsed === undefined || !parsed.success) {
        bad.push(text.name);
        return [key, undefined];
      }
      return [key, parsed.data];
    }),
  );
  if (bad.length > 0) throw new ConfigError(bad);
  return Object.freeze(config) as ConfigOf<V>;
}

type Text =
  | { readonly kind: 'text'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'unreadable'; readonly name: string };

function textOf(definition: Variable, environment: Environment): Text {
  const { name } = definition;
  // Compose and Helm write unset values as empty ones.
  const value = environment[name] === '' ? undefined : environment[name];
  const fileName = `${name}_FILE`;
  const file = environment[fileName];
  if (definition.kind === 'plain' || value !== undefined || file === undefined || file === '')
    return { kind: 'text', name, value };
  try {
    const content = readFileSync(file, 'utf8').trim();
    return { kind: 'text', name: fileName, value: content === '' ? undefined : content };
  } catch {
    return { kind: 'unreadable', name: fileName };
  }
}

/** The one place where the process's own environment is read. */
export function processEnvironment(): Environment {
  return process.env;
}
