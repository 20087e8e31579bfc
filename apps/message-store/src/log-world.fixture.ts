/** A database of the test's own with conversations in it, and as many store replicas on it as the test wants. */
import { randomBytes } from 'node:crypto';
import {
  encodeClientFrame,
  decodeServerFrame,
  idFromRandom,
  type AppendResults,
  type CommitBundle,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type MemberDevice,
  type ServerFrame,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import { systemClock, type CurrentDevice } from '@cipherchat/service-kit';
import { Metrics } from '@cipherchat/telemetry';
import { freshDatabase, type FreshDatabase } from '@cipherchat/test-kit';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { AppendPath, type AppendBounds } from './append/append-path.js';
import { appendStatement } from './append/append-statement.js';
import { bounds } from './bounds.js';
import { CommitService, type Created } from './conversations/commit.service.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { openLane, postgresSchema } from './database-lanes.js';
import { DeparturesService } from './departures/departures.service.js';
import { PrismaClient } from './generated/prisma/client.js';
import { LivePublisher } from './live/live-publisher.js';
import { RosterCache } from './live/roster-cache.js';
import { ReaddRequestsService } from './repair/readd-requests.service.js';
import { ResetsService } from './repair/resets.service.js';
import { StatementsService } from './repair/statements.service.js';
import { StoreMetrics } from './store-metrics.js';

export const newId = <Id extends string>(): Id =>
  idFromRandom<Id>((length) => Uint8Array.from(randomBytes(length)));
export const newUser = (): UserId => newId<UserId>();
export const newMember = (user: UserId = newUser()): MemberDevice => ({ user, device: newId<DeviceId>() });
export const newEnvelope = (): EnvelopeId => newId<EnvelopeId>();

/** What one replica published. */
export type Published = { readonly subject: string; readonly frame: ServerFrame };

/** The production classes of one store process, on the world's database; what it publishes is collected. */
export type Replica = {
  readonly lane: pg.Pool;
  readonly pool: pg.Pool;
  readonly appendPath: AppendPath;
  readonly commits: CommitService;
  readonly conversations: ConversationsService;
  readonly departures: DeparturesService;
  readonly statements: StatementsService;
  readonly readdRequests: ReaddRequestsService;
  readonly resets: ResetsService;
  /** Names of what it logged. */
  readonly logged: string[];
  readonly live: LivePublisher;
  readonly rosters: RosterCache;
  readonly published: Published[];
  readonly failures: unknown[];
};

export type AppendRequest = {
  readonly from: MemberDevice;
  readonly conversation: ConversationId;
  readonly commitSeq: number;
  readonly envelope?: EnvelopeId;
  readonly text?: string;
};

/**
 * Tests cut connections. And a pool has ended before its sockets have, so that what comes next, the removal of the
 * database, may cut them too.
 */
const connectionCut = (): void => {};

export class LogWorld {
  private readonly ends: (() => Promise<void>)[] = [];

  private readonly outside: pg.Pool;

  private constructor(readonly database: FreshDatabase) {
    this.outside = new pg.Pool({
      connectionString: database.adminUrl,
      max: 1,
      options: `-c search_path=${postgresSchema}`,
    });
    this.outside.on('error', connectionCut);
    this.ends.push(() => this.outside.end());
  }

  static async open(): Promise<LogWorld> {
    return new LogWorld(await freshDatabase());
  }

  async close(): Promise<void> {
    await Promise.all(this.ends.map((end) => end()));
    await this.database.drop();
  }

  replica(overrides: Partial<AppendBounds> = {}): Replica {
    const url = this.database.url('message-store');
    const lane = openLane({ url, name: 'test-append', statementTimeoutMs: 10_000, synchronousCommit: 'on' });
    const pool = new pg.Pool({ connectionString: url, max: 4, options: `-c search_path=${postgresSchema}` });
    for (const each of [lane, pool]) each.on('error', connectionCut);
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: postgresSchema }) });
    const published: Published[] = [];
    const failures: unknown[] = [];
    const logged: string[] = [];
    const live = new LivePublisher((subject, payload) =>
      published.push({ subject, frame: decodeServerFrame(payload) }),
    );
    const rosters = new RosterCache(bounds.maxCachedRosterDevices);
    this.ends.push(async () => {
      await prisma.$disconnect();
      await Promise.all([lane.end(), pool.end()]);
    });
    return {
      lane,
      pool,
      appendPath: new AppendPath({
        append: appendStatement(lane),
        live,
        rosters,
        bounds: { ...bounds, ...overrides },
        onFailure: (error) => failures.push(error),
      }),
      commits: new CommitService(prisma, live, new StoreMetrics(new Metrics('message-store'))),
      conversations: new ConversationsService(prisma),
      departures: new DeparturesService(prisma, live, systemClock),
      statements: new StatementsService(prisma, live, systemClock),
      readdRequests: new ReaddRequestsService(prisma, live),
      resets: new ResetsService(prisma, live, { event: (name) => void logged.push(name) }),
      logged,
      live,
      rosters,
      published,
      failures,
    };
  }

  /** Looks at the tables from outside. */
  async rows<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return (await this.outside.query<Row>(text, [...values])).rows;
  }
}

export function caller(member: MemberDevice): CurrentDevice {
  return { ...member, session: newId<SessionId>(), role: 'member' };
}

export function bundle(
  params: { readonly devices: readonly MemberDevice[]; readonly commitSeq?: number } & Partial<
    Pick<CommitBundle, 'kind' | 'envelope' | 'welcome' | 'commit'>
  >,
): CommitBundle {
  return {
    envelope: newEnvelope(),
    kind: 'commit',
    commitSeq: 0,
    commit: Buffer.from('commit'),
    groupInfo: Buffer.from('group info'),
    welcome: new Uint8Array(0),
    ...params,
  };
}

/** A group whose first commit, at seq 1, has these devices; the first of them made it. */
export async function newGroup(replica: Replica, devices: readonly MemberDevice[]): Promise<ConversationId> {
  const conversation = newId<ConversationId>();
  const created = await replica.commits.create(caller(devices[0] as MemberDevice), {
    conversation,
    kind: 'group',
    first: bundle({ devices }),
  });
  if (created.kind !== 'accepted') throw new Error('not created');
  return conversation;
}

/** Ana and ben in a group of theirs. */
export async function newPair(replica: Replica) {
  const [ana, ben] = [newMember(), newMember()];
  return { ana, ben, conversation: await newGroup(replica, [ana, ben]) };
}

export async function newDirect(
  replica: Replica,
  devices: readonly MemberDevice[],
): Promise<Created & { readonly asked: ConversationId }> {
  const asked = newId<ConversationId>();
  const created = await replica.commits.create(caller(devices[0] as MemberDevice), {
    conversation: asked,
    kind: 'direct',
    first: bundle({ devices }),
  });
  return { ...created, asked };
}

/** Appends as a gateway does: encoded frames in one request. */
export async function append(
  replica: Replica,
  ...requests: readonly AppendRequest[]
): Promise<AppendResults['results']> {
  const items = requests.map(
    ({ from, conversation, commitSeq, envelope = newEnvelope(), text = 'ciphertext' }) => ({
      ...from,
      frame: encodeClientFrame({
        type: 'append',
        request: 1,
        conversation,
        envelope,
        commitSeq,
        ciphertext: Buffer.from(text),
      }),
    }),
  );
  const { results } = await new Promise<AppendResults>((answer) => {
    replica.appendPath.submit({ items }, answer);
  });
  return results;
}
