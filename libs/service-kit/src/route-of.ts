/**
 * `@RouteOf(authRoutes.register)` is the one way to write a handler: method, path, status, access and
 * limits come from the route; the body and query are parsed by its schemas before the handler runs, and
 * what it returns is encoded by its response schema. The handler's types are checked against the route.
 *
 *     @RouteOf(keysRoutes.publishManifest, { limiters: [publishPerDevice] })
 *     publish(@CurrentDevice() caller: CurrentDevice, @Body() body: RequestOf<typeof keysRoutes.publishManifest>) { … }
 *
 * `requestBinary` bodies come as `Uint8Array` (decode them with the protocol's schema), `responseBinary`
 * is returned as one. Path parameters come by `@Param('device')`, checked to be ids where so named.
 */
import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import type { z } from 'zod';
import type { Route } from '@cipherchat/protocol';
import type { CurrentDevice as CurrentDeviceType } from './access-token.js';
import type { Limiter } from './rate-limiter.js';

export type RequestOf<R extends Route> = R extends { readonly request: infer S extends z.ZodType }
  ? z.output<S>
  : R extends { readonly requestBinary: string }
    ? Uint8Array
    : undefined;
export type QueryOf<R extends Route> = R extends { readonly query: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;
export type ResponseOf<R extends Route> = R extends { readonly response: infer S extends z.ZodType }
  ? z.output<S>
  : R extends { readonly responseBinary: string }
    ? Uint8Array
    : void;

export type RouteSettings = {
  /** In order; those per address are asked before the token is looked at. */
  readonly limiters?: readonly Limiter[];
  /** Of a binary body, where it is less than `limits.maxCommitBundleBytes`. */
  readonly maxBodyBytes?: number;
};

export type RouteMetadata = { readonly route: Route; readonly settings: RouteSettings };

export const routeMetadataKey = 'cipherchat:route';

const methods = {
  GET: RequestMethod.GET,
  POST: RequestMethod.POST,
  PUT: RequestMethod.PUT,
  DELETE: RequestMethod.DELETE,
} as const;

export function RouteOf<R extends Route>(
  route: R,
  settings: RouteSettings = {},
): <Handler extends (...parameters: never[]) => ResponseOf<R> | Promise<ResponseOf<R>>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Handler>,
) => void {
  const metadata: RouteMetadata = { route, settings };
  const hasAnswer = route.response !== undefined || route.responseBinary !== undefined;
  return applyDecorators(
    RequestMapping({ method: methods[route.method], path: route.path }),
    HttpCode(hasAnswer ? 200 : 204),
    SetMetadata(routeMetadataKey, metadata),
  );
}

/** What the guard leaves on a request. */
export type AuthenticatedRequest = { currentDevice?: CurrentDeviceType };

/** As a type: who calls. */
export type CurrentDevice = CurrentDeviceType;

/** As a decorator: the device that calls. Only on routes whose access is not `public`. */
export const CurrentDevice: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): CurrentDeviceType => {
    const { currentDevice } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (currentDevice === undefined) throw new RangeError('a public route has no current device');
    return currentDevice;
  },
);
