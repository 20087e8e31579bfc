import type { NodeConnectionOptions } from '@nats-io/transport-node';

/** The client takes no credentials in its server names, so they are taken out of the URL here. */
export function natsAddress(
  urls: string,
): Pick<NodeConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls'> {
  const parsed = urls.split(',').map((part) => new URL(part.trim()));
  const { username = '', password = '', protocol = 'nats:' } = parsed[0] ?? {};
  const user = decodeURIComponent(username);
  const pass = decodeURIComponent(password);
  return {
    servers: parsed.map((url) => url.host),
    ...(user === '' ? {} : pass === '' ? { token: user } : { user, pass }),
    ...(protocol === 'tls:' ? { tls: {} } : {}),
  };
}
