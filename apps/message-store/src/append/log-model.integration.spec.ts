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
  isExternal: fc.boolean(),
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
const action = fc.oneof(
  { weight: 6, arbitrary: appendAction },
  { weight: 3, arbitrary: commitAction },
  { weight: 1, arbitrary: leaveAction },
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
});

async function one(setting: Setting, replica: Replica, action: Action): Promise<void> {
  switch (action.kind) {
    case 'append': {
      const requests = requestsOf(setting, action);
      expect(answersOf(await append(replica, ...requests))).toEqual(modelAnswers(setting.logs, requests));
      return;
    }
    case 'commit':
      await commitOne(setting, replica, action);
      return;
    case 'leave': {
      const log = setting.logs[action.conversation] as ModelLog;
      const user = (setting.devices[action.user * 2] as MemberDevice).user;
      const left = await codeOf(
        replica.departures.leave(user, setting.conversations[action.conversation] as ConversationId),
      );
      expect(left).toBe(leave(log, action.user) ? '' : 'conversation/unknown');
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

async function commitOne(setting: Setting, replica: Replica, action: CommitAction): Promise<void> {
  const { by, conversation: index, back: steps, envelope: number, members, isExternal } = action;
  const log = setting.logs[index] as ModelLog;
  const commitSeq = Math.max(0, log.lastCommit - steps);
  const devices = members.map((member) => setting.devices[member] as MemberDevice);
  const request = bundle({
    devices,
    commitSeq,
    envelope: setting.envelopeOf(index, number),
    kind: isExternal ? 'external-commit' : 'commit',
  });
  const expected = commitTo(log, {
    by,
    conversation: index,
    commitSeq,
    envelope: number,
    members,
    isExternal,
  });
  expect(await verdictOf(replica, setting, { by, index, request })).toEqual(expected);
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
    const stored = new Map(seqs.slice(1).map(({ seq, envelope_id: id }) => [id, Number(seq)]));
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
