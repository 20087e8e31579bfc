/**
 * The hot request (a batch of appends, an answer each) over `@nestjs/microservices` and over the bare NATS client:
 * what hosting the hot subjects in Nest would cost. Nest's transport is as it comes, JSON with bytes in base64; both
 * ends are in this process, so the time is that of both.
 */
import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { ClientNats, ServerNats } from '@nestjs/microservices';
import { connect } from '@nats-io/transport-node';
import {
  appendBatch,
  appendResults,
  decode,
  encode,
  encodeClientFrame,
  type AppendBatch,
  type AppendResults,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type UserId,
} from '@cipherchat/protocol';
import { startNats } from '@cipherchat/test-kit';
import { firstValueFrom } from 'rxjs';

const subject = 'micro.append';
const ciphertextBytes = 1_024;
const batchSizes = [1, 16, 64];
const atOnce = 16;
const requests = 4_000;

type Ask = (batch: AppendBatch) => Promise<AppendResults>;
type NestItem = { readonly user: UserId; readonly device: DeviceId; readonly frame: string };

/** The figures in short. */
export async function nestTransport(say: (line: string) => void): Promise<readonly string[]> {
  const server = await startNats();
  const [bare, nest] = [await bareAsk(server.url), await nestAsk(server.url)];
  const figures: string[] = [];
  try {
    for (const size of batchSizes) {
      const batch = batchOf(size);
      const count = Math.ceil(requests / size);
      const [bareMicros, nestMicros] = [
        await time(bare.ask, { batch, count }),
        await time(nest.ask, { batch, count }),
      ];
      const ratio = (nestMicros / bareMicros).toFixed(2);
      figures.push(`nest-to-bare-${size}=${ratio}`);
      say(
        `a request of ${size}: bare NATS ${bareMicros.toFixed(0)} µs, Nest's transport ${nestMicros.toFixed(0)} µs (${ratio}×)`,
      );
    }
  } finally {
    await bare.stop();
    await nest.stop();
    await server.stop();
  }
  return figures;
}

const resultsOf = (count: number): AppendResults => ({
  results: Array.from({ length: count }, () => ({ outcome: 'accepted', seq: 7, atMs: 1_700_000_000_000 })),
});

async function bareAsk(url: string): Promise<{ readonly ask: Ask; readonly stop: () => Promise<void> }> {
  const [store, gateway] = await Promise.all([connect({ servers: url }), connect({ servers: url })]);
  store.subscribe(subject, {
    queue: 'store',
    callback: (_error, message) => {
      message.respond(encode(appendResults, resultsOf(decode(appendBatch, message.data).items.length)));
    },
  });
  await store.flush();
  return {
    ask: async (batch) =>
      decode(appendResults, (await gateway.request(subject, encode(appendBatch, batch))).data),
    stop: async () => {
      await gateway.close();
      await store.close();
    },
  };
}

async function nestAsk(url: string): Promise<{ readonly ask: Ask; readonly stop: () => Promise<void> }> {
  const store = new ServerNats({ servers: url, queue: 'store' });
  store.addHandler(`nest.${subject}`, (items: readonly NestItem[]) => {
    const frames = items.map(({ frame }) => Buffer.from(frame, 'base64'));
    return Promise.resolve(resultsOf(frames.length));
  });
  await new Promise<void>((resolve, reject) =>
    store.listen((error?: unknown) =>
      error === undefined ? resolve() : reject(error instanceof Error ? error : new Error(String(error))),
    ),
  );
  const gateway = new ClientNats({ servers: url });
  await gateway.connect();
  return {
    ask: ({ items }) =>
      firstValueFrom(
        gateway.send<AppendResults>(
          `nest.${subject}`,
          items.map(({ user, device, frame }): NestItem => ({
            user,
            device,
            frame: Buffer.from(frame).toString('base64'),
          })),
        ),
      ),
    stop: async () => {
      await gateway.close();
      await store.close();
    },
  };
}

/** µs per request, so many at once. */
async function time(
  ask: Ask,
  { batch, count }: { readonly batch: AppendBatch; readonly count: number },
): Promise<number> {
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const { results } = await ask(batch);
      if (results.length !== batch.items.length) throw new Error('an answer is missing');
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  return ((performance.now() - startedMs) * 1_000) / count;
}

function batchOf(size: number): AppendBatch {
  return {
    items: Array.from({ length: size }, (_, request) => ({
      user: randomUUID() as UserId,
      device: randomUUID() as DeviceId,
      frame: encodeClientFrame({
        type: 'append',
        request,
        conversation: randomUUID() as ConversationId,
        envelope: randomUUID() as EnvelopeId,
        commitSeq: 1,
        ciphertext: Uint8Array.from(randomBytes(ciphertextBytes)),
      }),
    })),
  };
}
