/**
 * What more replicas of the message store bring. The queue group gives each request of a gateway to one of them, and a
 * conversation's row is locked while its batch is written, so one hot conversation is as fast as one of them at most.
 */
import { start } from '../drivers/cipherchat.js';
import { findKnee, kneeMs } from './knee.js';
import { measure, type Measured, type Run } from './measure.js';

export type ReplicaKnee = {
  readonly messageStores: number;
  /** Messages per second at the knee: of many conversations, and of a single one. */
  readonly spreadPerSecond: number;
  readonly hotPerSecond: number;
};

const counts = [1, 2, 4];
const spread = { rooms: 100, from: 2_000 };
const hot = { rooms: 1, from: 500 };
const seconds = 5;
const halvings = 2;
/** Two devices send all that one conversation can take: the limit of a device is not what is asked for. */
const environment = { SENDS_PER_SECOND: '100000' };

export async function measureReplicas(params: {
  readonly driver: string;
  readonly maxRate: number;
  readonly say: (line: string) => void;
}): Promise<readonly ReplicaKnee[]> {
  const found: ReplicaKnee[] = [];
  for (const messageStores of counts) {
    const system = await start({ messageStores, environment });
    try {
      const target: Measured = { ...system, driver: params.driver, kind: 'ours' };
      const kneeOf = (load: typeof spread): Promise<number> => knee({ ...params, target, ...load });
      const knees = { spreadPerSecond: await kneeOf(spread), hotPerSecond: await kneeOf(hot) };
      found.push({ messageStores, ...knees });
      params.say(
        `${messageStores} message stores: knee ${knees.spreadPerSecond}/s over ${spread.rooms} conversations, ${knees.hotPerSecond}/s in one`,
      );
    } finally {
      await system.stop();
    }
  }
  return found;
}

async function knee(params: {
  readonly target: Measured;
  readonly rooms: number;
  readonly from: number;
  readonly maxRate: number;
}): Promise<number> {
  const { target, rooms, from, maxRate: max } = params;
  const { perSecond } = await findKnee<Run>({
    from,
    max,
    halvings,
    probe: async (rate) => {
      const run = await measure({ target, perSecond: rate, seconds, rooms, members: 2, senders: 'all' });
      return { holds: run.toReceive.p99 < kneeMs && run.lost === 0 && run.refused === 0, probe: run };
    },
  });
  return perSecond;
}
