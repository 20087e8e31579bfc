import { Inject, Injectable } from '@nestjs/common';
import { refreshContext, verifyDeviceProof } from '@cipherchat/crypto/verify';
import {
  idFromRandom,
  isProblem,
  problem,
  type DeviceId,
  type DeviceProof,
  type Revocation,
  type SessionId,
  type Tokens,
} from '@cipherchat/protocol';
import {
  CLOCK,
  EventLog,
  RANDOM_BYTES,
  signAccessToken,
  type Clock,
  type CurrentDevice,
  type RandomBytes,
} from '@cipherchat/service-kit';
import { Metrics, type Counter } from '@cipherchat/telemetry';
import { bounds } from '../bounds.js';
import { ChallengeService } from '../challenges/challenge.service.js';
import { lockDevice } from '../devices/device-lock.js';
import { requireProof } from '../devices/device-proof.js';
import { PrismaClient, type Prisma } from '../generated/prisma/client.js';
import { RevocationService } from '../revocations/revocation.service.js';
import { SigningKeys } from '../signing-keys/signing-keys.js';
import { hashOf, isSameHash, newRefreshToken, sessionOf } from './refresh-token.js';

const dayMs = 86_400_000;

/** A session as it was written; `tokens` makes what the client gets, after the commit. */
export type WrittenSession = { readonly caller: CurrentDevice; readonly refreshToken: string };

type Rotation =
  | { readonly kind: 'rotated'; readonly session: WrittenSession }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'reused'; readonly revocations: readonly Revocation[] };

