/** This account's own invite links: as anybody may have them, with a token, and taken back. */
import { countedTime, observed } from '../expiry/expiry-clock.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';
import { only, tables } from '../state/tables.js';
import { inviteLink } from './invite-link.js';
import { tokenLifeMs, tokensInForce, tokensToHandOut } from './invite-tokens.js';

type Ports = {
  readonly steps: Steps;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly random: Random;
};

/** A link whose holders are let in without being asked about. */
export type LinkWithToken = {
  readonly link: string;
  /** From then on, by this device's clock, it is a link as any other; so it is once it was used so often. */
  readonly endsAtMs: number;
  readonly usesLeft: number;
};

/** The token is stored before anybody sees it: a link that was handed out works, whatever crashes. */
export async function linkWithToken({ steps, memory, clock, random }: Ports): Promise<LinkWithToken> {
  const { token, usesLeft, leftMs } = await steps.run('people/invites', async (transaction) => {
    const nowMs = countedTime({ transaction, memory }, { nowMs: clock.nowMs() });
    const known = (await transaction.get(tables.invites, only))?.tokens ?? [];
    const tokens = tokensToHandOut(known, { nowMs, random });
    transaction.put(tables.invites, only, { tokens });
    return { ...tokens[0], leftMs: tokens[0].madeAtMs + tokenLifeMs - nowMs };
  });
  const { serverUrl, user, accountKey } = memory.profile;
  const link = inviteLink({ serverUrl, user, accountKey, token });
  return { link, usesLeft, endsAtMs: clock.nowMs() + leftMs };
}

/** From now on nobody comes in by a link of before without being asked about. */
export async function resetTokens({ steps }: Pick<Ports, 'steps'>): Promise<void> {
  await steps.run('people/invites', (transaction) => transaction.delete(tables.invites, only));
}

/** Whether any link lets its holders in. */
export async function hasTokens({ steps, memory, clock }: Omit<Ports, 'random'>): Promise<boolean> {
  const row = await steps.read((reader) => reader.get(tables.invites, only));
  const { countedMs: nowMs } = observed(memory.expiryClock, { nowMs: clock.nowMs() });
  return tokensInForce(row?.tokens ?? [], { nowMs }).length > 0;
}
