/**
 * Whom this account blocks. The wish is kept here at once, also without a network, and told to the server as soon as it
 * can be: from then on it hands the blocked no key package of ours. All devices of the account follow the server's list.
 *
 * - A wish that the server was not told yet is told; nothing that the server says undoes it.
 * - One that it was told in this generation and does not list any more was undone by another device.
 * - After a restore from backup the server may have lost it: it is told again.
 */
import { isProblem, limits, peopleRoutes, type UserId } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import type { Memory } from '../state/memory.js';
import type { BlockRow } from '../state/people-rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';

/** As many people are blocked as may be; nothing was changed. */
export class TooManyBlocksError extends Error {
  override readonly name = 'TooManyBlocksError';
  constructor() {
    super(`at most ${limits.maxBlocksPerUser} people can be blocked`);
  }
}

/** No generation is known yet: what is told now is told again in the first one. */
const beforeReady = 0;

type Ports = { readonly api: Api; readonly steps: Steps; readonly memory: Memory };

export class Blocks {
  private settling: Promise<void> | null = null;
  private isSettledAgain = false;

  constructor(private readonly ports: Ports) {}

  /** @throws TooManyBlocksError */
  async wish(user: UserId, wish: BlockRow['wish']): Promise<void> {
    const { steps, memory } = this.ports;
    await steps.run('people/blocks', (transaction) => putWish({ transaction, memory }, { user, wish }));
  }

  /** Tells the server what it does not know yet, then follows its list; one after another. @throws NetworkError, ProblemError */
  settle(): Promise<void> {
    this.isSettledAgain = true;
    this.settling ??= this.run().finally(() => (this.settling = null));
    return this.settling;
  }

  private async run(): Promise<void> {
    while (this.isSettledAgain) {
      this.isSettledAgain = false;
      const { memory, api } = this.ports;
      // Never the one of an answer: what was told before a restore counts as told before it.
      const generation = memory.device.generation ?? beforeReady;
      for (const row of [...memory.blocks.values()].filter(({ toldIn }) => toldIn !== generation))
        await this.tell(row, generation);
      const { users } = await api.call(peopleRoutes.listBlocks, {});
      await this.follow(new Set(users), generation);
    }
  }

  private async tell({ user, wish }: BlockRow, generation: number): Promise<void> {
    const isKept = await this.isTaken({ user, wish });
    await this.ports.steps.run('people/blocks', async (transaction) => {
      const row = await transaction.get(tables.blocks, user);
      // The person has changed their mind meanwhile: that is told next.
      if (row?.wish !== wish) return;
      if (wish === 'blocked' && isKept) transaction.put(tables.blocks, user, { ...row, toldIn: generation });
      else remove(transaction, user);
    });
  }

  /** False when the server cannot block them: they are gone, or too many are blocked by other devices. */
  private async isTaken({ user, wish }: Pick<BlockRow, 'user' | 'wish'>): Promise<boolean> {
    try {
      await this.ports.api.call(wish === 'blocked' ? peopleRoutes.block : peopleRoutes.unblock, {
        path: { user },
      });
      return true;
    } catch (error) {
      const isRefused =
        isProblem(error) && (error.is('directory/user-unknown') || error.is('directory/too-many-blocks'));
      if (isRefused) return false;
      throw error;
    }
  }

  private async follow(listed: ReadonlySet<UserId>, generation: number): Promise<void> {
    const { steps, memory } = this.ports;
    const known = [...memory.blocks.values()];
    const isUndone = (row: BlockRow): boolean => row.toldIn === generation && !listed.has(row.user);
    const isNew = (user: UserId): boolean => !memory.blocks.has(user);
    if (!known.some(isUndone) && ![...listed].some(isNew)) return;
    await steps.run('people/blocks', (transaction) => {
      for (const row of memory.blocks.values()) if (isUndone(row)) remove(transaction, row.user);
      for (const user of listed)
        if (isNew(user)) put(transaction, { user, wish: 'blocked', toldIn: generation });
    });
  }
}

/** Within another's step; the server is to be told after it. @throws TooManyBlocksError */
export async function putWish(
  { transaction, memory }: { readonly transaction: Transaction; readonly memory: Memory },
  { user, wish }: Pick<BlockRow, 'user' | 'wish'>,
): Promise<void> {
  const row = await transaction.get(tables.blocks, user);
  if ((row?.wish ?? 'unblocked') === wish) return;
  if (row === null && memory.blocks.size >= limits.maxBlocksPerUser) throw new TooManyBlocksError();
  put(transaction, { user, wish, toldIn: null });
}

/** Whether nothing of this person is to be seen. */
export function isBlocked({ blocks }: Pick<Memory, 'blocks'>, user: UserId): boolean {
  return blocks.get(user)?.wish === 'blocked';
}

function put(transaction: Transaction, row: BlockRow): void {
  transaction.put(tables.blocks, row.user, row);
  transaction.emit({ type: 'contact', data: { user: row.user, blocked: row.wish === 'blocked' } });
}

function remove(transaction: Transaction, user: UserId): void {
  transaction.delete(tables.blocks, user);
  transaction.emit({ type: 'contact', data: { user, blocked: false } });
}
