import type { ConversationId, UserId } from '@cipherchat/protocol';

/** The users to whom a conversation's live frames go. `version` counts the changes of its member list. */
export type Roster = { readonly version: number; readonly users: readonly UserId[] };

/**
 * Rosters in memory, longest written out first. Never trusted: each statement is told the version that
 * we have, and answers with the roster where that is not the current one.
 */
export class RosterCache {
  private readonly rosters = new Map<ConversationId, Roster>();
  private userCount = 0;

  constructor(private readonly maxUsers: number) {}

  get(conversation: ConversationId): Roster | undefined {
    return this.rosters.get(conversation);
  }

  put(conversation: ConversationId, roster: Roster): void {
    const known = this.rosters.get(conversation);
    // An answer that overtook a newer one.
    if (known !== undefined && known.version > roster.version) return;
    if (known !== undefined) {
      this.rosters.delete(conversation);
      this.userCount -= known.users.length;
    }
    this.rosters.set(conversation, roster);
    this.userCount += roster.users.length;
    for (const [oldest, { users }] of this.rosters) {
      if (this.userCount <= this.maxUsers) break;
      this.rosters.delete(oldest);
      this.userCount -= users.length;
    }
  }
}
