/**
 * Churn: random operations on one group, checked after each. Official vectors show that single
 * steps are right; faults of MLS implementations are mostly found in long sequences of them.
 */
import type { CipherSuite, MlsEngine } from '../engine.js';
import { noCounts, type Counts, type OperationKind } from './counts.js';
import { ChurnDevice } from './device.js';
import { createLog } from './log.js';
import { operate } from './operations.js';
import { createRandom, type Random } from './random.js';
import type { Run } from './run-state.js';
import { withSeededCrypto } from './seeded-crypto.js';

/** Devices of a run, members or not. */
const maxDevices = 20;
const devicesPerUser = 4;
/** 2026-11-21T00:00:00Z: a run owns its time. */
const startS = 1_795_219_200;

/**
 * How often each kind is drawn, in percent. Crashes, races and late messages carry out commits of their
 * own, and where a group is full a removal takes the place of a join. Messages cost little, commits much: so that many seeds fit into minutes.
 */
const weights: ReadonlyArray<readonly [OperationKind, number]> = [
  ['message', 40],
  ['add', 11],
  ['remove', 4],
  ['update', 4],
  ['external-rejoin', 5],
  ['external-join', 9],
  ['crash', 9],
  ['lost-race', 8],
  ['last-resort-join', 10],
];

export type ChurnResult = {
  readonly counts: Counts;
  readonly operations: number;
  readonly largestGroup: number;
  /** The epoch authenticator at the end, as hex: equal for equal seeds. */
  readonly fingerprint: string;
};

/**
 * @param params.newEngine an engine whose randomness starts with the run: the first thing that is called under the seed.
 * @throws an Error that names seed, operation and what differed.
 */
export function runChurn(params: {
  readonly newEngine: () => MlsEngine;
  readonly suite: CipherSuite;
  readonly seed: number;
  readonly operations: number;
}): ChurnResult {
  return withSeededCrypto(params.seed, () => churn(params));
}

function churn({ newEngine, suite, seed, operations }: Parameters<typeof runChurn>[0]): ChurnResult {
  const run = startRun({ engine: newEngine(), suite, random: createRandom(seed) });
  let largestGroup = 1;
  let done = 0;
  let kind: OperationKind = 'add';
  try {
    for (; done < operations; kind = draw(run.random)) {
      if (operate(run, kind)) done += 1;
      largestGroup = Math.max(largestGroup, run.log.devices.length);
    }
  } catch (error) {
    throw new Error(
      `churn on suite 0x${suite.toString(16).toUpperCase().padStart(4, '0')}, seed ${seed}, operation ${done + 1} (${kind}): ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  const [member] = run.devices.filter((device) => device.isMember);
  const fingerprint =
    member === undefined
      ? ''
      : [...run.engine.epochAuthenticator(member.state)]
          .map((byte) => byte.toString(16).padStart(2, '0'))
          .join('');
  return { counts: run.counts, operations: done, largestGroup, fingerprint };
}

function startRun({
  engine,
  suite,
  random,
}: {
  readonly engine: MlsEngine;
  readonly suite: CipherSuite;
  readonly random: Random;
}): Run {
  const group = randomId(random);
  const users = Array.from({ length: maxDevices / devicesPerUser }, () => randomId(random));
  const devices = Array.from({ length: maxDevices }, (_, index) => {
    const user = users[index % users.length] ?? group;
    return new ChurnDevice({
      engine,
      suite,
      user,
      device: `${randomId(random).slice(0, -4)}${(index + 1).toString(16).padStart(4, '0')}`,
    });
  });
  const [creator] = devices;
  if (creator === undefined) throw new Error('no device');
  creator.keep(engine.createGroup({ keys: creator.keys, group, suite, nowS: startS }));
  creator.roster = engine.members(creator.state);
  const { user, device } = creator.keys;
  return {
    engine,
    suite,
    random,
    devices,
    log: createLog({ creator: { user, device }, startS }),
    plaintexts: new Map(),
    counts: noCounts(),
    maxMembers: crowd(random),
    delivered: 0,
    nextEnvelope: 0,
  };
}

/** Most groups are small, as in life, and cheap; some fill up. */
function crowd(random: Random): number {
  const drawn = random.below(100);
  if (drawn < 78) return 3 + random.below(3);
  return drawn < 95 ? 6 + random.below(4) : 10 + random.below(maxDevices - 9);
}

function draw(random: Random): OperationKind {
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  let left = random.below(sum);
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'message';
}

function randomId(random: Random): string {
  const hex = [...random.bytes(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
