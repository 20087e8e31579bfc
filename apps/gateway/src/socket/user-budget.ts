import type { UserId } from '@cipherchat/protocol';

/**
 * What all devices of a user send together, at all gateways. Redis is asked for a token once in so many sends, after
 * the fact: the hot path never waits for it.
 */
export class UserBudget {
  private readonly counts = new Map<UserId, number>();

  constructor(
    private readonly params: {
      readonly sendsPerToken: number;
      /** Milliseconds to wait; 0 when there was a token. */
      readonly takeToken: (user: UserId) => Promise<number>;
      readonly limit: (user: UserId, waitMs: number) => void;
    },
  ) {}

  sent(user: UserId): void {
    const count = (this.counts.get(user) ?? 0) + 1;
    if (count < this.params.sendsPerToken) {
      this.counts.set(user, count);
      return;
    }
    this.counts.delete(user);
    void this.take(user);
  }

  forget(user: UserId): void {
    this.counts.delete(user);
  }

  private async take(user: UserId): Promise<void> {
    const waitMs = await this.params.takeToken(user);
    if (waitMs > 0) this.params.limit(user, waitMs);
  }
}