/** Sessions: begun by a signed challenge, kept by refresh tokens that work once, ended by signing out. */
@Injectable()
export class SessionService {
  private readonly countSignIn: Counter<'cipherchat_sign_ins_total'>;
  private readonly countRefresh: Counter<'cipherchat_refreshes_total'>;

  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(ChallengeService) private readonly challenges: ChallengeService,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(SigningKeys) private readonly keys: SigningKeys,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_BYTES) private readonly random: RandomBytes,
    @Inject(EventLog) private readonly log: EventLog,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.countSignIn = metrics.counter('cipherchat_sign_ins_total');
    this.countRefresh = metrics.counter('cipherchat_refreshes_total');
  }

  async signIn(proof: DeviceProof): Promise<Tokens> {
    try {
      await this.challenges.take(proof);
      const device = await this.prisma.device.findUnique({ where: { deviceId: proof.device } });
      requireProof({ proof, leafKey: device?.leafKey });
      const written = await this.prisma.$transaction((transaction) => this.start(transaction, proof.device));
      this.countSignIn({ outcome: 'accepted' });
      return await this.tokens(written);
    } catch (error) {
      if (isProblem(error) && error.status < 500) this.countSignIn({ outcome: 'refused' });
      throw error;
    }
  }

  /** A new session in place of the device's earlier one. */
  async start(transaction: Prisma.TransactionClient, device: DeviceId): Promise<WrittenSession> {
    const { user, role } = await lockDevice(transaction, device);
    const session = idFromRandom<SessionId>(this.random);
    const refreshToken = newRefreshToken({ session, random: this.random });
    await transaction.session.updateMany({
      where: { deviceId: device, endedAt: null },
      data: { endedAt: this.now() },
    });
    await transaction.session.create({
      data: {
        sessionId: session,
        deviceId: device,
        refreshHash: hashOf(refreshToken),
        expiresAt: this.expiry(),
      },
    });
    await this.seen(transaction, device);
    return { caller: { user, device, session, role }, refreshToken };
  }

  async refresh(params: { readonly refreshToken: string; readonly signature: Uint8Array }): Promise<Tokens> {
    const { refreshToken, signature } = params;
    const session = sessionOf(refreshToken);
    const found =
      session === undefined
        ? null
        : await this.prisma.session.findUnique({ where: { sessionId: session }, include: { device: true } });
    const leafKey = found?.device.leafKey ?? null;
    if (session === undefined || found === null || leafKey === null) {
      this.countRefresh({ outcome: 'invalid' });
      throw problem('auth/refresh-invalid');
    }
    const device = found.deviceId as DeviceId;
    const challenge = new TextEncoder().encode(refreshToken);
    // Before anything is told or ended: a stranger with a stolen or invented token must not end a session.
    if (!verifyDeviceProof({ context: refreshContext, challenge, device, leafKey, signature })) {
      this.countRefresh({ outcome: 'signature-invalid' });
      throw problem('auth/signature-invalid');
    }
    const rotation = await this.prisma.$transaction((transaction) =>
      this.rotate(transaction, { device, session, refreshToken }),
    );
    this.countRefresh({ outcome: rotation.kind });
    switch (rotation.kind) {
      case 'rotated':
        return this.tokens(rotation.session);
      case 'invalid':
        throw problem('auth/refresh-invalid');
      case 'reused':
        this.revocations.publish(rotation.revocations);
        this.log.event('auth.refresh-reused');
        throw problem('auth/refresh-reused');
    }
  }

  async signOut(caller: CurrentDevice): Promise<void> {
    this.revocations.publish(await this.prisma.$transaction((transaction) => this.end(transaction, caller)));
  }

  /** Signs the access token of a session that was committed. */
  async tokens(written: WrittenSession): Promise<Tokens> {
    const { caller, refreshToken } = written;
    const { privateKey, keyId } = this.keys;
    return {
      ...caller,
      ...(await signAccessToken({ caller, key: privateKey, keyId, nowMs: this.clock.nowMs() })),
      refreshToken,
    };
  }

  private async rotate(
    transaction: Prisma.TransactionClient,
    params: { readonly device: DeviceId; readonly session: SessionId; readonly refreshToken: string },
  ): Promise<Rotation> {
    const { device, session, refreshToken } = params;
    const { user, role } = await lockDevice(transaction, device);
    const caller: CurrentDevice = { user, device, session, role };
    // Under the device's lock: of two uses of one token at once, the second sees what the first did.
    const current = await transaction.session.findUnique({ where: { sessionId: session } });
    if (current === null || current.endedAt !== null || current.expiresAt <= this.now())
      return { kind: 'invalid' };
    if (!isSameHash(current.refreshHash, hashOf(refreshToken)))
      return { kind: 'reused', revocations: await this.end(transaction, caller) };
    const next = newRefreshToken({ session, random: this.random });
    await transaction.session.update({
      where: { sessionId: session },
      data: { refreshHash: hashOf(next), expiresAt: this.expiry() },
    });
    await this.seen(transaction, device);
    return { kind: 'rotated', session: { caller, refreshToken: next } };
  }

  private async end(
    transaction: Prisma.TransactionClient,
    caller: CurrentDevice,
  ): Promise<readonly Revocation[]> {
    const { user, device, session } = caller;
    // Not only a living session: its successor may be there, and its own last access token still valid.
    const endedAt = this.now();
    await transaction.session.updateMany({ where: { sessionId: session, endedAt: null }, data: { endedAt } });
    return this.revocations.record(transaction, {
      endings: [{ kind: 'session', user, device, session }],
      revokedAt: endedAt,
    });
  }

  /** The day only: more would be a diary of its owner. */
  private async seen(transaction: Prisma.TransactionClient, device: DeviceId): Promise<void> {
    const today = new Date(Math.floor(this.clock.nowMs() / dayMs) * dayMs);
    await transaction.device.updateMany({
      where: { deviceId: device, OR: [{ lastSeenDay: null }, { lastSeenDay: { lt: today } }] },
      data: { lastSeenDay: today },
    });
  }

  private now(): Date {
    return new Date(this.clock.nowMs());
  }

  private expiry(): Date {
    return new Date(this.clock.nowMs() + bounds.sessionIdleMs);
  }
}
