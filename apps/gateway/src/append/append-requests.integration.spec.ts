/** Real NATS of this file's own, since it is killed. In place of the store: a listener that never answers. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { subjects, type DeviceId, type UserId } from '@cipherchat/protocol';
import { createService, Nats, NatsModule, natsVariables, type RunningService } from '@cipherchat/service-kit';
import { startNats, type RunningServer } from '@cipherchat/test-kit';
import { AppendRequests } from './append-requests.js';

jest.setTimeout(30_000); // a machine that does much else at once

@Module({ imports: [NatsModule] })
class TestModule {}

/** Longer than the test may take. */
const timeoutMs = 120_000;
const item = {
  user: '0123abcd-4567-4000-8000-0123456789ab' as UserId,
  device: '1123abcd-4567-4000-8000-0123456789ab' as DeviceId,
  frame: new Uint8Array(64),
};
let server: RunningServer;
let gateway: RunningService;
let nats: Nats;

beforeAll(async () => {
  server = await startNats();
  gateway = await createService(
    { name: 'test', variables: natsVariables, module: TestModule },
    { environment: { PORT: '0', NATS_URL: server.url }, logDestination: { write: () => {} } },
  );
  nats = gateway.application.get(Nats);
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

describe('requests to the store', () => {
  it('are given up at once when NATS is lost, since their answers are lost with it', async () => {
    const heard = new Promise<void>((resolve) => {
      nats.connection.subscribe(subjects.append, { callback: () => resolve() });
    });
    await nats.connection.flush();
    const requests = new AppendRequests({ nats, timeoutMs, retryAfterMs: 1_000 });
    const outcomes = Promise.allSettled([0, 1].map(() => requests.send({ items: [item] }, [])));
    await heard;
    await server.stop();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'service/unavailable' } });
  });
});
