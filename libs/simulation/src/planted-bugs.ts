/**
 * The bugs that a survey must find, planted through the ports of what they break. None needs a switch in product code:
 * each wraps what a process is given, and the process does the wrong thing by it.
 */
import type { ClientOptions, Store } from '@cipherchat/client-sdk';
import { tables, type ModelConversation } from '@cipherchat/client-sdk/testing';
import { LivePublisher, type AppendStatement } from '@cipherchat/message-store/delivery';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  idFromBytes,
  type ClientFrame,
  type ConversationId,
  type EnvelopeId,
  type MemberDevice,
  type ServerFrame,
} from '@cipherchat/protocol';
import type { BusConnection } from './bus.js';
import { ModelDatabase, type Database } from './model-database.js';
import type { Plant } from './plant.js';

/** Between the wrong thing and what should have come before it. */
const tooEarlyMs = 20;

/** The store answers, and stores afterwards. */
const ackBeforeCommit: Plant = {
  name: 'ack before commit',
  store: ({ database, process, clock }) => ({
    ...portsOf(database),
    append: foretold(database, async (params, verdicts) => {
      clock.setTimer(() => {
        if (process.isAlive) void database.append(params);
      }, tooEarlyMs);
      return verdicts;
    }),
  }),
};

/** The store publishes, and stores afterwards. */
const publishBeforeCommit: Plant = {
  name: 'publish before commit',
  store: ({ database, process, bus, clock }) => ({
    ...portsOf(database),
    append: foretold(database, async (params, verdicts) => {
      const live = new LivePublisher((subject, payload) => bus.publish(subject, payload));
      for (const [index, { conversation, envelope, ciphertext }] of params.items.entries()) {
        const verdict = verdicts[index];
        if (verdict?.kind !== 'accepted') continue;
        const { seq, atMs, roster } = verdict;
        live.tell(roster.users, { type: 'deliver', conversation, seq, envelope, atMs, ciphertext });
      }
      await clock.wait(tooEarlyMs);
      if (!process.isAlive) return new Promise<never>(() => undefined);
      return database.append(params);
    }),
  }),
};

/** The client acknowledges what it is about to store. */
const cursorBeforeStore: Plant = {
  name: 'cursor before store',
  client: (options, clock) => {
    let send: (frame: ClientFrame) => void = () => undefined;
    return {
      ...options,
      socket: watchSocket(options, { opened: (sender) => (send = sender) }),
      store: withWrite(options.store, async (batch, write) => {
        const positions = batch.puts.flatMap(({ table, value }) => {
          if (table !== tables.conversations.name) return [];
          const { id, cursorSeq } = tables.conversations.decode(value);
          return cursorSeq > 0 ? [{ conversation: id, seq: cursorSeq }] : [];
        });
        if (positions.length > 0) {
          send({ type: 'acknowledge', positions });
          await clock.wait(tooEarlyMs);
        }
        return write(batch);
      }),
    };
  },
};

/** A live message that comes too early takes the cursor with it: what lies between counts as read. */
const cursorPastGap: Plant = {
  name: 'cursor moved past a gap by a live message',
  client: (options) => {
    const live = new Map<ConversationId, number>();
    const received = (frame: ServerFrame): void => {
      if (frame.type === 'deliver') live.set(frame.conversation, frame.seq);
    };
    return {
      ...options,
      socket: watchSocket(options, { received }),
      store: {
        ...options.store,
        get: async (table, key) => {
          const value = await options.store.get(table, key);
          const seq = live.get(key as ConversationId);
          if (table !== tables.conversations.name || value === null || seq === undefined) return value;
          const row = tables.conversations.decode(value);
          return row.cursorSeq >= seq - 1
            ? value
            : tables.conversations.encode({ ...row, cursorSeq: seq - 1 });
        },
      },
    };
  },
};

