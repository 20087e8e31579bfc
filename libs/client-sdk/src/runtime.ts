/**
 * All parts of a running client, put together. The parts know each other only through what is passed here:
 *
 *     socket → connection → inbox → steps → store
 *                  ↑          ↓ (wakes)
 *               exchange ← outbox → steps → store
 */
import type { DeviceKeys } from '@cipherchat/crypto';
import type { ConversationId } from '@cipherchat/protocol';
import type { ClientPorts } from './client-ports.js';
import { Api } from './connection/api.js';
import { Connection } from './connection/connection.js';
import { isExpectedFailure } from './connection/expected-failure.js';
import { Session } from './connection/session.js';
import { Upkeep } from './connection/upkeep.js';
import { dispatchFrames } from './dispatch-frames.js';
import { Emitter, type ClientEvent, type ConnectionState } from './events.js';
import { Sweeper } from './expiry/sweeper.js';
import { Acknowledger } from './inbox/acknowledger.js';
import { FailureReports } from './inbox/failure-reports.js';
import { Inbox } from './inbox/inbox.js';
import { Contacts } from './keys/contacts.js';
import { planRemoval } from './keys/departures.js';
import { KeyPackages } from './keys/key-packages.js';
import { checkConversation, checkUser, judgeLeavesOf, type LeafCheckPorts } from './keys/leaf-check.js';
import { Receipts } from './messages/receipts.js';
import { Signals } from './messages/signals.js';
import { Outbox } from './outbox/outbox.js';
import { Blocks } from './people/blocks.js';
import { isHidden } from './people/hide-blocked.js';
import { Requests } from './people/requests.js';
import { closableClock } from './ports/clock.js';
import type { Memory } from './state/memory.js';
import { Comparisons } from './repair/comparisons.js';
import { Steps } from './state/steps.js';
import { ComeBack } from './recovery/come-back.js';
import { Recovery } from './recovery/recovery-key.js';
import { adoptGeneration, type AdoptPorts } from './restore/adopt-generation.js';
import { restoreAccount } from './restore/restore-account.js';
import { only, tables } from './state/tables.js';

export type Runtime = ReturnType<typeof createRuntime>;

