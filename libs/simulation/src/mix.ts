/** What may happen in a run: each seed draws its own mix, so that every fault is met alone and with others. */
import { soundNetwork, type NetworkFaults } from './network.js';
import { quietBus, type BusFaults } from './bus.js';
import type { Chance } from './chance.js';
import { crashPoints, kindOf, type CrashPoint, type ProcessKind } from './crash-points.js';
import { soundDatabase, type DatabaseFaults } from './store-process.js';
import { soundDisk, type DiskFaults } from './person.js';

/** A process crashes there for the `after`th time that it comes by. */
export type PlannedCrash = {
  readonly kind: ProcessKind;
  readonly point: CrashPoint | null;
  readonly after: number;
};

/** What may happen in a run. */
type Happenings = {
  /** All is well but for gateways that lose NATS for a while: what is sent must be shown within seconds. */
  readonly punctual: boolean;
  readonly network: boolean;
  readonly bus: boolean;
  readonly database: boolean;
  readonly slowDisks: boolean;
  readonly failingDisks: boolean;
  readonly membership: boolean;
  readonly creation: boolean;
  readonly newcomer: boolean;
  readonly malice: boolean;
  /** A malicious member makes somebody doubt their state while nobody is there to ask. */
  readonly doubt: boolean;
  /** The directory hands out devices of the server's own. */
  readonly lies: boolean;
  readonly superseded: boolean;
  readonly clocks: boolean;
  /** Two months pass, with everything that expires in them. */
  readonly leap: boolean;
  readonly retention: boolean;
  /** The server's database is lost, and what is left is a backup. */
  readonly restore: boolean;
  /** An administrator closes a conversation that is in order. */
  readonly reset: boolean;
  /** Key packages of somebody are used up for a while. */
  readonly scarcity: boolean;
  readonly signals: boolean;
  /** What is written is to disappear, though not in this run. */
  readonly timers: boolean;
  /** Two of them tell each other whether they are there. */
  readonly presence: boolean;
};

export type Happening = keyof Happenings;

export type Mix = Happenings & {
  readonly crashes: readonly PlannedCrash[];
  readonly actions: number;
  /** What leads to a crash that is planned at a rare point happens more often than the rest. */
  readonly often: readonly Happening[];
};

export function drawMix(chance: Chance): Mix {
  const punctual = chance.happens(0.15);
  const sometimes = (probability: number): boolean => chance.happens(probability) && !punctual;
  const crashes = sometimes(0.8) ? drawCrashes(chance) : [];
  const often = crashes.flatMap(({ point }) => waysTo(point));
  const mix = {
    punctual,
    network: sometimes(0.4),
    bus: sometimes(0.5),
    database: sometimes(0.3),
    slowDisks: sometimes(0.3),
    failingDisks: sometimes(0.1),
    membership: sometimes(0.4),
    creation: sometimes(0.3),
    newcomer: sometimes(0.1),
    malice: sometimes(0.2),
    superseded: sometimes(0.2),
    clocks: sometimes(0.2),
    leap: sometimes(0.03),
    retention: chance.happens(0.5),
    restore: sometimes(0.15),
    scarcity: sometimes(0.1),
    signals: sometimes(0.3),
    lies: sometimes(0.1),
    doubt: sometimes(0.05),
    reset: sometimes(0.1),
    presence: sometimes(0.1),
    timers: sometimes(0.1),
    crashes: crashes.map((crash) => (waysTo(crash.point).length > 0 ? { ...crash, after: 1 } : crash)),
    actions: 8 + chance.below(10) + (often.length > 0 ? moreActions : 0),
    often,
  };
  const led: Mix = { ...mix, ...Object.fromEntries(mix.often.map((way) => [way, true])) };
  return led.restore ? { ...led, ...notWithRestore } : led;
}

