/** Real: the sockets of this machine. */
import { describe, expect, it } from '@jest/globals';
import { lowestPort, randomFreePort } from './free-port.js';

describe('random free ports', () => {
  // Drawn at random from 22,687, about 22 of 1,000 would be drawn twice.
  it('are each handed out once, to callers at the same time and after each other', async () => {
    const ports: number[] = [];
    for (let round = 0; round < 50; round++)
      ports.push(...(await Promise.all(Array.from({ length: 20 }, () => randomFreePort()))));
    expect(new Set(ports).size).toBe(1_000);
  });
});

it('none is one to which fetch refuses to go', async () => {
  const why = async (port: number): Promise<unknown> => {
    try {
      await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(2_000) });
      return 'answered';
    } catch (error) {
      return String((error as Error).cause);
    }
  };
  expect(await why(lowestPort - 1)).toContain('bad port');
  expect(await why(lowestPort)).not.toContain('bad port');
});
