import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  encode,
  queueGroups,
  revocation,
  revocationsQuery,
  revocationsResult,
  subjects,
  type DeviceId,
  type Revocation,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import { Nats } from '@cipherchat/service-kit';
import { Metrics, type Counter } from '@cipherchat/telemetry';
import { bounds } from '../bounds.js';
import { PrismaClient, type Prisma } from '../generated/prisma/client.js';

/** What ends. */
export type Ending =
  | { readonly kind: 'device'; readonly user: UserId; readonly device: DeviceId }
  | {
      readonly kind: 'session';
      readonly user: UserId;
      readonly device: DeviceId;
      readonly session: SessionId;
    };

/** Held from the giving of an order to the commit. A number of our own; no other advisory lock of this database has it. */
const orderLock = 7_301;
const noSession = '00000000-0000-0000-0000-000000000000' as SessionId;

/**
 * Note [Revocations in commit order]
 * Readers ask for what lies after the last place they saw. A sequence alone gives places in the order of
 * insertion, and a transaction that commits late would put a row behind readers who have passed it. So the
 * place is given under a lock that is held until the commit. It is taken last, after all row locks.
 */
@Injectable()
export class RevocationService implements OnModuleInit {
  private readonly countRevocation: Counter<'cipherchat_revocations_total'>;

  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(Nats) private readonly nats: Nats,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.countRevocation = metrics.counter('cipherchat_revocations_total');
  }

  /** Before everyone, auth too, asks for the first time. */
  onModuleInit(): void {
    this.nats.serve({
      subject: subjects.revocations,
      queue: queueGroups.auth,
      question: revocationsQuery,
      answer: revocationsResult,
      handle: async (query) => ({ revocations: await this.after(query) }),
    });
  }

  /** Within the transaction that makes the ending true, as its last step. Publish what it returns after the commit. */
  async record(
    transaction: Prisma.TransactionClient,
    params: { readonly endings: readonly Ending[]; readonly revokedAt: Date },
  ): Promise<readonly Revocation[]> {
    const { endings, revokedAt } = params;
    if (endings.length === 0) return [];
    await transaction.$executeRaw`select pg_advisory_xact_lock(${orderLock})`;
    const rows = await transaction.revocation.createManyAndReturn({
      data: endings.map((ending) => ({
        kind: ending.kind,
        userId: ending.user,
        deviceId: ending.device,
        sessionId: ending.kind === 'session' ? ending.session : null,
        revokedAt,
      })),
    });
    return rows.map(entryOf);
  }

  /** May be lost: everyone also polls. */
  publish(entries: readonly Revocation[]): void {
    for (const entry of entries) {
      this.countRevocation({ kind: entry.kind });
      this.nats.publish(subjects.revoked, encode(revocation, entry));
    }
  }

  private async after(query: { readonly after: number; readonly sinceMs: number }): Promise<Revocation[]> {
    const rows = await this.prisma.revocation.findMany({
      where: {
        revocationOrder: { gt: query.after },
        revokedAt: { gte: new Date(Math.min(query.sinceMs, latestInstantMs)) },
      },
      orderBy: { revocationOrder: 'asc' },
      take: bounds.revocationsPerAnswer,
    });
    return rows.map(entryOf);
  }
}

/** The greatest instant that both JavaScript and Postgres take, so that a malformed question is no error of ours. */
const latestInstantMs = 8_640_000_000_000_000 / 100;

function entryOf(row: {
  readonly revocationOrder: bigint;
  readonly kind: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly sessionId: string | null;
  readonly revokedAt: Date;
}): Revocation {
  return {
    order: Number(row.revocationOrder),
    kind: row.kind === 'session' ? 'session' : 'device',
    user: row.userId as UserId,
    device: row.deviceId as DeviceId,
    session: (row.sessionId as SessionId | null) ?? noSession,
    atMs: row.revokedAt.getTime(),
  };
}
