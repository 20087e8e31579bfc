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

export type Mix = {
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
  readonly superseded: boolean;
  readonly clocks: boolean;
  /** Two months pass, with everything that expires in them. */
  readonly leap: boolean;
  readonly retention: boolean;
  readonly signals: boolean;
  readonly crashes: readonly PlannedCrash[];
  readonly actions: number;
};

export function drawMix(chance: Chance): Mix {
  const punctual = chance.happens(0.15);
  const sometimes = (probability: number): boolean => chance.happens(probability) && !punctual;
  return {
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
    signals: sometimes(0.3),
    crashes: sometimes(0.8) ? drawCrashes(chance) : [],
    actions: 8 + chance.below(10),
  };
}

const maxCrashes = 4;
/** Of crashes anywhere: within this many points. */
const maxPointsToCrash = 40;

function drawCrashes(chance: Chance): PlannedCrash[] {
  return Array.from({ length: 1 + chance.below(maxCrashes) }, () => {
    const kind = chance.pick(['client', 'client', 'gateway', 'store'] as const);
    if (chance.happens(0.3)) return { kind, point: null, after: 1 + chance.below(maxPointsToCrash) };
    const point = chance.pick(crashPoints.filter((each) => kindOf(each) === kind));
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
  return { lose: upTo(0.6), repeat: upTo(0.5), delay: upTo(0.6) };
}

export function drawDatabaseFaults(chance: Chance): DatabaseFaults {
  if (chance.happens(0.3)) return soundDatabase;
  return { fail: chance.fraction() * 0.3, loseAnswer: chance.fraction() * 0.3 };
}

export function drawDiskFaults(chance: Chance, mix: Mix): DiskFaults {
  if (!mix.slowDisks && !mix.failingDisks) return soundDisk;
  return { maxWriteMs: mix.slowDisks ? 1 + chance.below(60) : 0, fail: mix.failingDisks ? 0.03 : 0 };
}
