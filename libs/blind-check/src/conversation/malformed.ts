/**
 * Requests as a broken or careless client makes them, each with a canary where a service might repeat it:
 * in a log line, an error, a metric's label. They have to pass HTTP or the socket, and may be nowhere else.
 */
import type { IsolatedSystem } from '@cipherchat/test-kit';
import { WebSocket } from 'ws';
import type { Canaries } from './canaries.js';

type Discovery = {
  readonly keysUrl: string;
  readonly conversationsUrl: string;
  readonly gatewayUrls: readonly string[];
};

export async function sendMalformed(params: {
  readonly system: IsolatedSystem;
  readonly canaries: Canaries;
}): Promise<void> {
  const { system, canaries } = params;
  const inHttp = (name: string): string => canaries.text(name, ['http']);
  const { keysUrl, conversationsUrl, gatewayUrls } = (await (
    await fetch(`${system.serverUrl}/.well-known/cipherchat`)
  ).json()) as Discovery;
  const json = { 'content-type': 'application/json' };
  const origins = [
    system.serverUrl,
    keysUrl,
    conversationsUrl,
    ...gatewayUrls.map((url) => url.replace(/^ws/, 'http')),
  ];
  for (const origin of origins) {
    await get(`${origin}/v1/${encodeURIComponent(inHttp('a path that does not exist'))}`);
    await get(`${origin}/healthz/live?${encodeURIComponent(inHttp('a query'))}=1`);
    await get(`${origin}/healthz/live`, {
      authorization: `Bearer ${encodeURIComponent(inHttp('a false token'))}`,
      'user-agent': encodeURIComponent(inHttp('a user agent')),
    });
  }
  await post(
    `${system.serverUrl}/v1/auth/register`,
    JSON.stringify({ username: inHttp('a malformed username') }),
    json,
  );
  await post(
    `${system.serverUrl}/v1/auth/challenges`,
    `{"device": "${inHttp('JSON that does not end')}`,
    json,
  );
  await post(
    `${system.serverUrl}/v1/auth/refresh`,
    JSON.stringify({ refreshToken: inHttp('a false refresh token'), signature: 'A'.repeat(86) }),
    json,
  );
  await get(
    `${keysUrl}/v1/people/by-username/${encodeURIComponent(inHttp('a username that does not exist'))}`,
  );
  await post(`${conversationsUrl}/v1/conversations`, inHttp('a binary body'), {
    'content-type': 'application/vnd.cipherchat.v1',
  });
  for (const url of gatewayUrls)
    await sendFrame(`${url}/v1/socket`, canaries.text('a malformed frame', ['socket']));
}

async function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  await (await fetch(url, { headers })).arrayBuffer();
}

async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<void> {
  await (await fetch(url, { method: 'POST', body, headers })).arrayBuffer();
}

/** Resolves when the gateway has closed the socket. */
export function sendFrame(url: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['cipherchat.v1']);
    socket.once('open', () => socket.send(Buffer.from(text, 'utf8')));
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
}
