import { Module } from '@nestjs/common';
import {
  AccessModule,
  describeError,
  EventLog,
  Nats,
  NatsModule,
  PostgresModule,
  prismaProvider,
  RedisModule,
} from '@cipherchat/service-kit';
import { Metrics } from '@cipherchat/telemetry';
import type { Pool } from 'pg';
import { AppendPath } from './append/append-path.js';
import { appendStatement } from './append/append-statement.js';
import { bounds } from './bounds.js';
import { CommandsConsumer } from './commands.consumer.js';
import { CommitService } from './conversations/commit.service.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { AcknowledgePath } from './cursors/acknowledge-path.js';
import { cursorStatement } from './cursors/cursor-statement.js';
import {
  acknowledgeLane,
  ACKNOWLEDGE_LANE,
  appendLane,
  APPEND_LANE,
  LaneCloser,
  postgresSchema,
} from './database-lanes.js';
import { DeparturesService } from './departures/departures.service.js';
import { RevocationFeed } from './departures/revocation-feed.js';
import { PrismaClient } from './generated/prisma/client.js';
import { LivePublisher } from './live/live-publisher.js';
import { RosterCache } from './live/roster-cache.js';
import { RetentionSweeper } from './retention/retention-sweeper.js';
import { ReaddRequestsService } from './repair/readd-requests.service.js';
import { RepairController } from './repair/repair.controller.js';
import { ResetsService } from './repair/resets.service.js';
import { StatementsService } from './repair/statements.service.js';

function appendPath(params: {
  readonly pool: Pool;
  readonly live: LivePublisher;
  readonly rosters: RosterCache;
  readonly log: EventLog;
  readonly metrics: Metrics;
}): AppendPath {
  const { pool, live, rosters, log, metrics } = params;
  const observeBatch = metrics.histogram('cipherchat_append_batch_envelopes');
  const showQueue = metrics.gauge('cipherchat_append_queue_envelopes');
  return new AppendPath({
    append: appendStatement(pool),
    live,
    rosters,
    bounds,
    onFailure: (error, count) => log.event('messages.append-failed', { count, ...describeError(error) }),
    onWritten: ({ items, queuedItems }) => {
      observeBatch(items);
      showQueue(queuedItems);
    },
  });
}

function acknowledgePath(params: {
  readonly pool: Pool;
  readonly live: LivePublisher;
  readonly rosters: RosterCache;
  readonly log: EventLog;
}): AcknowledgePath {
  const { pool, live, rosters, log } = params;
  return new AcknowledgePath({
    advance: cursorStatement(pool),
    live,
    rosters,
    bounds,
    onFailure: (error, count) => log.event('messages.acknowledge-failed', { count, ...describeError(error) }),
    schedule: (callback, afterMs) => void setTimeout(callback, afterMs).unref(),
  });
}

@Module({
  imports: [NatsModule, PostgresModule.forSchema(postgresSchema), RedisModule, AccessModule.remote()],
  controllers: [ConversationsController, RepairController],
  providers: [
    prismaProvider({ client: PrismaClient, schema: postgresSchema }),
    appendLane,
    acknowledgeLane,
    LaneCloser,
    { provide: RosterCache, useFactory: () => new RosterCache(bounds.maxCachedRosterUsers) },
    {
      provide: LivePublisher,
      useFactory: (nats: Nats) => new LivePublisher((subject, payload) => nats.publish(subject, payload)),
      inject: [Nats],
    },
    {
      provide: AppendPath,
      useFactory: (pool: Pool, live: LivePublisher, rosters: RosterCache, log: EventLog, metrics: Metrics) =>
        appendPath({ pool, live, rosters, log, metrics }),
      inject: [APPEND_LANE, LivePublisher, RosterCache, EventLog, Metrics],
    },
    {
      provide: AcknowledgePath,
      useFactory: (pool: Pool, live: LivePublisher, rosters: RosterCache, log: EventLog) =>
        acknowledgePath({ pool, live, rosters, log }),
      inject: [ACKNOWLEDGE_LANE, LivePublisher, RosterCache, EventLog],
    },
    CommandsConsumer,
    CommitService,
    ConversationsService,
    DeparturesService,
    ReaddRequestsService,
    ResetsService,
    RevocationFeed,
    RetentionSweeper,
    StatementsService,
  ],
})
export class MessageStoreModule {}
