import { Body, Controller, Inject, Param, Query, Res, UseGuards } from '@nestjs/common';
import {
  commitBundle,
  conversationRoutes,
  decode,
  newConversation,
  type ConversationId,
} from '@cipherchat/protocol';
import {
  CurrentDevice,
  POSTGRES,
  RouteOf,
  type Limiter,
  type QueryOf,
  type ResponseOf,
} from '@cipherchat/service-kit';
import type { ServerResponse } from 'node:http';
import type { Pool } from 'pg';
import { DeparturesService } from '../departures/departures.service.js';
import { GenerationGuard } from '../generations/generation.guard.js';
import { CommitService } from './commit.service.js';
import { ConversationsService } from './conversations.service.js';
import { StoreMetrics } from '../store-metrics.js';
import { readLogPage } from './log-page.js';

/** Which commit a GroupInfo belongs to. */
const commitSeqHeader = 'cipherchat-commit-seq';

/** Commits carry up to 8 MB and lock a group: nobody needs many. They pass without Redis, since a removal must. */
const commitsPerDevice: Limiter = {
  name: 'conversations.commit',
  burst: 60,
  perMinute: 60,
  whenRedisFails: 'open',
  per: 'device',
};
/** A person who starts chats by hand, or a device that sets up an account's groups. */
const creationsPerUser: Limiter = {
  name: 'conversations.create',
  burst: 100,
  perMinute: 30,
  whenRedisFails: 'open',
  per: 'user',
};

@Controller()
@UseGuards(GenerationGuard)
export class ConversationsController {
  constructor(
    @Inject(CommitService) private readonly commits: CommitService,
    @Inject(ConversationsService) private readonly conversations: ConversationsService,
    @Inject(DeparturesService) private readonly departures: DeparturesService,
    @Inject(POSTGRES) private readonly pool: Pool,
    @Inject(StoreMetrics) private readonly metrics: StoreMetrics,
  ) {}

  @RouteOf(conversationRoutes.create, { limiters: [creationsPerUser] })
  create(
    @CurrentDevice() caller: CurrentDevice,
    @Body() body: Uint8Array,
  ): Promise<ResponseOf<typeof conversationRoutes.create>> {
    return this.commits.create(caller, decode(newConversation, body));
  }

  @RouteOf(conversationRoutes.list)
  list(
    @CurrentDevice() caller: CurrentDevice,
    @Query() query: QueryOf<typeof conversationRoutes.list>,
  ): Promise<ResponseOf<typeof conversationRoutes.list>> {
    return this.conversations.list(caller, query);
  }

  @RouteOf(conversationRoutes.read)
  read(
    @CurrentDevice() caller: CurrentDevice,
    @Param('conversation') conversation: ConversationId,
  ): Promise<ResponseOf<typeof conversationRoutes.read>> {
    return this.conversations.read(caller, conversation);
  }

  @RouteOf(conversationRoutes.readPage)
  readPage(
    @CurrentDevice() caller: CurrentDevice,
    @Param('conversation') conversation: ConversationId,
    @Query() query: QueryOf<typeof conversationRoutes.readPage>,
  ): Promise<Uint8Array> {
    return readLogPage(this.pool, {
      conversation,
      user: caller.user,
      device: caller.device,
      afterSeq: query.after,
      onRead: this.metrics.pageRead,
    });
  }

  @RouteOf(conversationRoutes.commit, { limiters: [commitsPerDevice] })
  commit(
    @CurrentDevice() caller: CurrentDevice,
    @Param('conversation') conversation: ConversationId,
    @Query() query: QueryOf<typeof conversationRoutes.commit>,
    @Body() body: Uint8Array,
  ): Promise<ResponseOf<typeof conversationRoutes.commit>> {
    return this.commits.commit(caller, conversation, decode(commitBundle, body), query);
  }

  @RouteOf(conversationRoutes.readGroupInfo)
  async readGroupInfo(
    @CurrentDevice() caller: CurrentDevice,
    @Param('conversation') conversation: ConversationId,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<Uint8Array> {
    const { groupInfo, commitSeq } = await this.conversations.readGroupInfo(caller, conversation);
    response.setHeader(commitSeqHeader, commitSeq);
    return groupInfo;
  }

  @RouteOf(conversationRoutes.leave)
  leave(
    @CurrentDevice() caller: CurrentDevice,
    @Param('conversation') conversation: ConversationId,
  ): Promise<void> {
    return this.departures.leave(caller.user, conversation);
  }
}
