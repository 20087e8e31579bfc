/** Damaged input: typed failures, never a trap, never a changed state. Real: OpenMLS in WebAssembly. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MlsEngine, MlsFailure } from './engine.js';
import { Peer, flipped, groupOf, loadEngine, nowS, reloaded, suites } from './openmls-engine-fixture.js';
import { equalBytes } from './verify/binary.js';

/** mulberry32: the same mutations every run, so that a failure can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutated(bytes: Uint8Array, below: (limit: number) => number): Uint8Array {
  const copy = bytes.slice();
  const at = below(copy.length);
  switch (below(7)) {
    case 0:
      return flipped(bytes, below(bytes.length * 8));
    case 1:
      return copy.slice(0, at);
    case 2:
      return Uint8Array.from([...copy, ...Array.from({ length: 1 + below(40) }, () => below(256))]);
    case 3:
      return Uint8Array.from([...copy.slice(0, at), ...copy.slice(at + 1 + below(16))]);
    case 4:
      return copy.fill(below(2) * 255, at, at + 1 + below(8));
    case 5:
      // A length in the wrong place: the start of the message is where most lengths are.
      copy[below(Math.min(copy.length, 64))] = below(256);
      return copy;
    default:
      return Uint8Array.from([...copy.slice(0, at), ...copy.slice(below(copy.length))]);
  }
}

describe.each(suites)('damaged input on suite 0x%s', (suite) => {
  let engine: MlsEngine;
  let inputs: ReadonlyArray<{
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly use: (bytes: Uint8Array) => { readonly kind: string };
  }>;

  beforeAll(async () => {
    engine = await loadEngine();
    const [alice, bob] = groupOf(engine, suite, 3) as [Peer, Peer, Peer];
    const dave = new Peer(engine, suite, 4);
    const keyPackage = dave.keyPackage();
    const message = alice.encrypt('a message to damage');
    const { commit, welcome, groupInfo } = alice.commit({ add: [keyPackage] });
    const state = bob.state;
    inputs = [
      { name: 'message', bytes: message, use: (ciphertext) => engine.decrypt({ state, ciphertext }) },
      {
        name: 'commit',
        bytes: commit,
        use: (bytes) => engine.inspectCommit({ state, commit: bytes, atS: nowS }),
      },
      {
        name: 'welcome',
        bytes: welcome!,
        use: (bytes) =>
          engine.inspectWelcome({ keys: dave.keys, welcome: bytes, keyPackages: dave.keyPackages }),
      },
      {
        name: 'group info',
        bytes: groupInfo,
        use: (bytes) => engine.externalCommit({ keys: bob.keys, groupInfo: bytes, nowS }),
      },
      {
        name: 'key package',
        bytes: keyPackage,
        use: (publicBytes) => engine.inspectKeyPackage({ publicBytes, nowS }),
      },
    ];
  });

  it.each(['message', 'commit', 'welcome', 'group info', 'key package'])(
    'gives a typed failure for flipped bits of a %s, and reads the original afterwards',
    (name) => {
      const { bytes, use } = inputs.find((input) => input.name === name)!;
      const bits = bytes.length * 8;
      // Every bit of the first 40 bytes (framing), then 300 spread over the rest.
      const chosen = [
        ...Array(Math.min(320, bits)).keys(),
        ...Array.from({ length: 300 }, (_, index) => Math.floor((index * bits) / 300)),
      ];
      for (const bit of chosen) {
        const result = use(flipped(bytes, bit)) as MlsFailure;
        if (result.kind !== 'failure' || result.code === 'engine-lost')
          throw new Error(`bit ${bit} of the ${name}: ${result.kind} ${result.code}`);
      }
      expect(use(bytes).kind).not.toBe('failure');
    },
  );

  it('never traps on 3,500 mutated inputs', () => {
    const below = seeded(suite);
    const codes = new Map<string, number>();
    for (const { name, bytes, use } of inputs) {
      for (let round = 0; round < 700; round++) {
        const damaged = mutated(bytes, below);
        if (equalBytes(damaged, bytes)) continue;
        const result = use(damaged) as MlsFailure;
        expect(result.kind).toBe('failure');
        codes.set(`${name}: ${result.code}`, (codes.get(`${name}: ${result.code}`) ?? 0) + 1);
      }
      expect(use(bytes).kind).not.toBe('failure');
    }
    expect([...codes.keys()].filter((key) => key.endsWith('engine-lost'))).toEqual([]);
    // Each of the five was damaged deep enough to get past the parser.
    for (const { name } of inputs)
      expect([...codes.keys()].filter((key) => key.startsWith(name)).length).toBeGreaterThan(1);
  });

  it('takes each part for nothing else', () => {
    for (const { use } of inputs) {
      for (const { bytes } of inputs)
        if (inputs.find((input) => input.use === use)!.bytes !== bytes)
          expect(use(bytes).kind).toBe('failure');
      expect(use(new Uint8Array())).toMatchObject({ code: 'malformed' });
    }
  });

  it('refuses damaged records of its own as a damaged store, not as a trap', () => {
    const [alice] = groupOf(engine, suite, 2) as [Peer];
    const below = seeded(7);
    for (const [key, value] of alice.state.records) {
      for (const damaged of [
        new Uint8Array(),
        value.slice(0, -1),
        Uint8Array.of(99, ...value.slice(1)),
        mutated(value, below),
      ]) {
        const state = reloaded({
          ...alice.state,
          records: new Map([...alice.state.records, [key, damaged]]),
        });
        const result = engine.encrypt({ state, keys: alice.keys, plaintext: new Uint8Array(1) });
        if (result.kind === 'failure') expect(result.code).not.toBe('engine-lost');
      }
    }
    expect(alice.encrypt('fine').length).toBeGreaterThan(0);
  });
});
