/** Real NATS of this file's own, since it is stopped and started again. The messages are real commands of the protocol. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import {
  commandResult,
  encode,
  eraseIdentity,
  problem,
  ProblemError,
  revocationsQuery,
  revocationsResult,
  subjects,
  type UserId,
} from '@cipherchat/protocol';
import { ScrapedMetrics, startNats, type RunningServer } from '@cipherchat/test-kit';
import { Nats } from './nats.js';
import { NatsModule } from './nats.module.js';
import { createService, type RunningService } from './service.js';
import { natsVariables } from './variables.js';

jest.setTimeout(30_000); // a machine that does much else at once

@Module({ imports: [NatsModule] })
class TestModule {}

const user = '0123abcd-4567-4000-8000-0123456789ab' as UserId;
const canary = 'canary-5d1c';
const question = { after: 3, sinceMs: 0 };
const schemas = { question: revocationsQuery, answer: revocationsResult };
const logged: string[] = [];
let server: RunningServer;
let asking: RunningService;
let answering: RunningService;
let client: Nats;
let responder: Nats;

const start = (): Promise<RunningService> =>
  createService(
    { name: 'test', variables: natsVariables, module: TestModule },
    {
      environment: { PORT: '0', NATS_URL: server.url, LOG_LEVEL: 'trace' },
      logDestination: { write: (line) => void logged.push(line) },
    },
  );

beforeAll(async () => {
  server = await startNats();
  asking = await start();
  answering = await start();
  client = asking.application.get(Nats);
  responder = answering.application.get(Nats);
});
afterAll(async () => {
  await asking.stop();
  await answering.stop();
  await server.stop();
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await condition());) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A subscription is in force when the server has handled what was sent before it. */
const settled = (): Promise<void> => responder.connection.flush();

const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a request', () => {
  it('is answered by one of the group, with typed bodies', async () => {
    const seen: unknown[] = [];
    responder.serve({
      subject: 'test.echo',
      queue: 'test',
      ...schemas,
      handle: (body) => {
        seen.push(body);
        return { revocations: [] };
      },
    });
    await settled();
    expect(await client.request({ subject: 'test.echo', ...schemas, body: question })).toEqual({
      revocations: [],
    });
    expect(seen).toEqual([question]);
  });

  it('brings back the problem that the handler threw, with its data', async () => {
    responder.serve({
      subject: 'test.refuse',
      queue: 'test',
      ...schemas,
      handle: () => {
        throw problem('directory/manifest-stale', { version: 7 });
      },
    });
    await settled();
    const error = await refusalOf(client.request({ subject: 'test.refuse', ...schemas, body: question }));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: 'directory/manifest-stale', data: { version: 7 } });
  });

  it('hears only that it failed when the handler has a bug', async () => {
    responder.serve({
      subject: 'test.broken',
      queue: 'test',
      ...schemas,
      handle: () => {
        throw new Error(`a bug that quotes ${canary}`);
      },
    });
    await settled();
    expect(
      await refusalOf(client.request({ subject: 'test.broken', ...schemas, body: question })),
    ).toMatchObject({ code: 'service/internal' });
    expect(logged.join('')).toContain('"subject":"test.broken"');
    expect(logged.join('')).not.toContain(canary);
  });

  it('that is malformed is refused before the handler', async () => {
    responder.serve({
      subject: 'test.strict',
      queue: 'test',
      ...schemas,
      handle: () => ({ revocations: [] }),
    });
    await settled();
    expect(
      await refusalOf(
        client.request({
          subject: 'test.strict',
          question: eraseIdentity,
          answer: revocationsResult,
          body: { user },
        }),
      ),
    ).toMatchObject({ code: 'request/malformed' });
  });

  it('without anyone to answer is unavailable at once, and too slow an answer after the time given', async () => {
    expect(
      await refusalOf(client.request({ subject: 'test.nobody', ...schemas, body: question })),
    ).toMatchObject({ code: 'service/unavailable' });
    let release: () => void = () => {};
    responder.serve({
      subject: 'test.slow',
      queue: 'test',
      ...schemas,
      handle: () => new Promise((resolve) => (release = () => resolve({ revocations: [] }))),
    });
    await settled();
    expect(
      await refusalOf(client.request({ subject: 'test.slow', ...schemas, body: question, timeoutMs: 50 })),
    ).toMatchObject({ code: 'service/unavailable' });
    release();
  });

  it('over the bound of the responder is refused, not queued', async () => {
    const releases: (() => void)[] = [];
    responder.serve({
      subject: 'test.bounded',
      queue: 'test',
      ...schemas,
      maxConcurrent: 2,
      handle: () => new Promise((resolve) => releases.push(() => resolve({ revocations: [] }))),
    });
    await settled();
    const ask = (): Promise<unknown> =>
      refusalOf(client.request({ subject: 'test.bounded', ...schemas, body: question }));
    const admitted = [ask(), ask()];
    await until(() => releases.length === 2);
    expect(await ask()).toMatchObject({ code: 'service/unavailable' });
    for (const release of releases) release();
    expect(await Promise.all(admitted)).toEqual([undefined, undefined]);
  });
});

