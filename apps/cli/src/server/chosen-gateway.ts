import { fetchHttp, type Http } from '@cipherchat/client-sdk';
import { CliFailure } from '../exit-codes.js';
import { isLoopback } from './server-address.js';

export const discoveryPath = '/.well-known/cipherchat';

/**
 * HTTP that shows the client one gateway instead of all: the discovery document is the only place where
 * gateways are named. `choice` is a number (1 is the first) or an address; also one that the server does not name, since
 * a proxy may stand before all of them.
 */
export function httpWithGateway(choice: string, http: Http = fetchHttp): Http {
  return httpNaming((gatewayUrls) => chosenGateway(gatewayUrls, choice), http);
}

/** Spreads several clients over the gateways that the server names: counted from 0, and round again. */
export function httpAtGateway(index: number, http: Http = fetchHttp): Http {
  return httpNaming((gatewayUrls) => gatewayUrls[index % gatewayUrls.length] ?? '', http);
}

function httpNaming(choose: (gatewayUrls: readonly string[]) => string, http: Http): Http {
  return async (request) => {
    const answer = await http(request);
    if (answer.status !== 200 || new URL(request.url).pathname !== discoveryPath) return answer;
    const document = JSON.parse(new TextDecoder().decode(answer.body)) as {
      readonly gatewayUrls: readonly string[];
    };
    const gateway = choose(document.gatewayUrls);
    return {
      ...answer,
      body: new TextEncoder().encode(JSON.stringify({ ...document, gatewayUrls: [gateway] })),
    };
  };
}

/** @throws CliFailure `usage` when there is no such gateway */
export function chosenGateway(gatewayUrls: readonly string[], choice: string): string {
  const found = /^\d+$/.test(choice)
    ? gatewayUrls[Number(choice) - 1]
    : (gatewayUrls.find((url) => sameAddress(url, choice)) ?? unnamedGateway(choice));
  if (found === undefined) {
    const list = gatewayUrls.map((url, index) => `${index + 1} (${url})`).join(', ');
    throw new CliFailure('usage', `there is no gateway ${choice}`, { hint: `This server names: ${list}` });
  }
  return found;
}

/** The access token goes there: encrypted, or not beyond this machine. */
function unnamedGateway(choice: string): string | undefined {
  if (!/^wss?:/.test(choice) || !URL.canParse(choice)) return undefined;
  const { protocol, hostname } = new URL(choice);
  return protocol === 'wss:' || isLoopback(hostname) ? choice : undefined;
}

function sameAddress(url: string, choice: string): boolean {
  const host = (text: string): string => text.replace(/^(?:wss?|https?):\/\//, '').replace(/\/+$/, '');
  return host(url) === host(choice);
}
