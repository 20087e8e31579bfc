/** Damaged input never traps the engine. `npm run test:crypto` does 10,000 per suite; here enough to see that it would be noticed. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MlsEngine } from '../engine.js';
import { loadEngine } from '../openmls-engine-fixture.js';
import { runMutations } from './mutations.js';

const count = 1200;
const kindsOfInput = 7;

describe('damaged input', () => {
  let engine: MlsEngine;
  beforeAll(async () => {
    engine = await loadEngine();
  });

  it.each([
    ['0x004E', 0x004e],
    ['0x0001', 0x0001],
  ] as const)(
    `gives a typed failure for each of ${count} mutations on suite %s`,
    (_name, suite) => {
      const counts = runMutations({ engine, suite, seed: suite, count });
      expect(Object.values(counts).reduce((sum, each) => sum + each, 0)).toBe(count);
      expect(new Set(Object.keys(counts).map((name) => name.split(':')[0])).size).toBe(kindsOfInput);
    },
    60_000,
  );

  it('is told apart: an accepted mutation is an error, and so is a trap', () => {
    const accepting: MlsEngine = {
      ...engine,
      inspectKeyPackage: () => ({ kind: 'key-package', info: undefined as never }),
    };
    expect(() => runMutations({ engine: accepting, suite: 0x0001, seed: 1, count: 100 })).toThrow(
      /key package\) was accepted/,
    );
    const trapping: MlsEngine = { ...engine, decrypt: () => ({ kind: 'failure', code: 'engine-lost' }) };
    expect(() => runMutations({ engine: trapping, suite: 0x0001, seed: 1, count: 100 })).toThrow(
      /\(message\) trapped/,
    );
  });
});
