/** What the server keeps of an account besides conversations: devices and sessions; for administrators, invites, other accounts, and conversations that are beyond repair. */
import {
  authRoutes,
  conversationRoutes,
  keysRoutes,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '@cipherchat/protocol';
import type { Api } from './connection/api.js';
import { removeFromManifest, type OwnManifestPorts } from './keys/own-manifest.js';

/** A device as the server lists it. */
export type AccountDevice = {
  readonly device: DeviceId;
  readonly createdAtMs: number;
  /** The day it was last seen, `2026-11-21`; `null` when it never was. */
  readonly lastSeenDay: string | null;
  readonly revokedAtMs: number | null;
  /** Whether it is this one. */
  readonly current: boolean;
};

/** Every call asks the server. @throws NetworkError, ProblemError, AccessEndedError */
export class Account {
  private readonly api: Api;

  constructor(private readonly ports: OwnManifestPorts) {
    this.api = ports.api;
  }

  async devices(): Promise<readonly AccountDevice[]> {
    return (await this.api.call(authRoutes.listDevices, {})).devices;
  }

  /**
   * Its sessions end, its sockets close, its groups remove it. It cannot be undone: the account's manifest no longer
   * names the device, which every client remembers, also after the server forgot (a restore from backup).
   */
  async revokeDevice(device: DeviceId): Promise<void> {
    const manifest = await removeFromManifest(this.ports, device);
    await this.api.call(authRoutes.revokeDevice, { path: { device } });
    // What is lost from here on is made good later: this device publishes its newest manifest now and then.
    if (manifest !== null) await this.api.call(keysRoutes.publishManifest, { request: { manifest } });
  }

  /** Ends this session; the device can sign in again with its key, and does so when it is opened. */
  async signOut(): Promise<void> {
    await this.api.call(authRoutes.signOut, {});
  }

  /** Deletes the account with all its devices. It cannot be undone, and the username stays taken. */
  async delete(): Promise<void> {
    await this.api.call(authRoutes.deleteAccount, {});
  }

  /** For administrators: a code by which up to `uses` people may register within `expiresInS` seconds. */
  async createInvite(params: {
    readonly uses: number;
    readonly expiresInS: number;
  }): Promise<{ readonly invite: string; readonly expiresAtMs: number }> {
    return this.api.call(authRoutes.createInvite, { request: params });
  }

  /** For administrators: locks an account. */
  async disableUser(user: UserId): Promise<void> {
    await this.api.call(authRoutes.disableUser, { path: { user } });
  }

  /** For administrators: unlocks it again. */
  async enableUser(user: UserId): Promise<void> {
    await this.api.call(authRoutes.enableUser, { path: { user } });
  }

  /**
   * For administrators: closes a conversation whose members cannot get back into its group (`repair` of it is
   * `unanswered`) until one of them opens it again, which their clients do by themselves. Every member sees it. Nothing is lost, read, added or
   * removed by it. The answer is its place in the log; while it is closed, asking again changes nothing.
   */
  async resetConversation(conversation: ConversationId): Promise<{ readonly seq: number }> {
    return this.api.call(conversationRoutes.reset, { path: { conversation } });
  }
}
