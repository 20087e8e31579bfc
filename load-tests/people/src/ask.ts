/** A JSON route, asked as a client asks it. */
import { pathOf, type Route } from '@cipherchat/protocol';
import { z } from 'zod';
import { patientFetch, type Fetch } from './patient-fetch.js';

export type JsonRoute = Route & { readonly request: z.ZodType; readonly response: z.ZodType };

/** @throws Error when the server does not answer, or refuses */
export async function ask<R extends JsonRoute>(params: {
  readonly serverUrl: string;
  readonly route: R;
  readonly body: z.output<R['request']>;
  readonly accessToken?: string | undefined;
  readonly by?: Fetch | undefined;
}): Promise<z.output<R['response']>> {
  const { serverUrl, route, body, accessToken, by } = params;
  const answer = await patientFetch(`${serverUrl}${pathOf(route)}`, {
    by,
    method: route.method,
    headers: {
      'content-type': 'application/json',
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify(z.encode(route.request, body)),
  });
  return route.response.parse(await answer.json()) as z.output<R['response']>;
}
