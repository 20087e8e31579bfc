/** Real: the sockets of this machine. */
import { describe, expect, it } from '@jest/globals';
import { randomFreePort } from './free-port.js';

describe('random free ports', () => {
  // Drawn at random from 22,768, about 22 of 1,000 would be drawn twice.
  it('are each handed out once, to callers at the same time and after each other', async () => {
    const ports: number[] = [];
    for (let round = 0; round < 50; round++)
      ports.push(...(await Promise.all(Array.from({ length: 20 }, () => randomFreePort()))));
    expect(new Set(ports).size).toBe(1_000);
  });
});
