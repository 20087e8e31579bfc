import { LoadClient } from '../load/load-client.js';
import { payloadBytes, type Measured } from './measure.js';

const queuedMessages = 1_000;
const conversations = 9;
/** Of each sender: below the limit of a device (`SENDS_PER_SECOND`, 200). */
const perSecondOfEach = 150;
const connectionsAtOnce = 4;
const patienceMs = 30_000;
const pollMs = 50;

export type CatchUp = {
  readonly messages: number;
  /** From opening the socket to the last message, with the handshake. */
  readonly medianMs: number;
  readonly maxMs: number;
  readonly lost: number;
};

/** In each conversation one member sends while the other is away; then the others come, one after the other. */
export async function measureCatchUp(target: Measured): Promise<CatchUp> {
  const { driver } = target;
  const members = await target.rooms({ count: conversations, members: 2 });
  const load = LoadClient.start();
  try {
    const senders = members.map(([sender = null]) => [sender, null]);
    await load.open({ driver, rooms: senders, concurrency: connectionsAtOnce });
    const sending = await load.run(
      {
        perSecond: perSecondOfEach * conversations,
        seconds: queuedMessages / perSecondOfEach,
        warmUpSeconds: 0,
        payloadBytes,
        senders: 'first',
        // Nobody receives yet.
        patienceMs: 0,
      },
      { onMeasuring: () => {}, onMeasured: () => {} },
    );
    await untilAcknowledged(load, sending.unacknowledged);
    await load.close();
    const times: number[] = [];
    for (let room = 0; room < conversations; room++) {
      const rooms = members.map(([, receiver = null], index) => [null, index === room ? receiver : null]);
      times.push(await load.open({ driver, rooms, concurrency: 1 }));
      await load.close();
    }
    const { lost } = await load.recount();
    times.sort((one, other) => one - other);
    return {
      messages: queuedMessages,
      medianMs: times[Math.floor(times.length / 2)] ?? NaN,
      maxMs: times.at(-1) ?? NaN,
      lost,
    };
  } finally {
    load.end();
  }
}

async function untilAcknowledged(load: LoadClient, unacknowledged: number): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (let left = unacknowledged; left > 0; left = (await load.recount()).unacknowledged) {
    if (performance.now() > deadlineMs) throw new Error(`${left} messages were not acknowledged`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
