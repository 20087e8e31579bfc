import { LoadClient } from '../load/load-client.js';
import { payloadBytes, type Measured } from './measure.js';

const queuedMessages = 1_000;
const perSecond = 2_000;
const repeats = 9;
const patienceMs = 5_000;

export type CatchUp = {
  readonly messages: number;
  /** From opening the socket to the last message, with the handshake. */
  readonly medianMs: number;
  readonly maxMs: number;
  readonly lost: number;
};

/** One member sends while the other is away; then the other comes. */
export async function measureCatchUp(target: Measured): Promise<CatchUp> {
  const times: number[] = [];
  let lost = 0;
  const load = LoadClient.start();
  try {
    for (const [sender = null, receiver = null] of await target.rooms({ count: repeats, members: 2 })) {
      const { driver } = target;
      await load.open({ driver, rooms: [[sender, null]], concurrency: 1 });
      const order = { perSecond, seconds: queuedMessages / perSecond, warmUpSeconds: 0, payloadBytes };
      // Nobody receives: an account that stays open until the other one has come.
      const sending = await load.run(
        { ...order, senders: 'first', patienceMs: 0 },
        { onMeasuring: () => {}, onMeasured: () => {} },
      );
      await untilAcknowledged(load, sending.unacknowledged);
      await load.close();
      times.push(await load.open({ driver, rooms: [[null, receiver]], concurrency: 1 }));
      lost += (await load.recount()).lost;
      await load.close();
    }
  } finally {
    load.end();
  }
  times.sort((one, other) => one - other);
  return {
    messages: queuedMessages,
    medianMs: times[Math.floor(times.length / 2)] ?? NaN,
    maxMs: times.at(-1) ?? NaN,
    lost,
  };
}

async function untilAcknowledged(load: LoadClient, unacknowledged: number): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (let left = unacknowledged; left > 0; left = (await load.recount()).unacknowledged)
    if (performance.now() > deadlineMs) throw new Error(`${left} messages were not acknowledged`);
}
