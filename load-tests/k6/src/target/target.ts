/** The system that is loaded: that of a running `npm start`, one of our own, or one by its address. */
import type { Fetch } from '@cipherchat/load-people';
import { authRoutes, pathOf } from '@cipherchat/protocol';
import { ExplainedError, type NamedProcess } from '@cipherchat/test-kit';
import type { Addresses } from '../world.js';
import { isLoopback, refusedOrigins } from './allowed-origins.js';

export type Target = {
  readonly kind: 'npm start' | 'own' | 'elsewhere';
  readonly serverUrl: string;
  readonly addresses: Addresses;
  readonly gateways: 'one' | 'several' | 'unknown';
  readonly registration: 'open' | 'invite';
  /** Of the server side, where they run on this machine. */
  readonly processes: readonly NamedProcess[];
  /** The authority that signed its certificate, where none does that everybody knows. */
  readonly caFile: string | undefined;
  readonly isOnLoopback: boolean;
};

const timeoutMs = 10_000;

/** Asks a deployment where its parts are. @throws ExplainedError when it does not answer, or when one of them may not be loaded */
export async function discover(params: {
  readonly serverUrl: string;
  readonly allowedOrigins: readonly string[];
  readonly by: Fetch;
}): Promise<Pick<Target, 'serverUrl' | 'addresses' | 'gateways' | 'registration' | 'isOnLoopback'>> {
  const { serverUrl, allowedOrigins, by } = params;
  refuseUnlessAllowed([serverUrl], allowedOrigins);
  const document = authRoutes.discovery.response.parse(await ask(serverUrl, by));
  const { authUrl, conversationsUrl, gatewayUrls, registration } = document;
  refuseUnlessAllowed([authUrl, conversationsUrl, ...gatewayUrls], allowedOrigins);
  return {
    serverUrl,
    addresses: { authUrl, storeUrl: conversationsUrl, gatewayUrls },
    gateways: gatewayUrls.length > 1 ? 'several' : 'unknown',
    registration,
    isOnLoopback: [authUrl, conversationsUrl, ...gatewayUrls].every(isLoopback),
  };
}

async function ask(serverUrl: string, by: Fetch): Promise<unknown> {
  const url = `${serverUrl.replace(/\/$/, '')}${pathOf(authRoutes.discovery)}`;
  try {
    const answer = await by(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    return await answer.json();
  } catch (error) {
    throw new ExplainedError(
      `No CipherChat at ${serverUrl}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** @throws ExplainedError */
export function refuseUnlessAllowed(addresses: readonly string[], allowed: readonly string[]): void {
  const refused = refusedOrigins(addresses, allowed);
  if (refused.length === 0) return;
  throw new ExplainedError(
    `Nobody said that ${refused.join(' and ')} may be loaded. If its operator has agreed: LOAD_ALLOWED_ORIGINS=${refused.join(',')}`,
  );
}
