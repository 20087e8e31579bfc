import { subprotocol } from '@cipherchat/protocol';

export type Handshake = {
  readonly path: string;
  /** Browsers send it and pages cannot change it; other programs need not. */
  readonly origin: string | undefined;
  readonly allowedOrigins: readonly string[];
  /** The gateway's own, as the request names it. */
  readonly host: string | undefined;
  readonly socketPath: string;
  readonly isDraining: boolean;
  readonly openSockets: number;
  readonly maxSockets: number;
};

export type HandshakeVerdict =
  { readonly kind: 'accept' } | { readonly kind: 'refuse'; readonly status: 403 | 404 | 503 };

/** What is decided before there is a socket. */
export function judgeHandshake(handshake: Handshake): HandshakeVerdict {
  const { path, socketPath, origin, allowedOrigins, host, isDraining, openSockets, maxSockets } = handshake;
  if (path !== socketPath) return { kind: 'refuse', status: 404 };
  if (origin !== undefined && !allowedOrigins.includes(origin) && !isSameOrigin(origin, host))
    return { kind: 'refuse', status: 403 };
  if (isDraining || openSockets >= maxSockets) return { kind: 'refuse', status: 503 };
  return { kind: 'accept' };
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Browsers drop a connection that answers none of their subprotocols, and would never learn why: so one is
 * always chosen, and a client without ours is then closed with 4426.
 */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(subprotocol)) return subprotocol;
  const [first] = offered;
  return first ?? false;
}