describe('a command', () => {
  it('is done, or refused with code and data', async () => {
    const done: unknown[] = [];
    responder.serveCommand({
      subject: 'test.command',
      queue: 'test',
      question: eraseIdentity,
      handle: (body) => void done.push(body),
    });
    responder.serveCommand({
      subject: 'test.command-refused',
      queue: 'test',
      question: eraseIdentity,
      handle: () => {
        throw problem('directory/manifest-stale', { version: 2 });
      },
    });
    await settled();
    await client.command({ subject: 'test.command', question: eraseIdentity, body: { user } });
    expect(done).toEqual([{ user }]);
    expect(
      await refusalOf(
        client.command({ subject: 'test.command-refused', question: eraseIdentity, body: { user } }),
      ),
    ).toMatchObject({ code: 'directory/manifest-stale', data: { version: 2 } });
    const reply = await client.connection.request('test.command-refused', encode(eraseIdentity, { user }));
    expect(reply.data.length).toBe(
      encode(commandResult, { problem: 'directory/manifest-stale', retryAfterMs: 0, detail: '{"version":2}' })
        .length,
    );
  });
});

describe('metrics', () => {
  it('time requests and commands at both ends by their outcome, and name no subject that is not of the protocol', async () => {
    let refuses = false;
    responder.serveCommand({
      subject: subjects.eraseIdentity,
      queue: 'test',
      question: eraseIdentity,
      handle: () => {
        if (refuses) throw problem('directory/user-unknown');
      },
    });
    await settled();
    const erase = { subject: subjects.eraseIdentity, question: eraseIdentity, body: { user } };
    await client.command(erase);
    refuses = true;
    await refusalOf(client.command(erase));
    await refusalOf(client.request({ subject: subjects.revocations, ...schemas, body: question }));
    await refusalOf(client.request({ subject: 'test.nobody', ...schemas, body: question }));
    const [asked, served] = [await ScrapedMetrics.of(asking), await ScrapedMetrics.of(answering)];
    const requests = 'cipherchat_request_duration_seconds_count';
    expect(asked.sum(requests, { command: 'eraseIdentity', outcome: 'answered' })).toBe(1);
    expect(asked.sum(requests, { command: 'eraseIdentity', outcome: 'refused' })).toBe(1);
    expect(asked.sum(requests, { command: 'revocations', outcome: 'unanswered' })).toBe(1);
    expect(asked.sum(requests, { command: 'other', outcome: 'unanswered' })).toBeGreaterThan(0);
    const commands = 'cipherchat_command_duration_seconds_count';
    expect(served.sum(commands, { command: 'eraseIdentity', outcome: 'done' })).toBe(1);
    expect(served.sum(commands, { command: 'eraseIdentity', outcome: 'refused' })).toBe(1);
    expect(served.sum(commands, { command: 'other', outcome: 'failed' })).toBeGreaterThan(0);
    expect(served.sum('cipherchat_problems_total', { via: 'nats', code: 'directory/user-unknown' })).toBe(1);
    expect(served.sum('cipherchat_nats_connected')).toBe(1);
    for (const direction of ['in', 'out'])
      expect(served.sum('cipherchat_nats_messages_total', { direction })).toBeGreaterThan(0);
    for (const { text } of [asked, served]) expect(text).not.toMatch(/test\.nobody|0123abcd/);
  });
});

describe('stopping', () => {
  it('lets a handler finish, answers its request, and takes no other', async () => {
    const stopping = await start();
    let release: () => void = () => {};
    let arrived: () => void = () => {};
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    stopping.application.get(Nats).serve({
      subject: 'test.last',
      queue: 'test',
      ...schemas,
      handle: ({ after }) =>
        after === 0
          ? { revocations: [] }
          : new Promise((resolve) => {
              release = () => resolve({ revocations: [] });
              arrived();
            }),
    });
    await stopping.application.get(Nats).connection.flush();
    const last = client.request({ subject: 'test.last', ...schemas, body: question });
    await hasArrived;
    const stopped = stopping.stop();
    const another = (): Promise<unknown> =>
      refusalOf(client.request({ subject: 'test.last', ...schemas, body: { after: 0, sinceMs: 0 } }));
    await until(async () => ((await another()) as ProblemError | undefined)?.code === 'service/unavailable');
    release();
    expect(await last).toEqual({ revocations: [] });
    await stopped;
  });
});

describe('when NATS goes away and comes back', () => {
  it('the service is not ready meanwhile, drops what it publishes, tells listeners, and serves again', async () => {
    const statuses: string[] = [];
    client.onStatus((status) => void statuses.push(status));
    const heard: number[] = [];
    client.subscribe('test.event', (payload) => void heard.push(payload[0] ?? -1));
    const ready = async (): Promise<number> => (await fetch(`${asking.url}/healthz/ready`)).status;
    expect(await ready()).toBe(200);
    const { port } = server;
    await server.stop();
    await until(() => statuses.includes('disconnected') && !responder.connected);
    expect(await ready()).toBe(503);
    expect(
      await refusalOf(client.request({ subject: 'test.echo', ...schemas, body: question })),
    ).toMatchObject({ code: 'service/unavailable' });
    responder.publish('test.event', Uint8Array.of(1));
    const away = await ScrapedMetrics.of(answering);
    expect(away.sum('cipherchat_nats_connected')).toBe(0);
    expect(away.sum('cipherchat_nats_dropped_publishes_total')).toBe(1);
    server = await startNats({ port });
    await until(() => statuses.includes('reconnected') && responder.connected);
    expect(await ready()).toBe(200);
    expect((await ScrapedMetrics.of(answering)).sum('cipherchat_nats_reconnects_total')).toBe(1);
    await client.connection.flush();
    responder.publish('test.event', Uint8Array.of(2));
    await until(() => heard.length > 0);
    expect(heard).toEqual([2]);
    await until(
      async () =>
        (await refusalOf(
          client.request({ subject: 'test.echo', ...schemas, body: question, timeoutMs: 500 }),
        )) === undefined,
    );
  });
});
