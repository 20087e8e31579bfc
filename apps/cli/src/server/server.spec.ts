import { describe, expect, it } from '@jest/globals';
import type { Http, HttpResponse } from '@cipherchat/client-sdk';
import type { CliFailure } from '../exit-codes.js';
import { chosenGateway, httpWithGateway } from './chosen-gateway.js';
import type { RunFile } from './run-file.js';
import { serverAddress } from './server-address.js';

const runFile = { serverUrl: 'http://127.0.0.1:7701' } as RunFile;

function reasonOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return (error as CliFailure).reason;
  }
}

describe("a new account's server", () => {
  it('is the one asked for, else that of the variable, else the one that runs in the checkout', () => {
    const address = (option?: string, variable?: string): string =>
      serverAddress({ option, variable, runFile });
    expect(address('https://a.example', 'https://b.example')).toBe('https://a.example');
    expect(address(undefined, 'https://b.example/')).toBe('https://b.example');
    expect(address()).toBe('http://127.0.0.1:7701');
  });

  it('must be named when none runs', () => {
    expect(
      reasonOf(() => serverAddress({ option: undefined, variable: undefined, runFile: undefined })),
    ).toBe('usage');
  });

  it.each([
    'chat.example',
    'ftp://chat.example',
    'http://chat.example',
    'not an address',
    'http://127.0.0.1.evil.example',
  ])('cannot be %j', (option) => {
    expect(reasonOf(() => serverAddress({ option, variable: undefined, runFile }))).toBe('usage');
  });

  it.each(['http://localhost:1', 'http://127.0.0.1:7701', 'http://[::1]:7701'])(
    'may be reached without TLS on this machine: %s',
    (option) => {
      expect(serverAddress({ option, variable: undefined, runFile })).toBe(option);
    },
  );
});

describe('a chosen gateway', () => {
  const urls = ['ws://127.0.0.1:7711', 'wss://two.example'];

  it('is named by its number or its address', () => {
    expect(chosenGateway(urls, '1')).toBe(urls[0]);
    expect(chosenGateway(urls, '2')).toBe(urls[1]);
    expect(chosenGateway(urls, 'https://two.example/')).toBe(urls[1]);
    // Behind a proxy the server names none of them.
    expect(chosenGateway(urls, 'wss://three.example')).toBe('wss://three.example');
    expect(chosenGateway(urls, 'ws://127.0.0.1:7712')).toBe('ws://127.0.0.1:7712');
  });

  it.each(['0', '3', 'ws://three.example', 'https://three.example', 'ws://', 'x'])(
    'cannot be %j',
    (choice) => {
      expect(reasonOf(() => chosenGateway(urls, choice))).toBe('usage');
    },
  );

  it('is the only one that the client is told of; other answers pass untouched', async () => {
    const answer = (document: object): HttpResponse => ({
      status: 200,
      header: () => null,
      body: new TextEncoder().encode(JSON.stringify(document)),
    });
    const http: Http = (request) =>
      Promise.resolve(
        answer(
          request.url.endsWith('/cipherchat')
            ? { gatewayUrls: urls, registration: 'open' }
            : { gatewayUrls: 'mine' },
        ),
      );
    const get = async (path: string): Promise<unknown> => {
      const { body } = await httpWithGateway(
        '2',
        http,
      )({ method: 'GET', url: `http://127.0.0.1${path}`, headers: {} });
      return JSON.parse(new TextDecoder().decode(body));
    };
    expect(await get('/.well-known/cipherchat')).toEqual({ gatewayUrls: [urls[1]], registration: 'open' });
    expect(await get('/v1/other')).toEqual({ gatewayUrls: 'mine' });
  });
});
