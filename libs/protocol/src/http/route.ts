/**
 * A route says everything about one HTTP call: controllers are checked against it, clients call
 * through it, and OpenAPI is made from it.
 */
import type { z } from 'zod';
import type { ProblemCode } from '../errors.js';

export type Access = 'public' | 'device' | 'admin';

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `:name` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** JSON body; `binary` bodies are schemas of `log.ts`. */
  readonly request?: z.ZodType;
  readonly requestBinary?: string;
  readonly query?: z.ZodType;
  readonly response?: z.ZodType;
  readonly responseBinary?: string;
  /** Besides `request/*`, `service/*`, unless public `auth/unauthenticated` and `auth/device-revoked`, and of conversations `conversation/other-generation`. */
  readonly problems: readonly ProblemCode[];
};

export function route<const R extends Route>(definition: R): R {
  return definition;
}

/** Fills the `:name` parameters of a path. */
export function pathOf(target: Route, parameters: Readonly<Record<string, string>> = {}): string {
  return target.path.replaceAll(/:([a-z]+)/gi, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new RangeError(`path parameter ${name} is missing`);
    return encodeURIComponent(value);
  });
}
