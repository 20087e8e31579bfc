/** What the people do who run the server. */
import type { ModelBackup } from '@cipherchat/client-sdk/testing';
import { conversationRoutes, pathOf } from '@cipherchat/protocol';
import type { Run } from './run.js';

const maxRestoreMs = 4_000;
const maxRestores = 2;

export class Operator {
  private backup: ModelBackup | null = null;
  private restores = 0;

  constructor(private readonly run: Run) {}

  /** Backups and restores take turns; the second restore may come while clients still find their way back from the first. */
  backUpOrRestore(): void {
    const { chance, clock, system } = this.run;
    if (this.restores >= maxRestores) return;
    if (this.backup === null) return void (this.backup = system.database.backup());
    system.restore(this.backup);
    // The same may be restored again.
    if (chance.happens(0.5)) this.backup = null;
    this.restores++;
    this.run.restored = true;
    clock.setTimer(() => void system.startAll(), chance.below(maxRestoreMs));
  }

  /** By an administrator, without need, and nobody is told: members learn of it when they look, or write. */
  resetConversation(): void {
    const { chance, conversations, origin, system, trace } = this.run;
    const [token] = origin.services.sessions.keys();
    if (token === undefined || conversations.length === 0) return;
    const conversation = chance.pick(conversations);
    trace.note(`${conversation} is reset`);
    this.run.wasReset = true;
    void system.database.http(
      {
        method: 'POST',
        url: `http://store.test${pathOf(conversationRoutes.reset, { conversation })}`,
        headers: { authorization: `Bearer ${token}` },
      },
      () => undefined,
    );
  }
}