/** What must happen in a run for a process to come by a point, where it would not do so in most. */
const ways: readonly (readonly [points: RegExp, ways: readonly Happening[]])[] = [
  [/^client repair\//, ['malice']],
  [/^client readGroupInfo/, ['doubt']],
  [/^client restore\//, ['restore']],
  [/^client outbox\/discard/, ['malice', 'membership']],
  [/^client session\/store-tokens|^client signIn/, ['clocks']],
  [/^client session\/registered|^client register|^client connection\/generation/, ['newcomer']],
  [/(store|offer)-key-packages|uploadKeyPackages/, ['newcomer']],
  [/ create@|replace-conversation|know-conversation/, ['creation']],
  [/^client outbox\/postpone/, ['creation', 'scarcity']],
  [/^client outbox\/fail/, ['creation', 'leap', 'membership']],
  [
    / leave@|outbox\/gather|outbox\/send-again-encrypted|claimKeyPackages|check-leaves|store-manifests/,
    ['membership'],
  ],
  [/^client people\/(decline|forget)/, ['membership']],
  [/^client expiry\/begin/, ['timers']],
  [/^client people\/(seen|set-presence)/, ['presence']],
  [
    / signal@|read-mark|mark-read|failure-reports|store-usernames|open-invite|blocks|recovery\/key|people\/(invites|accept|set-profile|give-profile|verify)/,
    ['signals'],
  ],
];

/**
 * A restore forgets accounts of which nobody else knows; what was kept for longer than a backup is old is no longer
 * offered again; and the marks that a forger leaves could not be told from those that a restore leaves.
 */
const notWithRestore: Partial<Mix> = {
  newcomer: false,
  leap: false,
  malice: false,
  lies: false,
  doubt: false,
};

function waysTo(point: CrashPoint | null): readonly Happening[] {
  return point === null ? [] : ways.flatMap(([points, led]) => (points.test(point) ? led : []));
}

/** By few of the runs that want to crash there: planned more often, so that no survey misses one by chance. */
const seldomPassed =
  /set-(draft|notify)|blocks|people\/invites|open-invite|expiry\/begin|recovery\/key|repair\/conclude/;

/** So that what must come first can. */
const moreActions = 12;
const maxCrashes = 4;
/** Of crashes anywhere: within this many points. */
const maxPointsToCrash = 40;

function drawCrashes(chance: Chance): PlannedCrash[] {
  return Array.from({ length: 1 + chance.below(maxCrashes) }, () => {
    const kind = chance.pick(['client', 'client', 'gateway', 'store'] as const);
    if (chance.happens(0.3)) return { kind, point: null, after: 1 + chance.below(maxPointsToCrash) };
    const ofKind = crashPoints.filter((each) => kindOf(each) === kind);
    const rare = chance.happens(0.25) ? ofKind.filter((each) => seldomPassed.test(each)) : [];
    const point = chance.pick(rare.length === 0 ? ofKind : rare);
    return { kind, point, after: 1 + chance.below(3) };
  });
}

export function drawNetworkFaults(chance: Chance): NetworkFaults {
  if (chance.happens(0.3)) return soundNetwork;
  const upTo = (limit: number): number => chance.fraction() * limit;
  return { loseRequest: upTo(0.4), loseResponse: upTo(0.4), repeatRequest: upTo(0.4) };
}

export function drawBusFaults(chance: Chance): BusFaults {
  if (chance.happens(0.3)) return quietBus;
  const upTo = (limit: number): number => chance.fraction() * limit;
  return { lose: upTo(0.6), repeat: upTo(0.5), delay: upTo(0.6), alter: upTo(0.3) };
}

export function drawDatabaseFaults(chance: Chance): DatabaseFaults {
  if (chance.happens(0.3)) return soundDatabase;
  return { fail: chance.fraction() * 0.3, loseAnswer: chance.fraction() * 0.3 };
}

export function drawDiskFaults(chance: Chance, mix: Mix): DiskFaults {
  if (!mix.slowDisks && !mix.failingDisks) return soundDisk;
  return { maxWriteMs: mix.slowDisks ? 1 + chance.below(60) : 0, fail: mix.failingDisks ? 0.03 : 0 };
}
