/** Which logs a call speaks of. Faked: the server, which answers what the test says. */
import { describe, expect, it } from '@jest/globals';
import {
  conversationRoutes,
  generationHeader,
  problem,
  problemBody,
  type ConversationId,
} from '@cipherchat/protocol';
import { NetworkError, type Http, type HttpRequest } from '../ports/http.js';
import { Api } from './api.js';

const conversation = '00000000-0000-4000-8000-000000000001' as ConversationId;
const json = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
const discovery = {
  authUrl: 'http://server.test',
  keysUrl: 'http://server.test',
  conversationsUrl: 'http://server.test',
  gatewayUrls: ['ws://server.test/v1/socket'],
  registration: 'open',
  subprotocols: ['cipherchat.v1'],
};

function apiOf(answer: (request: HttpRequest) => { readonly status: number; readonly body: Uint8Array }) {
  const known: { adopted: number | null; refused: number[] } = { adopted: 3, refused: [] };
  const asked: (string | undefined)[] = [];
  const http: Http = (request) => {
    if (request.url.includes('well-known'))
      return Promise.resolve({ status: 200, body: json(discovery), header: () => null });
    asked.push(request.headers[generationHeader]);
    return Promise.resolve({ ...answer(request), header: () => null });
  };
  const api = new Api({
    http,
    serverUrl: 'http://server.test',
    generations: { adopted: () => known.adopted, refused: (named) => known.refused.push(named) },
  });
  api.useTokens({ accessToken: () => Promise.resolve('token'), refused: () => undefined });
  return { api, known, asked };
}

describe('a call that speaks of logs', () => {
  const page = { status: 200, body: new Uint8Array(0) };
  const read = (api: Api) =>
    api.callForBytes(conversationRoutes.readPage, { path: { conversation }, query: { after: 0 } });

  it('names the generation that was adopted, or the one it is told, or none before there is one', async () => {
    const { api, known, asked } = apiOf(() => page);
    await read(api);
    await api.callForBytes(conversationRoutes.readPage, {
      path: { conversation },
      query: { after: 0 },
      generation: 4,
    });
    known.adopted = null;
    await read(api);
    expect(asked).toEqual(['3', '4', undefined]);
    expect(known.refused).toEqual([]);
  });

  it('is no answer where the server has another generation, which is told', async () => {
    const error = problem('conversation/other-generation');
    const { api, known } = apiOf(() => ({ status: error.status, body: json(problemBody(error)) }));
    await expect(read(api)).rejects.toBeInstanceOf(NetworkError);
    expect(known.refused).toEqual([3]);
  });

  it('is no answer where another generation was adopted meanwhile', async () => {
    const { api, known } = apiOf(() => {
      known.adopted = 5;
      return page;
    });
    await expect(read(api)).rejects.toBeInstanceOf(NetworkError);
    expect(known.refused).toEqual([]);
  });
});
