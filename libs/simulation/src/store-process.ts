/**
 * One process of the message store. Real: the append path, the acknowledge path, the live publisher, the rosters in
 * memory. Modelled: the database behind them, NATS, and what a crash leaves.
 */
import type { HttpRequest, HttpResponse } from '@cipherchat/client-sdk';
import type { VirtualClock } from '@cipherchat/client-sdk/testing';
import {
  AcknowledgePath,
  AppendPath,
  bounds,
  LivePublisher,
  RosterCache,
  type AppendStatement,
  type CursorStatement,
} from '@cipherchat/message-store/delivery';
import {
  acknowledgeBatch,
  appendBatch,
  appendResults,
  commandResult,
  decode,
  encode,
  generationResult,
  isProblem,
  problem,
  problemBody,
  resumeCommand,
  resumeResult,
  signalCommand,
  subjects,
  type Schema,
} from '@cipherchat/protocol';
import type { BusConnection } from './bus.js';
import type { Chance } from './chance.js';
import type { StoreWork } from './crash-points.js';
import type { Database, Tell } from './model-database.js';
import type { Process } from './process.js';

/** Statements that fail, each a probability from 0 to 1. */
export type DatabaseFaults = {
  /** Nothing was done. */
  readonly fail: number;
  /** It was done, and the answer is lost. */
  readonly loseAnswer: number;
};
export const soundDatabase: DatabaseFaults = { fail: 0, loseAnswer: 0 };

export type StoreParams = {
  readonly process: Process;
  readonly bus: BusConnection;
  readonly database: Database;
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly faults: () => DatabaseFaults;
  readonly generation: number;
};

const statementMs = 2;

export class StoreProcess {
  private readonly live: LivePublisher;
  private readonly appends: AppendPath;
  private readonly acknowledgements: AcknowledgePath;

  constructor(readonly params: StoreParams) {
    const { bus, process, database, clock } = params;
    const rosters = new RosterCache(bounds.maxCachedRosterDevices);
    const publish = (subject: string, payload: Uint8Array): void => {
      if (process.isAlive) bus.publish(subject, payload);
    };
    this.live = new LivePublisher(publish);
    const liveOf = (work: StoreWork): LivePublisher =>
      new LivePublisher((subject, payload) => {
        publish(subject, payload);
        process.passes(work, 'published');
      });
    this.appends = new AppendPath({
      append: this.statement('append', database.append) satisfies AppendStatement,
      live: liveOf('append'),
      rosters,
      bounds,
      onFailure: () => undefined,
    });
    this.acknowledgements = new AcknowledgePath({
      advance: this.statement('acknowledge', database.advance) satisfies CursorStatement,
      live: liveOf('acknowledge'),
      rosters,
      bounds,
      onFailure: () => undefined,
      schedule: (callback, afterMs) => void clock.setTimer(callback, afterMs),
    });
  }

  /** Listens, then announces what a predecessor may have stored and not published. */
  async start(): Promise<void> {
    const { bus, database, generation } = this.params;
    this.serve(
      'append',
      subjects.append,
      appendResults,
      (payload) => new Promise((answer) => this.appends.submit(decode(appendBatch, payload), answer)),
    );
    this.serve('acknowledge', subjects.acknowledge, commandResult, (payload) =>
      command(this.acknowledgements.submit(decode(acknowledgeBatch, payload))),
    );
    this.serve('signal', subjects.signal, commandResult, (payload) => {
      const signal = decode(signalCommand, payload);
      return command(this.perform('signal', (tell) => database.signal(signal, tell)));
    });
    bus.serve(subjects.resume, async (payload) =>
      encode(resumeResult, {
        generation,
        conversations: await database.pending(decode(resumeCommand, payload)),
      }),
    );
    bus.serve(subjects.generation, () => Promise.resolve(encode(generationResult, { generation })));
    for (const { conversation, seq, users } of await database.heads())
      this.live.announce(users, { conversation, seq, sizeBytes: 0 });
  }

  /** A request over HTTP; never answered when the process dies. */
  async handle(request: HttpRequest, work: StoreWork | null): Promise<HttpResponse> {
    const { database, process } = this.params;
    if (work === null) return database.http(request, () => undefined);
    await process.at(work, 'received');
    try {
      const response = await this.perform(work, (tell) => database.http(request, tell));
      await process.at(work, 'answered');
      return response;
    } catch (error) {
      if (!isProblem(error)) throw error;
      const body = new TextEncoder().encode(JSON.stringify(problemBody(error)));
      return { status: error.status, body, header: () => null };
    }
  }

  /** Does something in a transaction, and publishes after it. */
  private async perform<Result>(work: StoreWork, act: (tell: Tell) => Promise<Result>): Promise<Result> {
    const { process } = this.params;
    const told: Parameters<Tell>[] = [];
    const result = await this.statement(work, () => act((users, frame) => told.push([[...users], frame])))(
      null,
    );
    for (const [users, frame] of told) {
      this.live.tell(users, frame);
      await process.at(work, 'published');
    }
    return result;
  }

  /** A statement takes its time, may fail before or after it was carried out, and may be the last thing a process does. */
  private statement<Params, Result>(
    work: StoreWork,
    carryOut: (params: Params) => Promise<Result>,
  ): (params: Params) => Promise<Result> {
    const { process, clock, chance, faults } = this.params;
    return async (params) => {
      await clock.wait(statementMs);
      if (!process.isAlive) return new Promise<never>(() => undefined);
      if (chance.happens(faults().fail)) throw problem('service/unavailable', { retryAfterMs: 1_000 });
      const result = await carryOut(params);
      await process.at(work, 'committed');
      if (chance.happens(faults().loseAnswer)) throw problem('service/unavailable', { retryAfterMs: 1_000 });
      return result;
    };
  }

  private serve<Answer>(
    work: StoreWork,
    subject: string,
    schema: Schema<Answer>,
    handle: (payload: Uint8Array) => Promise<Answer>,
  ): void {
    const { bus, process } = this.params;
    bus.serve(subject, async (payload) => {
      await process.at(work, 'received');
      const answer = encode(schema, await handle(payload));
      // The answer leaves with the last publish; what follows it is the next request.
      await process.at(work, 'answered');
      return answer;
    });
  }
}

/** As `Nats.serveCommand`: a refusal is the answer. */
async function command(work: Promise<void>) {
  try {
    await work;
    return { problem: '', retryAfterMs: 0, detail: '' };
  } catch (error) {
    if (!isProblem(error)) throw error;
    return { problem: error.code, retryAfterMs: error.retryAfterMs, detail: JSON.stringify(error.data) };
  }
}
