import { isIP } from 'node:net';
import tls from 'node:tls';

const timeoutMs = 10_000;

/** Until when the certificate of an `https` address is good, by this machine's clock; `null` where it shows none. */
export function certificateExpiry(serverUrl: string): Promise<number | null> {
  const { protocol, hostname, port } = new URL(serverUrl);
  if (protocol !== 'https:') return Promise.resolve(null);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = tls.connect({
      host,
      port: port === '' ? 443 : Number(port),
      // A certificate that is not trusted any more still says when it ended. Nothing is sent over this connection.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      timeout: timeoutMs,
    });
    const end = (expiryMs: number | null): void => {
      socket.destroy();
      resolve(expiryMs);
    };
    socket.once('secureConnect', () => {
      const expiryMs = Date.parse(socket.getPeerCertificate().valid_to);
      end(Number.isNaN(expiryMs) ? null : expiryMs);
    });
    socket.once('timeout', () => end(null));
    socket.once('error', () => end(null));
  });
}
