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
import { Tracing } from '@cipherchat/telemetry';
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
import { migrations } from './generated/migrations.js';
import { PrismaClient } from './generated/prisma/client.js';
import { HeadAnnouncer } from './live/head-announcer.js';
import { LivePublisher } from './live/live-publisher.js';
import { RosterCache } from './live/roster-cache.js';
import { RetentionSweeper } from './retention/retention-sweeper.js';
import { ReaddRequestsService } from './repair/readd-requests.service.js';
import { RepairController } from './repair/repair.controller.js';
import { ResetsService } from './repair/resets.service.js';
import { StatementsService } from './repair/statements.service.js';
import { StoreMetrics } from './store-metrics.js';

function appendPath(params: {
  readonly pool: Pool;
  readonly live: LivePublisher;
  readonly rosters: RosterCache;
  readonly log: EventLog;
  readonly metrics: StoreMetrics;
}): AppendPath {
  const { pool, live, rosters, log, metrics } = params;
  return new AppendPath({
    append: appendStatement(pool),
    live,
    rosters,
    bounds,
    onFailure: (error, count) => log.event('messages.append-failed', { count, ...describeError(error) }),
    watch: metrics.appends,
  });
}

function acknowledgePath(params: {
  readonly pool: Pool;
  readonly live: LivePublisher;
  readonly rosters: RosterCache;
  readonly log: EventLog;
  readonly metrics: StoreMetrics;
}): AcknowledgePath {
  const { pool, live, rosters, log, metrics } = params;
  return new AcknowledgePath({
    advance: cursorStatement(pool),
    live,
    rosters,
    bounds,
    onFailure: (error, count) => log.event('messages.acknowledge-failed', { count, ...describeError(error) }),
    onWritten: metrics.acknowledged,
    schedule: (callback, afterMs) => void setTimeout(callback, afterMs).unref(),
  });
}

@Module({
  imports: [
    NatsModule,
    PostgresModule.forSchema({ schema: postgresSchema, migrations }),
    RedisModule,
    AccessModule.remote(),
  ],
  controllers: [ConversationsController, RepairController],
  providers: [
    prismaProvider({ client: PrismaClient, schema: postgresSchema }),
    appendLane,
    acknowledgeLane,
    LaneCloser,
    { provide: RosterCache, useFactory: () => new RosterCache(bounds.maxCachedRosterDevices) },
    {
      provide: LivePublisher,
      useFactory: (nats: Nats, metrics: StoreMetrics, tracing: Tracing) =>
        new LivePublisher((subject, payload, span) => nats.publish(subject, payload, span), {
          onTold: metrics.published,
          tracing,
        }),
      inject: [Nats, StoreMetrics, Tracing],
    },
    {
      provide: AppendPath,
      useFactory: (
        pool: Pool,
        live: LivePublisher,
        rosters: RosterCache,
        log: EventLog,
        metrics: StoreMetrics,
      ) => appendPath({ pool, live, rosters, log, metrics }),
      inject: [APPEND_LANE, LivePublisher, RosterCache, EventLog, StoreMetrics],
    },
    {
      provide: AcknowledgePath,
      useFactory: (
        pool: Pool,
        live: LivePublisher,
        rosters: RosterCache,
        log: EventLog,
        metrics: StoreMetrics,
      ) => acknowledgePath({ pool, live, rosters, log, metrics }),
      inject: [ACKNOWLEDGE_LANE, LivePublisher, RosterCache, EventLog, StoreMetrics],
    },
    CommandsConsumer,
    CommitService,
    ConversationsService,
    DeparturesService,
    ReaddRequestsService,
    ResetsService,
    RevocationFeed,
    HeadAnnouncer,
    RetentionSweeper,
    StatementsService,
    StoreMetrics,
  ],
})
export class MessageStoreModule {}
