/**
 * The model of the log against the real function, over random interleavings: two replicas take random batches,
 * commits and departures, some at the same time. Whatever order Postgres gave them, that order explains all answers.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ProblemError,
  type AppendResults,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type MemberDevice,
  type UserId,
} from '@cipherchat/protocol';
import { append, bundle, caller, LogWorld, newGroup, newId, type Replica } from '../log-world.fixture.js';
import {
  appendTo,
  commitTo,
  leave,
  newLog,
  resetTo,
  userOf,
  type ModelCommitVerdict,
  type ModelLog,
  type ModelVerdict,
} from './log-model.fixture.js';

const deviceCount = 6;
const conversationCount = 2;
const runs = 40;

let world: LogWorld;
let replicas: readonly Replica[];

beforeAll(async () => {
  world = await LogWorld.open();
  replicas = [world.replica(), world.replica({ maxWriteItems: 3 })];
});
afterAll(() => world.close());

const conversation = fc.nat(conversationCount - 1);
const device = fc.nat(deviceCount - 1);
/** Few, so that they repeat. */
const envelope = fc.nat(11);
/** How far back from the last commit: mostly right, sometimes stale, sometimes of the future. */
const back = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: -1, max: 5 }) },
);
const appendAction = fc.record({
  kind: fc.constant('append' as const),
  items: fc.array(fc.record({ from: device, conversation, back, envelope }), { minLength: 1, maxLength: 6 }),
});
const commitAction = fc.record({
  kind: fc.constant('commit' as const),
  by: device,
  conversation,
  back,
  envelope,
  members: fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
  as: fc.oneof(
    { weight: 3, arbitrary: fc.constant('commit' as const) },
    { weight: 2, arbitrary: fc.constant('external-commit' as const) },
    { weight: 2, arbitrary: fc.constant('anchor' as const) },
    { weight: 1, arbitrary: fc.constant('founding' as const) },
  ),
});
/** A batch that holds an envelope twice is two transactions, and another batch may come between. */
const oneTransaction = appendAction.map((batch) => ({
  ...batch,
  items: batch.items.filter(
    (item, index) =>
      batch.items.findIndex(
        (other) => other.conversation === item.conversation && other.envelope === item.envelope,
      ) === index,
  ),
}));
const leaveAction = fc.record({ kind: fc.constant('leave' as const), user: fc.nat(2), conversation });
const resetAction = fc.record({ kind: fc.constant('reset' as const), conversation });
const action = fc.oneof(
  { weight: 6, arbitrary: appendAction },
  { weight: 3, arbitrary: commitAction },
  { weight: 1, arbitrary: leaveAction },
  { weight: 1, arbitrary: resetAction },
);
const scenario = fc.array(fc.record({ action, replica: fc.nat(1) }), { minLength: 5, maxLength: 30 });
type ValueOf<A> = A extends fc.Arbitrary<infer Value> ? Value : never;
type Action = ValueOf<typeof action>;
type AppendAction = ValueOf<typeof appendAction>;
type CommitAction = ValueOf<typeof commitAction>;

type Setting = {
  readonly devices: readonly MemberDevice[];
  readonly conversations: readonly ConversationId[];
  readonly envelopeOf: (conversation: number, envelope: number) => EnvelopeId;
  readonly logs: readonly ModelLog[];
};

async function newSetting(): Promise<Setting> {
  const users = Array.from({ length: deviceCount / 2 }, () => newId<UserId>());
  const devices = Array.from({ length: deviceCount }, (_, index) => ({
    user: users[userOf(index)] as UserId,
    device: newId<DeviceId>(),
  }));
  const members = [0, 1, 2, 3];
  const conversations = await Promise.all(
    Array.from({ length: conversationCount }, () =>
      newGroup(
        replicas[0] as Replica,
        members.map((index) => devices[index] as MemberDevice),
      ),
    ),
  );
  const seed = newId<EnvelopeId>().slice(0, 8);
  const envelopeOf = (ofConversation: number, number: number): EnvelopeId =>
    `${seed}-0000-4000-8000-${String(ofConversation * 100 + number).padStart(12, '0')}` as EnvelopeId;
  return { devices, conversations, envelopeOf, logs: conversations.map(() => newLog(members)) };
}

