/** Seeded churn over the real engine; `npm run test:crypto` runs hundreds of seeds. The log is a model, the rest is real. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadMls, type Mls } from '@cipherchat/mls-wasm';
import type { MlsEngine } from '../engine.js';
import { createOpenMlsEngine } from '../openmls-engine.js';
import { addCounts, noCounts, rareKinds } from './counts.js';
import { runChurn } from './run-churn.js';

const operations = 100;
const seeds = [1, 2, 3];

let mls: Mls;
beforeAll(async () => {
  mls = await loadMls();
});

/** A fresh instance: its random generator starts with the run. */
function newEngine(): MlsEngine {
  mls.restart();
  return createOpenMlsEngine(mls);
}

describe.each([
  ['0x004E', 0x004e],
  ['0x0001', 0x0001],
] as const)('churn on suite %s', (_name, suite) => {
  it(`keeps all devices in agreement through ${seeds.length} times ${operations} random operations of every kind`, () => {
    let counts = noCounts();
    for (const seed of seeds) {
      const result = runChurn({ newEngine, suite, seed, operations });
      expect(result.operations).toBe(operations);
      counts = addCounts(counts, result.counts);
    }
    expect(rareKinds({ counts, runs: seeds.length })).toEqual([]);
  }, 120_000);
});

describe('a seed', () => {
  const fingerprint = (seed: number) =>
    runChurn({ newEngine, suite: 0x0001, seed, operations: 12 }).fingerprint;

  it('repeats a run to the last byte', () => {
    expect(fingerprint(7)).toBe(fingerprint(7));
  });

  it('differs from the next', () => {
    expect(fingerprint(7)).not.toBe(fingerprint(8));
  });

  it('leaves the real random source in place afterwards', () => {
    fingerprint(7);
    const [one, other] = [1, 2].map(() => crypto.getRandomValues(new Uint8Array(32)).join());
    expect(one).not.toBe(other);
  });
});

describe('a planted fault is found', () => {
  const churnWith = (plant: (engine: MlsEngine) => Partial<MlsEngine>) => () => {
    const planted = (): MlsEngine => {
      const engine = newEngine();
      return { ...engine, ...plant(engine) };
    };
    for (let seed = 1; seed <= 10; seed++)
      runChurn({ newEngine: planted, suite: 0x0001, seed, operations: 60 });
  };

  it('when a removed device can still read', () => {
    const known = new Map<string, ReturnType<MlsEngine['decrypt']>>();
    const readAnyway = (engine: MlsEngine): Partial<MlsEngine> => ({
      decrypt(params) {
        const name = params.ciphertext.slice(-24).join();
        const result = engine.decrypt(params);
        if (result.kind === 'message') known.set(name, result);
        return result.kind === 'failure' && result.code === 'not-a-member'
          ? (known.get(name) ?? result)
          : result;
      },
    });
    expect(churnWith(readAnyway)).toThrow(/removed, tries the message .* expected a failure/);
  });

  it('when a message can be read twice', () => {
    const known = new Map<string, ReturnType<MlsEngine['decrypt']>>();
    const readTwice = (engine: MlsEngine): Partial<MlsEngine> => ({
      decrypt(params) {
        const name = params.ciphertext.slice(-24).join();
        const result = engine.decrypt(params);
        if (result.kind === 'message') known.set(name, result);
        return result.kind === 'failure' && result.code === 'replayed' ? (known.get(name) ?? result) : result;
      },
    });
    expect(churnWith(readTwice)).toThrow(/again: expected a failure, got message/);
  });

  it('when a changed record is not exported', () => {
    const forgetful = (engine: MlsEngine): Partial<MlsEngine> => ({
      encrypt(params) {
        const step = engine.encrypt(params);
        return step.kind === 'failure'
          ? step
          : { ...step, changes: { ...step.changes, put: step.changes.put.slice(1) } };
      },
    });
    expect(churnWith(forgetful)).toThrow(/the stored records are not those of its state/);
  });

  it('when two members are in different epochs of the same number', () => {
    const forked = (engine: MlsEngine): Partial<MlsEngine> => ({
      epochAuthenticator: (state) => engine.epochAuthenticator(state).fill(state.records.size, 0, 1),
    });
    expect(churnWith(forked)).toThrow(/is in another epoch than/);
  });

  it('when a commit that lost stays pending', () => {
    const stuck = (engine: MlsEngine): Partial<MlsEngine> => {
      const cleared = new WeakSet<object>();
      return {
        clearPending(state) {
          const step = engine.clearPending(state);
          cleared.add(step.next);
          return step;
        },
        hasPendingCommit: (state) => cleared.has(state) || engine.hasPendingCommit(state),
        mergeCommit(params) {
          const step = engine.mergeCommit(params);
          if (cleared.has(params.state)) cleared.add(step.next);
          return step;
        },
      };
    };
    expect(churnWith(stuck)).toThrow(/still pending|pending at rest/);
  });

  it('when a device sees another member list', () => {
    const blind = (engine: MlsEngine): Partial<MlsEngine> => ({
      members(state) {
        const members = engine.members(state);
        return members.length < 4 ? members : members.slice(1);
      },
    });
    expect(churnWith(blind)).toThrow(/sees other members than the log/);
  });
});