export function createRuntime(params: {
  readonly ports: ClientPorts;
  readonly memory: Memory;
  readonly writerGeneration: number;
  readonly whole: Promise<void>;
}) {
  const { ports, memory, writerGeneration, whole } = params;
  const { random, engine, store, probe } = ports;
  const clock = closableClock(ports.clock);
  const emitter = new Emitter();
  const emit = (event: ClientEvent): void => {
    if (!isHidden(memory, event)) emitter.emit(event);
    // Perhaps it was accepted, and what was read there may be told.
    if (event.type === 'conversation') signals.readMarks.send(event.data.id);
  };
  const { user, device, leafKey, leafSecret } = memory.profile;
  const keys: DeviceKeys = { user, device, leafKey, leafSecret };

  const steps = new Steps({
    store,
    memory,
    writerGeneration,
    whole,
    probe,
    publishEvent: emit,
    expiring: (dueMs) => sweeper.note(dueMs),
    halted: (reason) => connection.stop(reason),
  });
  const api = new Api({
    http: ports.http,
    serverUrl: memory.profile.serverUrl,
    generations: {
      adopted: () => memory.device.generation,
      refused: (named) => connection.generationEnded(named),
    },
  });
  const serverOffsetMs = (): number => connection.serverOffsetMs;
  const session = new Session({ api, steps, memory, clock, serverOffsetMs });
  api.useTokens(session);

  /** Work that nobody waits for: what fails in an expected way is tried again by whoever began it. */
  const inBackground = (during: string, work: () => Promise<void>): void => {
    work().catch((error: unknown) => fault(during, error));
  };
  const fault = (during: string, error: unknown): void => {
    if (!isExpectedFailure(error)) emit({ type: 'fault', data: { during, error } });
  };
  let connections = 0;
  const isLive = (): boolean => connection.state.kind === 'live';
  const connected = (): number | null =>
    isLive() || connection.state.kind === 'catching-up' ? connections : null;
  const send = (frame: Parameters<Connection['send']>[0]): boolean => connection.send(frame);
  const contacts: Contacts = new Contacts({
    api,
    steps,
    offered: (...of) => judgeLeavesOf(leafCheck, ...of),
  });
  const blocks = new Blocks({ api, steps, memory });
  const wake = (conversation: ConversationId): void => outbox.wake(conversation);
  const leafCheck: LeafCheckPorts = { steps, memory, contacts, clock, random, serverOffsetMs, wake };
  const checkLeaves = (conversation: ConversationId): Promise<void> =>
    checkConversation(leafCheck, conversation);
  const keyPackages = new KeyPackages({ api, steps, memory, engine, keys, clock, serverOffsetMs });
  const failureReports = new FailureReports({ steps, memory, clock, random, send });
  const acknowledger = new Acknowledger({ clock, random, send });
  const outbox: Outbox = new Outbox({
    api,
    steps,
    memory,
    contacts,
    engine,
    keys,
    clock,
    random,
    isLive,
    serverOffsetMs,
    send,
    isCaughtUp: (conversation) => inbox.isCaughtUp(conversation),
    deliver: (frame) => inbox.deliver(frame),
    noteHead: (conversation, seq) => inbox.noteHead(conversation, seq),
    checkLeaves,
    fault,
  });
  const requests = new Requests({
    steps,
    memory,
    clock,
    wake,
    blocked: () => inBackground('blocks', () => blocks.settle()),
  });
  const departing = (
    conversation: ConversationId,
    leaving: { readonly user: typeof user; readonly device: typeof device },
  ): void =>
    inBackground('departure', () =>
      planRemoval({ steps, memory, clock, random, wake }, { conversation, ...leaving }),
    );
  const sweeper = new Sweeper({ steps, memory, clock, fault });
  const receipts = new Receipts({ api, steps, memory, clock, departing, fault });
  const signals = new Signals({ steps, memory, receipts, sweeper, clock, random, isLive, send, emit, fault });
  const comparisons: Comparisons = new Comparisons({
    api,
    steps,
    memory,
    engine,
    clock,
    random,
    isLive,
    settled: (conversation, compared) => inbox.settle(conversation, compared),
    wake,
    inBackground,
  });
  const inbox: Inbox = new Inbox({
    engine,
    keys,
    memory,
    clock,
    random,
    api,
    steps,
    acknowledge: (conversation, seq) => acknowledger.note(conversation, seq),
    lost: (loss) => failureReports.note(loss),
    progressed: (conversation) => {
      outbox.wake(conversation);
      comparisons.progressed(conversation);
      signals.readMarks.send(conversation);
    },
    checkLeaves,
    stateDoubted: (conversation) => comparisons.begin(conversation, 0),
    compare: (conversation, seq) => comparisons.begin(conversation, seq),
    connected,
    leavesChanged: (conversation) => inBackground('leaf check', () => checkLeaves(conversation)),
    fault,
  });
  const recovery = new Recovery({ api, steps, memory, random });
  const comeBack = new ComeBack({
    ...leafCheck,
    api,
    isLive,
    noteHead: (conversation, seq) => inbox.noteHead(conversation, seq),
    fault,
  });

  const received = dispatchFrames({
    inbox,
    outbox,
    receipts,
    signals,
    comparisons,
    departing,
    manifestChanged: (of) => checkUser(leafCheck, of),
    inBackground,
  });

  const upkeep = new Upkeep({
    tasks: [
      { name: 'key packages', carryOut: () => keyPackages.replenish() },
      { name: 'receipts', carryOut: () => receipts.refresh() },
      { name: 'blocks', carryOut: () => blocks.settle() },
      { name: 'recovery record', carryOut: () => recovery.settle() },
      { name: 'own manifest', carryOut: () => restoreAccount({ api, steps, memory }) },
    ],
    clock,
    random,
    isLive,
    fault,
  });

  const stateChanged = (state: ConnectionState): void => {
    if (state.kind === 'catching-up') connections++;
    if (state.kind === 'live') {
      inbox.wakeAll();
      outbox.wakeAll();
      comparisons.wakeAll();
      upkeep.begin();
      comeBack.begin();
      signals.connected();
    } else {
      outbox.disconnected();
      signals.disconnected();
      if (state.kind === 'stopped') upkeep.end();
    }
    emit({ type: 'connection', data: state });
  };

  const adopting: AdoptPorts = {
    api,
    steps,
    memory,
    engine,
    clock,
    random,
    forgetLogs: () => {
      acknowledger.forget();
      inbox.forget();
      comparisons.forget();
    },
  };
  const connection: Connection = new Connection({
    api,
    session,
    socket: ports.socket,
    clock,
    random,
    // A write is what finds out: the check and the write are one transaction.
    stillWriter: () =>
      steps.run('connection/still-writer', (transaction) =>
        transaction.put(tables.device, only, memory.device),
      ),
    greeted: ({ generation }) => adoptGeneration(adopting, generation),
    received,
    stateChanged,
  });

  let isErased = false;
  /** Everything ends: no timer, no socket, no step after this. */
  const close = async (): Promise<void> => {
    signals.presence.leave();
    connection.stop('closed');
    clock.close();
    await steps.stop();
    if (!isErased) await store.close();
  };

  /** The same, and nothing of the account is left in the store. */
  const erase = async (): Promise<void> => {
    connection.stop('signed-out');
    clock.close();
    await steps.stop();
    isErased = true;
    await store.erase();
  };

  return {
    ports,
    close,
    erase,
    memory,
    steps,
    emitter,
    api,
    session,
    contacts,
    blocks,
    requests,
    leafCheck,
    keyPackages,
    outbox,
    inbox,
    receipts,
    signals,
    failureReports,
    sweeper,
    recovery,
    connection,
    inBackground,
  };
}