describe('the log', () => {
  it('answers every sequence of actions as the model does', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (steps) => {
        const setting = await newSetting();
        for (const { action: next, replica } of steps) await one(setting, replicas[replica] as Replica, next);
        await sameAsModel(setting);
      }),
      { numRuns: runs },
    );
  }, 120_000);

  it('gives racing batches of two replicas answers that one order explains', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(oneTransaction, oneTransaction), { minLength: 1, maxLength: 10 }),
        async (rounds) => {
          const setting = await newSetting();
          for (const pair of rounds) await race(setting, pair);
          await sameAsModel(setting);
        },
      ),
      { numRuns: runs },
    );
  }, 120_000);

  it('closes by a reset that races with batches and commits before or after each, and loses nothing of either', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(oneTransaction, commitAction), conversation), {
          minLength: 1,
          maxLength: 10,
        }),
        async (rounds) => {
          const setting = await newSetting();
          for (const [other, index] of rounds) await raceWithReset(setting, other, index);
          await sameAsModel(setting);
        },
      ),
      { numRuns: runs },
    );
  }, 120_000);
});

async function one(setting: Setting, replica: Replica, action: Action): Promise<void> {
  switch (action.kind) {
    case 'append':
    case 'commit': {
      const attempt =
        action.kind === 'append' ? appendAttempt(setting, action) : commitAttempt(setting, action);
      const answer = await attempt.real(replica);
      expect(answer).toEqual(attempt.model(setting.logs));
      return;
    }
    case 'leave': {
      const log = setting.logs[action.conversation] as ModelLog;
      const user = (setting.devices[action.user * 2] as MemberDevice).user;
      const left = await codeOf(
        replica.departures.leave(user, setting.conversations[action.conversation] as ConversationId),
      );
      expect(left).toBe(leave(log, action.user) ? '' : 'conversation/unknown');
      return;
    }
    case 'reset': {
      const { seq } = await replica.resets.reset(
        setting.conversations[action.conversation] as ConversationId,
      );
      expect(seq).toBe(resetTo(setting.logs[action.conversation] as ModelLog));
    }
  }
}

/** The frames as clients send them, with what the model needs to judge them. */
function requestsOf(setting: Setting, { items }: AppendAction) {
  return items.map(({ from, conversation: index, back: steps, envelope: number }) => {
    const commitSeq = Math.max(0, (setting.logs[index] as ModelLog).lastCommit - steps);
    return {
      from: setting.devices[from] as MemberDevice,
      conversation: setting.conversations[index] as ConversationId,
      commitSeq,
      envelope: setting.envelopeOf(index, number),
      model: { index, append: { from, conversation: index, commitSeq, envelope: number } },
    };
  });
}

function modelAnswers(
  logs: readonly ModelLog[],
  requests: ReturnType<typeof requestsOf>,
): readonly ModelVerdict[] {
  return requests.map(({ model }) => appendTo(logs[model.index] as ModelLog, model.append));
}

function answersOf(results: AppendResults['results']): readonly (readonly [string, number])[] {
  return results.map(({ outcome, seq }) => [outcome, seq]);
}

type Attempt = {
  readonly real: (replica: Replica) => Promise<unknown>;
  readonly model: (logs: readonly ModelLog[]) => unknown;
};

function appendAttempt(setting: Setting, action: AppendAction): Attempt {
  const requests = requestsOf(setting, action);
  return {
    real: async (replica) => answersOf(await append(replica, ...requests)),
    model: (logs) => modelAnswers(logs, requests),
  };
}

function commitAttempt(setting: Setting, action: CommitAction): Attempt {
  const { by, conversation: index, back: steps, envelope: number, members, as } = action;
  const commitSeq = Math.max(0, (setting.logs[index] as ModelLog).lastCommit - steps);
  const request = bundle({
    devices: members.map((member) => setting.devices[member] as MemberDevice),
    commitSeq,
    envelope: setting.envelopeOf(index, number),
    kind: as === 'founding' ? 'anchor' : as,
    welcome: new Uint8Array(as === 'founding' ? 1 : 0),
  });
  return {
    real: (replica) => verdictOf(replica, setting, { by, index, request }),
    model: (logs) =>
      commitTo(logs[index] as ModelLog, {
        by,
        conversation: index,
        commitSeq,
        envelope: number,
        members,
        as,
      }),
  };
}

async function verdictOf(
  replica: Replica,
  setting: Setting,
  params: { readonly by: number; readonly index: number; readonly request: ReturnType<typeof bundle> },
): Promise<ModelCommitVerdict> {
  try {
    const { seq } = await replica.commits.commit(
      caller(setting.devices[params.by] as MemberDevice),
      setting.conversations[params.index] as ConversationId,
      params.request,
    );
    return { kind: 'accepted', seq };
  } catch (error) {
    if (error instanceof ProblemError) return { kind: error.code };
    throw error;
  }
}

