import type { ConversationId, DeviceId, UserId } from '@cipherchat/protocol';

/** The member devices of a conversation, and the users to whom its live frames go. `version` names this list, and no other. */
export type Roster = {
  readonly version: string;
  readonly devices: ReadonlyMap<DeviceId, UserId>;
  readonly users: readonly UserId[];
};

/**
 * Rosters in memory, longest written out first. Never trusted: each statement is told the version that
 * we have, or answers with the one that is current.
 */
export class RosterCache {
  private readonly rosters = new Map<ConversationId, Roster>();
  private deviceCount = 0;

  constructor(private readonly maxDevices: number) {}

  get(conversation: ConversationId): Roster | undefined {
    return this.rosters.get(conversation);
  }

  /** The last one counts: of two versions nobody can say here which is newer, and an old one is found out by the next statement. */
  put(conversation: ConversationId, roster: Roster): void {
    this.forget(conversation);
    this.rosters.set(conversation, roster);
    this.deviceCount += roster.devices.size;
    for (const oldest of this.rosters.keys()) {
      if (this.deviceCount <= this.maxDevices) break;
      this.forget(oldest);
    }
  }

  private forget(conversation: ConversationId): void {
    this.deviceCount -= this.rosters.get(conversation)?.devices.size ?? 0;
    this.rosters.delete(conversation);
  }
}
