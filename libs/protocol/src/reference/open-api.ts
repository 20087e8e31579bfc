/** OpenAPI 3.1 of the HTTP routes. Schemas are those of the JSON on the wire: the input side of the zod codecs. */
import { z } from 'zod';
import { problems, type ProblemCode } from '../errors.js';
import { problemMediaType } from '../problem.js';
import { conversationRoutes, generationHeader } from '../http/conversation-routes.js';
import type { Route } from '../http/route.js';
import { binaryMediaType } from '../log.js';
import { routeTables } from '../http/route-tables.js';

type Json = Readonly<Record<string, unknown>>;

const everyRoute: readonly ProblemCode[] = [
  'request/malformed',
  'request/too-large',
  'request/rate-limited',
  'service/unavailable',
  'service/internal',
];
const guardedRoute: readonly ProblemCode[] = ['auth/unauthenticated', 'auth/device-revoked'];
const adminRoute: readonly ProblemCode[] = ['auth/forbidden'];
const logRoute: readonly ProblemCode[] = ['conversation/other-generation'];

export function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const { area, routes } of routeTables) {
    for (const [name, route] of Object.entries(routes)) {
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] = {
        ...paths[path],
        [route.method.toLowerCase()]: operation({ id: `${area}.${name}`, area, route }),
      };
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'CipherChat',
      version: 'v1',
      description:
        'Public keys, ciphertext and routing fields only. Bytes in JSON are unpadded base64url. Binary bodies are described in frames.md, errors in errors.md.',
    },
    paths,
    components: {
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: problemSchema },
    },
  };
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457. The data of the code stands beside these fields.',
  properties: {
    type: { type: 'string', format: 'uri' },
    code: { type: 'string', enum: Object.keys(problems) },
    status: { type: 'integer' },
    title: { type: 'string' },
  },
  required: ['type', 'code', 'status', 'title'],
};

function operation({
  id,
  area,
  route,
}: {
  readonly id: string;
  readonly area: string;
  readonly route: Route;
}): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  const body = requestBody(route);
  return {
    operationId: id,
    tags: [area],
    summary: route.summary,
    ...(route.access === 'public' ? {} : { security: [{ accessToken: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null ? {} : { requestBody: { required: true, content: body } }),
    responses: { ...success(route), ...failures(route) },
  };
}

function pathParameters(route: Route): readonly Json[] {
  return [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'username' ? { type: 'string' } : { type: 'string', format: 'uuid' },
  }));
}

function queryParameters(route: Route): readonly Json[] {
  if (route.query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(route.query) as {
    readonly properties?: Json;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function headerParameters(route: Route): readonly Json[] {
  if (!isOfLogs(route)) return [];
  const description = 'The generation of the logs that the request speaks of, as `ready` told it.';
  return [
    { name: generationHeader, in: 'header', required: false, description, schema: { type: 'integer' } },
  ];
}

function isOfLogs(route: Route): boolean {
  return Object.values<Route>(conversationRoutes).includes(route);
}

function requestBody(route: Route): Json | null {
  if (route.request !== undefined) return { 'application/json': { schema: jsonSchema(route.request) } };
  return route.requestBinary === undefined ? null : binary(route.requestBinary);
}

function success(route: Route): Json {
  if (route.response !== undefined)
    return {
      200: { description: 'Done.', content: { 'application/json': { schema: jsonSchema(route.response) } } },
    };
  if (route.responseBinary !== undefined)
    return { 200: { description: 'Done.', content: binary(route.responseBinary) } };
  return { 204: { description: 'Done.' } };
}

function binary(what: string): Json {
  return { [binaryMediaType]: { schema: { type: 'string', format: 'binary', description: `\`${what}\`` } } };
}

/** One answer for each status, naming its codes. */
function failures(route: Route): Json {
  const codes = new Set<ProblemCode>([
    ...route.problems,
    ...everyRoute,
    ...(route.access === 'public' ? [] : guardedRoute),
    ...(route.access === 'admin' ? adminRoute : []),
    ...(isOfLogs(route) ? logRoute : []),
  ]);
  const statuses = [...new Set([...codes].map((code) => problems[code].status))].sort(
    (left, right) => left - right,
  );
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: [...codes]
          .filter((code) => problems[code].status === status)
          .map((code) => `\`${code}\`: ${problems[code].title}`)
          .join(' '),
        content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

/** The dialect is the document's; each schema naming it again would only be noise. */
function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