async function codeOf(work: Promise<void>): Promise<string> {
  try {
    await work;
    return '';
  } catch (error) {
    if (error instanceof ProblemError) return error.code;
    throw error;
  }
}

/** The two answers are those of one after the other, in either order. */
async function raceWithReset(
  setting: Setting,
  other: AppendAction | CommitAction,
  index: number,
): Promise<void> {
  const [first, second] = replicas as readonly [Replica, Replica];
  const doReset = first.resets.reset(setting.conversations[index] as ConversationId);
  const attempt = other.kind === 'append' ? appendAttempt(setting, other) : commitAttempt(setting, other);
  const [{ seq }, answer] = await Promise.all([doReset, attempt.real(second)]);
  const resetFirst = structuredClone(setting.logs);
  const after = [resetTo(resetFirst[index] as ModelLog), attempt.model(resetFirst)];
  const resetLast = structuredClone(setting.logs);
  const before = attempt.model(resetLast);
  const last = [resetTo(resetLast[index] as ModelLog), before];
  const isFirst = JSON.stringify([seq, answer]) === JSON.stringify(after);
  expect([seq, answer]).toEqual(isFirst ? after : last);
  for (const [place, log] of (isFirst ? resetFirst : resetLast).entries())
    Object.assign(setting.logs[place] as ModelLog, log);
}

/** Two batches at once: a transaction holds all its locks before it looks, so one of them was first. */
async function race(setting: Setting, pair: readonly [AppendAction, AppendAction]): Promise<void> {
  const requests = pair.map((action) => requestsOf(setting, action));
  const [first = [], second = []] = requests;
  const answers = (
    await Promise.all([append(replicas[0] as Replica, ...first), append(replicas[1] as Replica, ...second)])
  ).map(answersOf);
  const inOrder = structuredClone(setting.logs);
  const orderly = [modelAnswers(inOrder, first), modelAnswers(inOrder, second)];
  const reversed = structuredClone(setting.logs);
  const later = modelAnswers(reversed, second);
  const reverse = [modelAnswers(reversed, first), later];
  const holds = JSON.stringify(answers) === JSON.stringify(orderly) ? inOrder : reversed;
  expect(answers).toEqual(holds === inOrder ? orderly : reverse);
  for (const [index, log] of holds.entries()) Object.assign(setting.logs[index] as ModelLog, log);
}

/** What the tables say is what the model says. */
async function sameAsModel(setting: Setting): Promise<void> {
  for (const [index, conversationId] of setting.conversations.entries()) {
    const log = setting.logs[index] as ModelLog;
    const [row] = await world.rows<{ head_seq: string; last_commit_seq: string; open_commit_seqs: string[] }>(
      'SELECT * FROM conversations WHERE id = $1',
      [conversationId],
    );
    expect([Number(row?.head_seq), Number(row?.last_commit_seq), row?.open_commit_seqs.map(Number)]).toEqual([
      log.head,
      log.lastCommit,
      log.open,
    ]);
    const seqs = await world.rows<{ seq: string; envelope_id: EnvelopeId }>(
      'SELECT seq, envelope_id FROM envelopes WHERE conversation_id = $1 ORDER BY seq',
      [conversationId],
    );
    expect(seqs.map(({ seq }) => Number(seq))).toEqual(
      Array.from({ length: log.head }, (_, place) => place + 1),
    );
    const stored = new Map(
      seqs
        .slice(1)
        .filter(({ seq }) => !log.resets.includes(Number(seq)))
        .map(({ seq, envelope_id: id }) => [id, Number(seq)]),
    );
    expect(stored).toEqual(
      new Map([...log.envelopes].map(([number, seq]) => [setting.envelopeOf(index, number), seq])),
    );
    const members = await world.rows<{ device_id: DeviceId; departing: boolean }>(
      'SELECT device_id, departing_at IS NOT NULL AS departing FROM members WHERE conversation_id = $1 AND left_seq IS NULL',
      [conversationId],
    );
    const expected = [...log.members].map(
      (member) => [(setting.devices[member] as MemberDevice).device, log.departing.has(member)] as const,
    );
    expect(new Map(members.map(({ device_id: id, departing }) => [id, departing]))).toEqual(
      new Map(expected),
    );
  }
}
