import { Body, Controller, Inject, Param, UseGuards } from '@nestjs/common';
import { conversationRoutes, type ConversationId } from '@cipherchat/protocol';
import {
  CurrentDevice,
  RouteOf,
  type Limiter,
  type RequestOf,
  type ResponseOf,
} from '@cipherchat/service-kit';
import { GenerationGuard } from '../generations/generation.guard.js';
import { ResetsService } from './resets.service.js';
import { ReaddRequestsService } from './readd-requests.service.js';
import { StatementsService } from './statements.service.js';

/** Five askings a doubt; a device in many conversations answers once for each doubt of another. */
const statementsPerDevice: Limiter = {
  name: 'conversations.compare',
  burst: 60,
  perMinute: 60,
  whenRedisFails: 'open',
  per: 'device',
};
/** Each costs a member a key package and a commit; a device asks after minutes of failing. */
const readdRequestsPerDevice: Limiter = {
  name: 'conversations.readd',
  burst: 10,
  perMinute: 1,
  whenRedisFails: 'open',
  per: 'device',
};

/** A person acts here, on what a member has told them. It tells nothing, so it can wait for Redis. */
const resetsPerUser: Limiter = {
  name: 'conversations.reset',
  burst: 10,
  perMinute: 1,
  whenRedisFails: 'closed',
  per: 'user',
};

/** What members need from the store when a group state went wrong (docs/decisions/0008). */
@Controller()
@UseGuards(GenerationGuard)
export class RepairController {
  constructor(
    @Inject(StatementsService) private readonly statements: StatementsService,
    @Inject(ReaddRequestsService) private readonly readdRequests: ReaddRequestsService,
    @Inject(ResetsService) private readonly resets: ResetsService,
  ) {}

  @RouteOf(conversationRoutes.compare, { limiters: [statementsPerDevice] })
  compare(
    @CurrentDevice() caller: CurrentDevice,
    @Param('conversation') conversation: ConversationId,
    @Body() body: RequestOf<typeof conversationRoutes.compare>,
  ): Promise<ResponseOf<typeof conversationRoutes.compare>> {
    return this.statements.compare(caller, conversation, body);
  }

  @RouteOf(conversationRoutes.requestReadd, { limiters: [readdRequestsPerDevice] })
  requestReadd(
    @CurrentDevice() caller: CurrentDevice,
    @Param('conversation') conversation: ConversationId,
    @Body() body: RequestOf<typeof conversationRoutes.requestReadd>,
  ): Promise<ResponseOf<typeof conversationRoutes.requestReadd>> {
    return this.readdRequests.request(caller, conversation, body.envelope);
  }

  @RouteOf(conversationRoutes.reset, { limiters: [resetsPerUser] })
  reset(
    @Param('conversation') conversation: ConversationId,
  ): Promise<ResponseOf<typeof conversationRoutes.reset>> {
    return this.resets.reset(conversation);
  }
}
