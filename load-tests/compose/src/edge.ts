/** What the machine shows to others: the public address, how it speaks TLS, and which ports are open. */
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect, type SecureVersion } from 'node:tls';

export type Edge = { readonly port: number; readonly authorityFile: string };

const timeoutMs = 5_000;

/** Auth says, through nginx, where everything is. */
export function answers({ port, authorityFile }: Edge): Promise<boolean> {
  const url = `https://localhost:${port}/.well-known/cipherchat`;
  return new Promise((resolve) => {
    const options = { ca: readFileSync(authorityFile), agent: false, timeout: timeoutMs };
    const request = get(url, options, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode === 200));
      answer.once('error', () => resolve(false));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

/** The version that both agree on, or the code of the error when they do not. */
export function handshake({ port, authorityFile }: Edge, most: SecureVersion): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      host: 'localhost',
      port,
      ca: readFileSync(authorityFile),
      minVersion: 'TLSv1.2',
      maxVersion: most,
      timeout: timeoutMs,
    });
    socket.once('secureConnect', () => {
      resolve(socket.getProtocol() ?? 'none');
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(new Error('timeout')));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

const listening = '0A';

/** Ports of this network namespace that take connections from elsewhere: those of loopback are left out. */
export function openPorts(): ReadonlySet<number> {
  const ports = ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/net/${family}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => state === listening && !isLoopback(local))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
  );
  return new Set(ports);
}

/** As the kernel writes it: words of 32 bits, the lowest byte first. */
function isLoopback(local: string): boolean {
  const [address = ''] = local.split(':');
  return address.length === 8 ? address.endsWith('7F') : address === '00000000000000000000000001000000';
}
