/**
 * Whether the leaves of a conversation belong to whom they name, by the manifests we hold.
 *
 * A bad leaf is not undone (members who merge differently are in two groups for good): it is shown, our sending
 * stops, and its removal is committed.
 */
import { checkCredentials, type CredentialVerdict, type VerifiedManifest } from '@cipherchat/crypto';
import type { ConversationId, UserId } from '@cipherchat/protocol';
import { jitteredMs } from '../connection/backoff.js';
import { putConversation } from '../conversations/conversation-row.js';
import { addIntent, intentsOf } from '../outbox/intent-table.js';
import { settleStanding } from '../people/standing.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';
import type { LeafCheck, RosterMember } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import { keyChangedOf } from './key-changed.js';
import { readManifest, readOfferedManifest, type Contacts } from './contacts.js';

/** Every member finds a bad leaf at about the same time; the first commit wins and the others find nothing to do. */
const removalJitterMs = 1_000;

export type LeafCheckPorts = {
  readonly steps: Steps;
  readonly memory: Memory;
  readonly contacts: Contacts;
  readonly clock: Clock;
  readonly random: Random;
  readonly serverOffsetMs: () => number;
  /** What waited for a verdict, or a removal that was planned, may go on. */
  readonly wake: (conversation: ConversationId) => void;
};

/** Fetches the manifests of everyone whose leaf is in question, then judges all leaves. @throws NetworkError, ProblemError */
export async function checkConversation(ports: LeafCheckPorts, conversation: ConversationId): Promise<void> {
  const roster = await ports.steps.reader().get(tables.rosters, conversation);
  const inQuestion = (roster?.members ?? []).filter(({ check }) => check !== 'genuine');
  if (inQuestion.length > 0) await ports.contacts.refresh(inQuestion.map(({ user }) => user));
  const asked = new Set(inQuestion.map(({ user }) => user));
  await ports.steps.run('keys/check-leaves', (transaction) =>
    judgeLeaves(ports, transaction, { conversation, asked }),
  );
}

/** The same after a user's manifest changed: leaves that were genuine may no longer be. */
export async function checkUser(ports: LeafCheckPorts, user: UserId): Promise<void> {
  await ports.contacts.refresh([user]);
  for (const conversation of ports.memory.conversations.keys()) {
    const roster = await ports.steps.reader().get(tables.rosters, conversation);
    if (roster?.members.some((member) => member.user === user) === true) {
      await ports.steps.run('keys/check-leaves', (transaction) =>
        judgeLeaves(ports, transaction, { conversation, asked: new Set([user]) }),
      );
    }
  }
}

/** The same within a step that has changed what is known of the user's account. */
export async function judgeLeavesOf(
  ports: LeafCheckPorts,
  transaction: Transaction,
  user: UserId,
): Promise<void> {
  for (const conversation of ports.memory.conversations.keys()) {
    const roster = await transaction.get(tables.rosters, conversation);
    if (roster?.members.some((member) => member.user === user) === true)
      await judgeLeaves(ports, transaction, { conversation, asked: new Set([user]) });
  }
}

/** `asked`: the directory has just answered for these users; one it does not know is nobody, not somebody unread. */
async function judgeLeaves(
  ports: LeafCheckPorts,
  transaction: Transaction,
  params: { readonly conversation: ConversationId; readonly asked: ReadonlySet<UserId> },
): Promise<void> {
  const { conversation, asked } = params;
  const roster = await transaction.get(tables.rosters, conversation);
  if (roster === null) return;
  const nowS = Math.floor((ports.clock.nowMs() + ports.serverOffsetMs()) / 1000);
  const { manifests, pins } = await knownKeys(transaction, roster.members);
  const { checked } = checkCredentials({ members: roster.members, manifests, pins, nowS });
  const members = roster.members.map((member, index): RosterMember => ({
    ...member,
    check: leafCheckOf({ verdict: checked[index]?.verdict, isAsked: asked.has(member.user) }),
  }));
  if (members.every(({ check }, index) => check === roster.members[index]?.check)) return;
  transaction.put(tables.rosters, conversation, { members });
  await settleRow(ports, transaction, { conversation, members });
  transaction.after(() => ports.wake(conversation));
  await answerBadLeaves(ports, transaction, { conversation, before: roster.members, members });
}

/** What of the row rests on the checks. */
async function settleRow(
  { memory }: LeafCheckPorts,
  transaction: Transaction,
  params: { readonly conversation: ConversationId; readonly members: readonly RosterMember[] },
): Promise<void> {
  const { conversation, members } = params;
  const row = await transaction.get(tables.conversations, conversation);
  if (row === null) return;
  const { standing } = await settleStanding({ transaction, memory }, { row, members });
  const keyChanged = keyChangedOf(members);
  const isSame = standing === row.standing && keyChanged.join() === row.keyChanged.join();
  if (!isSame) putConversation(transaction, { ...row, standing, keyChanged });
}

async function knownKeys(transaction: Transaction, members: readonly RosterMember[]) {
  const manifests = new Map<string, VerifiedManifest>();
  const pins = new Map<string, Uint8Array>();
  for (const user of new Set(members.map((member) => member.user))) {
    // Another account key is what is judged until it is settled: it fits no pin, so nothing is sent.
    const manifest =
      (await readOfferedManifest(transaction, user)) ?? (await readManifest(transaction, user));
    const contact = await transaction.get(tables.contacts, user);
    if (manifest !== null) manifests.set(user, manifest);
    if (contact?.pin != null) pins.set(user, contact.pin);
  }
  return { manifests, pins };
}

function leafCheckOf(params: {
  readonly verdict: CredentialVerdict | undefined;
  readonly isAsked: boolean;
}): LeafCheck {
  const { verdict = 'manifest-missing', isAsked } = params;
  if (verdict !== 'manifest-missing') return verdict;
  return isAsked ? 'device-not-listed' : 'unchecked';
}

async function answerBadLeaves(
  ports: LeafCheckPorts,
  transaction: Transaction,
  found: {
    readonly conversation: ConversationId;
    readonly before: readonly RosterMember[];
    readonly members: readonly RosterMember[];
  },
): Promise<void> {
  const { memory, clock, random } = ports;
  const { conversation, before, members } = found;
  const isRemovable = ({ device, check }: RosterMember): boolean =>
    device !== memory.profile.device &&
    check !== 'genuine' &&
    check !== 'unchecked' &&
    check !== 'account-key-changed';
  for (const member of members) {
    const was = before.find(({ leafIndex }) => leafIndex === member.leafIndex)?.check;
    if (member.check === 'genuine' || member.check === 'unchecked' || member.check === was) continue;
    transaction.emit({
      type: 'alarm',
      data: { user: member.user, device: member.device, conversation, reason: member.check },
    });
  }
  const planned = intentsOf({ transaction, memory, conversation }).flatMap(({ work }) =>
    work.kind === 'remove-devices' ? work.devices : [],
  );
  const devices = members
    .filter((member) => isRemovable(member) && !planned.some(({ device }) => device === member.device))
    .map(({ user, device }) => ({ user, device }));
  if (devices.length === 0) return;
  const nowMs = clock.nowMs();
  const notBeforeMs = nowMs + jitteredMs({ baseMs: removalJitterMs, random });
  await addIntent(
    { transaction, memory },
    { conversation, work: { kind: 'remove-devices', devices }, addedAtMs: nowMs, notBeforeMs },
  );
}
