import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { problem } from '@cipherchat/protocol';
import { CONFIG, EventLog, type Role } from '@cipherchat/service-kit';
import type { AuthConfig } from '../config.js';
import type { Prisma } from '../generated/prisma/client.js';
import { InviteService } from '../invites/invite.service.js';
import { hashOf } from '../sessions/refresh-token.js';

export type Admission = { readonly role: Role; readonly inviteHash: Uint8Array<ArrayBuffer> | null };

/** Held by whoever may become the first administrator, until it is decided. */
const bootstrapLock = 7_302;

/** Decides who may register, and as what. */
@Injectable()
export class AdmissionService {
  constructor(
    @Inject(CONFIG) private readonly config: AuthConfig,
    @Inject(InviteService) private readonly invites: InviteService,
    @Inject(EventLog) private readonly log: EventLog,
  ) {}

  /** @throws ProblemError `auth/bootstrap-closed`, `auth/registration-closed`, `auth/invite-invalid` */
  async admit(
    transaction: Prisma.TransactionClient,
    params: { readonly invite?: string | undefined; readonly bootstrapToken?: string | undefined },
  ): Promise<Admission> {
    if (params.bootstrapToken !== undefined) {
      await this.requireBootstrap(transaction, params.bootstrapToken);
      return { role: 'admin', inviteHash: null };
    }
    if (this.config.registration === 'open') return { role: 'member', inviteHash: null };
    if (params.invite === undefined) throw problem('auth/registration-closed');
    const inviteHash = await this.invites.take(transaction, params.invite);
    if (inviteHash === null) throw problem('auth/invite-invalid');
    return { role: 'member', inviteHash };
  }

  private async requireBootstrap(transaction: Prisma.TransactionClient, token: string): Promise<void> {
    const expected = this.config.bootstrapToken;
    if (expected === undefined || !timingSafeEqual(hashOf(token), hashOf(expected)))
      throw problem('auth/bootstrap-closed');
    await transaction.$executeRaw`select pg_advisory_xact_lock(${bootstrapLock})`;
    // A pending one counts: two must not become the first at once.
    const admins = await transaction.account.count({
      where: { role: 'admin', state: { notIn: ['deleting', 'deleted'] } },
    });
    if (admins > 0) throw problem('auth/bootstrap-closed');
    this.log.event('auth.bootstrap-used');
  }
}
