import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Listening ports stay below Linux's ephemeral range (32768 and up): a port taken from inside it can be
 * handed to some outgoing connection between our check and the server's bind. They begin above the last one to which
 * `fetch` and browsers refuse to go (10080): a server there looks as if it never answered.
 */
export const lowestPort = 10_081;
const firstEphemeralPort = 32_768;
const maxAttempts = 200;

/** Of this process, oldest first: a server binds its port some time after it was found free, and meanwhile it is free still. */
const handedOut = new Set<number>();
/** Half of the range, so that most draws find a port; the oldest are by then bound, or not wanted any more. */
const maxHandedOut = 10_000;

/** Whether nothing listens on the port of the loopback address now. It may be taken a moment later. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A random free loopback port, for servers that live as long as a test run; another one for each call of this process.
 * Another process may still draw the same one before it is bound.
 */
export async function randomFreePort(): Promise<number> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const port = randomInt(lowestPort, firstEphemeralPort);
    if (handedOut.has(port)) continue;
    // Before the check, which others may begin meanwhile.
    remember(port);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No free loopback port found between ${lowestPort} and ${firstEphemeralPort - 1}`);
}

function remember(port: number): void {
  const oldest = handedOut.values().next();
  if (handedOut.size >= maxHandedOut && oldest.done !== true) handedOut.delete(oldest.value);
  handedOut.add(port);
}

/** The preferred port or the next free one above it, for servers whose address people remember. */
export async function nextFreePort(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + maxAttempts && port < firstEphemeralPort; port++) {
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No free loopback port found from ${preferred} on`);
}
