/** Addresses and frames of a gateway's socket. */
import { decodeServerFrame, MalformedError, socketPath, type ServerFrame } from '@cipherchat/protocol';
import { randomFraction, type Random } from '../ports/random.js';

/** Begins at a random gateway and goes round, so that a dead one is left by the next try. */
export class GatewayRound {
  private place: number | null = null;

  constructor(private readonly random: Random) {}

  next(urls: readonly string[]): string {
    this.place = this.place === null ? Math.floor(randomFraction(this.random) * urls.length) : this.place + 1;
    return urls[this.place % urls.length] ?? '';
  }
}

/** `null` for bytes that are no frame: the socket is then of no use. */
export function readFrame(bytes: Uint8Array): ServerFrame | null {
  try {
    return decodeServerFrame(bytes);
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

/** `http:` addresses are taken as `ws:` ones, and the path added where it is missing. */
export function socketUrl(gatewayUrl: string): string {
  const url = new URL(gatewayUrl);
  url.protocol = url.protocol.replace('http', 'ws');
  if (url.pathname === '/') url.pathname = socketPath;
  return url.href;
}
