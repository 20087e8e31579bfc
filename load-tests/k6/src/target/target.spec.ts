import { describe, expect, it } from '@jest/globals';
import type { Fetch } from '@cipherchat/load-people';
import { discover } from './target.js';

const serverUrl = 'https://chat.example.org';
const document = {
  authUrl: serverUrl,
  keysUrl: serverUrl,
  conversationsUrl: serverUrl,
  gatewayUrls: ['wss://chat.example.org'],
  registration: 'open',
  subprotocols: ['cipherchat.v1'],
};
const answering =
  (body: object): Fetch =>
  () =>
    Promise.resolve(new Response(JSON.stringify(body)));

describe('finding the parts of a deployment', () => {
  it('asks nobody who may not be loaded', async () => {
    let asked = 0;
    const by: Fetch = () => {
      asked++;
      return Promise.resolve(new Response('{}'));
    };
    await expect(discover({ serverUrl, allowedOrigins: [], by })).rejects.toThrow(
      'Nobody said that https://chat.example.org may be loaded. If its operator has agreed: LOAD_ALLOWED_ORIGINS=https://chat.example.org',
    );
    expect(asked).toBe(0);
  });

  it('refuses a part elsewhere that nobody named, though its server was', async () => {
    const by = answering({ ...document, gatewayUrls: ['wss://other.example.org'] });
    await expect(discover({ serverUrl, allowedOrigins: [serverUrl], by })).rejects.toThrow(
      'https://other.example.org may be loaded',
    );
  });

  it('knows where they are, and that a proxy may hide several gateways', async () => {
    const found = await discover({ serverUrl, allowedOrigins: [serverUrl], by: answering(document) });
    expect(found).toEqual({
      serverUrl,
      addresses: { authUrl: serverUrl, storeUrl: serverUrl, gatewayUrls: ['wss://chat.example.org'] },
      gateways: 'unknown',
      registration: 'open',
      isOnLoopback: false,
    });
  });

  it('says in one line that nobody answers', async () => {
    const by: Fetch = () => Promise.reject(new Error('connect ECONNREFUSED'));
    await expect(discover({ serverUrl, allowedOrigins: [serverUrl], by })).rejects.toThrow(
      'No CipherChat at https://chat.example.org: connect ECONNREFUSED',
    );
  });
});
