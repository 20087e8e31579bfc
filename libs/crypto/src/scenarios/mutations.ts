/**
 * Damaged input of every kind that a client takes from outside, and of its own store: it must end in a
 * typed failure, without a trap and without a trace in the state.
 */
import { createRandom, type Random } from '../churn/random.js';
import type { CipherSuite, GroupState, MlsEngine } from '../engine.js';
import { group, id, nowS } from '../openmls-engine-fixture.js';
import { equalBytes } from '../verify/binary.js';
import { Device } from './device.js';

type Target = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly use: (bytes: Uint8Array) => { readonly kind: string; readonly code?: string };
};
export type MutationCounts = Readonly<Record<string, number>>;

/** Bytes around the start hold most lengths and type codes. */
const headBytes = 64;
const checkStateEvery = 500;

/**
 * @param params.count mutations, spread evenly over the kinds of input.
 * @returns how often each failure code came back, by kind of input (`message: not-authentic`).
 * @throws when one is accepted, when the engine traps, or when a state changed.
 */
export function runMutations(params: {
  readonly engine: MlsEngine;
  readonly suite: CipherSuite;
  readonly seed: number;
  readonly count: number;
}): MutationCounts {
  const { engine, suite, seed, count } = params;
  const random = createRandom(seed);
  const { targets, witness } = makeTargets(engine, suite);
  const before = new Map([...witness.records].map(([key, value]) => [key, value.slice()]));
  const counts: Record<string, number> = {};
  for (let done = 0; done < count; done++) {
    const target = targets[done % targets.length] ?? targets[0];
    if (target === undefined) break;
    const damaged = mutate({ random, target, targets });
    // A splice can be a whole other input, which is then accepted with right.
    if (targets.some(({ bytes }) => equalBytes(damaged, bytes))) {
      done -= 1;
      continue;
    }
    const result = target.use(damaged);
    const what = `mutation ${done} of seed ${seed} on suite 0x${suite.toString(16)} (${target.name})`;
    if (result.kind !== 'failure') throw new Error(`${what} was accepted: ${result.kind}`);
    if (result.code === 'engine-lost') throw new Error(`${what} trapped the engine`);
    const name = `${target.name}: ${result.code}`;
    counts[name] = (counts[name] ?? 0) + 1;
    if (done % checkStateEvery === 0) expectUnchanged(witness, before, what);
  }
  expectUnchanged(witness, before, 'all mutations');
  for (const { name, bytes, use } of targets) {
    if (use(bytes).kind === 'failure') throw new Error(`the undamaged ${name} is not accepted any more`);
  }
  return counts;
}

function makeTargets(
  engine: MlsEngine,
  suite: CipherSuite,
): { readonly targets: readonly Target[]; readonly witness: GroupState } {
  const device = (number: number): Device =>
    new Device(engine, suite, engine.generateDeviceKeys({ user: id(number), device: id(0x1000 + number) }));
  const [ana, ben, carl, dora] = [1, 2, 3, 4].map(device) as [Device, Device, Device, Device];
  ana.create(group);
  const { welcome, groupInfo } = ana.commitAndMerge({ add: [ben, carl].map((each) => each.keyPackage()) });
  for (const each of [ben, carl]) each.join(welcome);
  const { state } = ben;
  const message = ana.encrypt('a message to damage');
  const keyPackage = dora.keyPackage();
  const adding = engine.commit({ state: ana.state, keys: ana.keys, add: [keyPackage], remove: [], nowS });
  const removing = engine.commit({ state: ana.state, keys: ana.keys, add: [], remove: [carl.keys], nowS });
  if (adding.kind === 'failure' || removing.kind === 'failure') throw new Error('no commit to damage');
  const external = engine.externalCommit({ keys: dora.keys, groupInfo, nowS });
  if (external.kind === 'failure') throw new Error('no external commit to damage');
  const commitTarget = (name: string, bytes: Uint8Array): Target => ({
    name,
    bytes,
    use: (commit) => engine.inspectCommit({ state, commit, atS: nowS }),
  });
  return {
    witness: state,
    targets: [
      { name: 'message', bytes: message, use: (ciphertext) => engine.decrypt({ state, ciphertext }) },
      commitTarget('adding commit', adding.commit),
      commitTarget('removing commit', removing.commit),
      commitTarget('external commit', external.commit),
      {
        name: 'welcome',
        bytes: adding.welcome ?? new Uint8Array(),
        use: (bytes) =>
          engine.inspectWelcome({ keys: dora.keys, welcome: bytes, keyPackages: dora.keyPackages }),
      },
      {
        name: 'GroupInfo',
        bytes: adding.groupInfo,
        use: (bytes) => engine.externalCommit({ keys: dora.keys, groupInfo: bytes, nowS }),
      },
      {
        name: 'key package',
        bytes: keyPackage,
        use: (publicBytes) => engine.inspectKeyPackage({ publicBytes, nowS }),
      },
    ],
  };
}

function mutate({
  random,
  target,
  targets,
}: {
  readonly random: Random;
  readonly target: Target;
  readonly targets: readonly Target[];
}): Uint8Array {
  const { bytes } = target;
  const copy = bytes.slice();
  const at = random.below(bytes.length);
  switch (random.below(9)) {
    case 0: // one bit
      copy[at]! ^= 1 << random.below(8);
      return copy;
    case 1: // cut short
      return copy.slice(0, at);
    case 2: // something behind it
      return Uint8Array.from([...copy, ...random.bytes(1 + random.below(40))]);
    case 3: // a hole
      return Uint8Array.from([...copy.slice(0, at), ...copy.slice(at + 1 + random.below(16))]);
    case 4: // all zeros or all ones for some bytes
      return copy.fill(random.below(2) * 0xff, at, at + 1 + random.below(8));
    case 5: // a wrong length or type
      copy[random.below(Math.min(copy.length, headBytes))] = random.below(256);
      return copy;
    case 6: // a part of itself twice
      return Uint8Array.from([...copy.slice(0, at), ...copy.slice(random.below(copy.length))]);
    case 7: {
      // the head of one thing, the body of another
      const other = random.pick(targets).bytes;
      return Uint8Array.from([...copy.slice(0, at), ...other.slice(Math.min(at, other.length))]);
    }
    default: // noise
      for (let left = 1 + random.below(20); left > 0; left--)
        copy[random.below(copy.length)] = random.below(256);
      return copy;
  }
}

function expectUnchanged(state: GroupState, before: ReadonlyMap<string, Uint8Array>, what: string): void {
  const isSame =
    state.records.size === before.size &&
    [...before].every(([key, value]) => equalBytes(value, state.records.get(key) ?? new Uint8Array()));
  if (!isSame) throw new Error(`${what} changed the state`);
}