/** The gateway does not hear that its subscriptions were gone for a while, so it tells nobody to look. */
const droppedResync: Plant = {
  name: 'dropped resync, by the gateway',
  gatewayBus: (bus) =>
    new Proxy<BusConnection>(bus, {
      get: (target, name) => {
        if (name === 'onStatus') return () => () => undefined;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
};

/** The client does not look when it is told to. */
const ignoredResync: Plant = {
  name: 'dropped resync, by the client',
  client: (options) => ({
    ...options,
    socket: watchSocket(options, { passes: (frame) => frame.type !== 'resync' }),
  }),
};

/** The store takes a resend for something new. */
const storeWithoutDedupe: Plant = {
  name: 'missing dedupe, in the store',
  database: (params) => new ForgetfulDatabase(params),
};

/** The client gives a resend another envelope id, so that nobody can know it for one. */
const clientWithoutDedupe: Plant = {
  name: 'missing dedupe, in the client',
  client: (options) => {
    const seen = new Set<EnvelopeId>();
    const renamed = (frame: ClientFrame): ClientFrame => {
      if (frame.type !== 'append') return frame;
      if (!seen.has(frame.envelope)) {
        seen.add(frame.envelope);
        return frame;
      }
      const envelope = idFromBytes<EnvelopeId>(options.random?.(16) ?? new Uint8Array(16), 0);
      return { ...frame, envelope };
    };
    return { ...options, socket: watchSocket(options, { renamed }) };
  },
};

/** The client takes a read mark for sent as soon as the socket took it. */
const markBeforeAnswer: Plant = {
  name: 'read mark sent once the socket took it',
  client: (options) => {
    let self: Pick<MemberDevice, 'user' | 'device'> | null = null;
    const echoed = (frame: ClientFrame): ServerFrame | null =>
      frame.type === 'signal' && self !== null ? { ...frame, ...self } : null;
    return {
      ...options,
      socket: watchSocket(options, { echoed }),
      store: {
        ...options.store,
        get: async (table, key) => {
          const value = await options.store.get(table, key);
          if (table === tables.profile.name && value !== null) {
            const { user, device } = tables.profile.decode(value);
            self = { user, device };
          }
          return value;
        },
      },
    };
  },
};

/** What one client and its successors on the same disk would know alike is not planted: a bug of one process is enough. */
export const plantedBugs: readonly Plant[] = [
  ackBeforeCommit,
  publishBeforeCommit,
  cursorBeforeStore,
  cursorPastGap,
  droppedResync,
  ignoredResync,
  storeWithoutDedupe,
  clientWithoutDedupe,
  markBeforeAnswer,
];

class ForgetfulDatabase extends ModelDatabase {
  protected override judge(
    log: ModelConversation,
    append: Parameters<ModelDatabase['judge']>[1],
  ): ReturnType<ModelDatabase['judge']> {
    const known = log.entries.findIndex(({ envelope }) => envelope === append.envelope);
    const first = log.entries[known];
    if (first === undefined) return super.judge(log, append);
    // For as long as it judges, the log has never seen it.
    log.entries[known] = { ...first, envelope: idFromBytes<EnvelopeId>(new Uint8Array(16), 0) };
    const verdict = super.judge(log, append);
    log.entries[known] = first;
    return verdict;
  }
}

function portsOf(database: Database): Database {
  return {
    append: (params) => database.append(params),
    foretell: (params) => database.foretell(params),
    advance: (params) => database.advance(params),
    pending: (caller) => database.pending(caller),
    signal: (...params) => database.signal(...params),
    heads: () => database.heads(),
    http: (...params) => database.http(...params),
  };
}

/** An append that knows the verdicts before anything is stored. */
function foretold(
  database: Database,
  append: (
    params: Parameters<AppendStatement>[0],
    verdicts: Awaited<ReturnType<AppendStatement>>,
  ) => ReturnType<AppendStatement>,
): AppendStatement {
  return async (params) => append(params, await database.foretell(params));
}

function withWrite(
  store: Store,
  write: (batch: Parameters<Store['write']>[0], inner: Store['write']) => Promise<void>,
): Store {
  return { ...store, write: (batch) => write(batch, store.write) };
}

function watchSocket(
  options: ClientOptions,
  watch: {
    readonly opened?: (send: (frame: ClientFrame) => void) => void;
    readonly received?: (frame: ServerFrame) => void;
    readonly passes?: (frame: ServerFrame) => boolean;
    readonly renamed?: (frame: ClientFrame) => ClientFrame;
    readonly echoed?: (frame: ClientFrame) => ServerFrame | null;
  },
): NonNullable<ClientOptions['socket']> {
  const { socket } = options;
  if (socket === undefined) throw new Error('a simulated client has a socket of its own');
  return {
    open: (params) => {
      const open = socket.open({
        ...params,
        listener: {
          ...params.listener,
          received: (bytes) => {
            const frame = decodeServerFrame(bytes);
            watch.received?.(frame);
            if (watch.passes?.(frame) ?? true) params.listener.received(bytes);
          },
        },
      });
      watch.opened?.((frame) => open.send(encodeClientFrame(frame)));
      return {
        send: (bytes) => {
          open.send(
            watch.renamed === undefined ? bytes : encodeClientFrame(watch.renamed(decodeClientFrame(bytes))),
          );
          const echo = watch.echoed?.(decodeClientFrame(bytes)) ?? null;
          if (echo !== null) queueMicrotask(() => params.listener.received(encodeServerFrame(echo)));
        },
        close: () => open.close(),
      };
    },
  };
}
