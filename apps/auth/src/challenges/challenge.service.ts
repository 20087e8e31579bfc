import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { bytesToBase64url, problem, type DeviceId } from '@cipherchat/protocol';
import { CLOCK, RANDOM_BYTES, REDIS, type Clock, type RandomBytes } from '@cipherchat/service-kit';
import { bounds } from '../bounds.js';

const retryAfterMs = 1_000;

/** Random bytes for a device to sign. They live in Redis for a minute and are taken out by their first use. */
@Injectable()
export class ChallengeService {
  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_BYTES) private readonly random: RandomBytes,
  ) {}

  /** Given for any device id, known or not: the answer tells nothing. */
  async create(device: DeviceId): Promise<{ readonly challenge: Uint8Array; readonly expiresAtMs: number }> {
    const challenge = this.random(bounds.challengeBytes);
    const expiresAtMs = this.clock.nowMs() + bounds.challengeLifetimeMs;
    await available(this.redis.set(keyOf(challenge), device, 'PX', bounds.challengeLifetimeMs));
    return { challenge, expiresAtMs };
  }

  /** Takes the challenge: whoever comes second, with whatever signature, finds none. @throws ProblemError `auth/challenge-unknown` */
  async take(params: { readonly challenge: Uint8Array; readonly device: DeviceId }): Promise<void> {
    const device = await available(this.redis.getdel(keyOf(params.challenge)));
    if (device !== params.device) throw problem('auth/challenge-unknown');
  }
}

function keyOf(challenge: Uint8Array): string {
  return `challenge:${bytesToBase64url(challenge)}`;
}

/** Without Redis nobody signs in; whatever it is that fails there, the client comes back. */
async function available<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch {
    throw problem('service/unavailable', { retryAfterMs });
  }
}
