/**
 * What is left to do once the account has this device: it joins the conversations in which the account's other devices
 * are, and then those that were lost go.
 *
 * joining → (every conversation has this device, or it took too long) → the lost are named no more, and revoked → done
 *
 * Looked at whenever the client is live, and every few seconds until it is done; each round begins with what the server
 * says, so a crash anywhere loses nothing. Other members see a device that joined, then ones that were removed; the
 * account key, and so the safety number, is what it was.
 */
import { accountKeyFromSecret, signManifest } from '@cipherchat/crypto';
import {
  authRoutes,
  conversationRoutes,
  isProblem,
  keysRoutes,
  type ConversationId,
  type DeviceId,
} from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { backoffMs } from '../connection/backoff.js';
import { readManifest } from '../keys/contacts.js';
import { checkUser, type LeafCheckPorts } from '../keys/leaf-check.js';
import type { CancelTimer } from '../ports/clock.js';
import { only, tables } from '../state/tables.js';

/**
 * A conversation that cannot be joined (closed after a restore, its members away) must not keep a lost device in the
 * account for ever. Members add this one there.
 */
const patienceMs = 10 * 60 * 1000;
/** Devices of one account that change its manifest at once. */
const maxAttempts = 5;

type ComeBackPorts = LeafCheckPorts & {
  readonly api: Api;
  readonly isLive: () => boolean;
  /** The conversation is there: learn of it, and join it. */
  readonly noteHead: (conversation: ConversationId, seq: number) => void;
  readonly fault: (during: string, error: unknown) => void;
};

export class ComeBack {
  private cancel: CancelTimer = () => undefined;
  private rounds = 0;
  private isWorking = false;

  constructor(private readonly ports: ComeBackPorts) {}

  /** Live: on with it, if there is anything left to do. */
  begin(): void {
    this.rounds = 0;
    void this.work();
  }

  private async work(): Promise<void> {
    this.cancel();
    if (this.isWorking || !this.isDue()) return;
    this.isWorking = true;
    try {
      await this.round();
    } catch (error) {
      this.ports.fault('recovery', error);
    } finally {
      this.isWorking = false;
    }
    if (!this.isDue()) return;
    const delayMs = backoffMs({ failures: this.rounds++, random: this.ports.random });
    this.cancel = this.ports.clock.setTimer(() => void this.work(), delayMs);
  }

  private isDue(): boolean {
    return this.ports.isLive() && this.ports.memory.profile.recovery?.stage === 'joining';
  }

  private async round(): Promise<void> {
    const { memory, clock, noteHead } = this.ports;
    const { recovery } = memory.profile;
    if (recovery === null) return;
    const missing = await this.notJoined();
    // At least 1: a log that the server calls empty is read all the same.
    for (const { conversation, headSeq } of missing) noteHead(conversation, Math.max(1, headSeq));
    if (missing.length > 0 && clock.nowMs() - recovery.sinceMs < patienceMs) return;
    await this.removeLost(recovery.lost);
    for (const device of recovery.lost) await this.revoke(device);
    await this.ports.steps.run('session/registered', (transaction) =>
      transaction.put(tables.profile, only, { ...memory.profile, recovery: null }),
    );
    await checkUser(this.ports, memory.profile.user);
  }

  private async notJoined(): Promise<
    ReadonlyArray<{ readonly conversation: ConversationId; readonly headSeq: number }>
  > {
    const missing: { readonly conversation: ConversationId; readonly headSeq: number }[] = [];
    for (let after: ConversationId | undefined; ;) {
      const { conversations, more } = await this.ports.api.call(conversationRoutes.list, {
        query: after === undefined ? {} : { after },
      });
      missing.push(...conversations.filter((listed) => !listed.joined || !this.isIn(listed.conversation)));
      after = conversations.at(-1)?.conversation;
      if (!more || after === undefined) return missing;
    }
  }

  /** The server may know of a joining before this device does, which then takes what it joins for the account's own. */
  private isIn(conversation: ConversationId): boolean {
    const phase = this.ports.memory.conversations.get(conversation)?.phase;
    return phase !== undefined && phase !== 'joining';
  }

  private async revoke(device: DeviceId): Promise<void> {
    try {
      await this.ports.api.call(authRoutes.revokeDevice, { path: { device } });
    } catch (error) {
      // Never one of this account's: what is not there needs no revoking.
      if (!isProblem(error) || !error.is('request/not-found')) throw error;
    }
  }

  /** Published before it is stored: two devices that do this at once must not sign two manifests of one version. */
  private async removeLost(lost: readonly DeviceId[]): Promise<void> {
    const { api, steps, memory, contacts } = this.ports;
    const { user, accountKey, accountSecret } = memory.profile;
    for (let attempt = 1; ; attempt++) {
      await contacts.refresh([user]);
      const known = await readManifest(steps.reader(), user);
      const devices = known?.devices.filter(({ device }) => !lost.includes(device as DeviceId)) ?? [];
      if (known === null || devices.length === 0 || devices.length === known.devices.length) return;
      const { bytes } = signManifest({
        accountKey: accountKeyFromSecret(accountSecret),
        manifest: { user, accountKey, version: known.version + 1, devices },
      });
      try {
        await api.call(keysRoutes.publishManifest, { request: { manifest: bytes } });
        return await contacts.refresh([user]);
      } catch (error) {
        if (!isProblem(error) || !error.is('directory/manifest-stale') || attempt === maxAttempts)
          throw error;
      }
    }
  }
}
