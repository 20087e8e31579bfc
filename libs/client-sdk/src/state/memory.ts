/** The small tables that are asked for all the time, held in memory as last written. */
import type { ConversationId, UserId } from '@cipherchat/protocol';
import type { IntentRow } from '../outbox/intents.js';
import type { Store } from '../store/store.js';
import type { RecoveryRow } from '../recovery/recovery-rows.js';
import type { ExpiryClockRow } from './expiry-rows.js';
import type { BlockRow, PersonProfileRow } from './people-rows.js';
import type { ConversationRow, DeviceRow, ProfileRow, SessionRow } from './rows.js';
import type { SummaryRow } from './summary-rows.js';
import { only, tables, type Table } from './tables.js';
import type { Transaction } from './transaction.js';

const freshDevice: DeviceRow = {
  generation: null,
  nextIntentOrder: 1,
  readMarks: 'sent',
  failureReports: 'sent',
};
const noRecovery: RecoveryRow = { current: null, candidate: null };
/** Rows read at once while opening: what a tab asks meanwhile is answered in between. */
const pageRows = 250;

/** Read freely, changed only by `publish`. */
export class Memory {
  readonly conversations = new Map<ConversationId, ConversationRow>();
  readonly summaries = new Map<ConversationId, SummaryRow>();
  /** The conversations that a list begins with: `conversations/front.ts`. */
  front: readonly ConversationId[] = [];
  /** By key, which sorts in the order of writing. */
  readonly intents = new Map<string, IntentRow>();
  readonly blocks = new Map<UserId, BlockRow>();
  device: DeviceRow = freshDevice;
  session: SessionRow | null = null;
  recovery: RecoveryRow = noRecovery;
  /** `null` before anything counted. */
  expiryClock: ExpiryClockRow | null = null;
  /** Of this account. */
  ownProfile: PersonProfileRow | null = null;

  constructor(public profile: ProfileRow) {}

  /** All of it; `null` when the store holds no profile. */
  static async load(store: Store): Promise<Memory | null> {
    const memory = await Memory.loadSmall(store);
    await memory?.readRest(store);
    return memory;
  }

  /** With those conversations that a list begins with, to be shown until `readRest`; `null` when the store holds no profile. */
  static async loadFront(store: Store): Promise<Memory | null> {
    const memory = await Memory.loadSmall(store);
    if (memory === null) return null;
    const read = async (id: ConversationId): Promise<void> => {
      const [conversation, summary] = await Promise.all([
        readOnly(store, tables.conversations, id),
        readOnly(store, tables.summaries, id),
      ]);
      if (conversation !== null) memory.conversations.set(id, conversation);
      if (summary !== null) memory.summaries.set(id, summary);
    };
    await Promise.all(memory.front.map(read));
    return memory;
  }

  /** What does not grow with the conversations. */
  private static async loadSmall(store: Store): Promise<Memory | null> {
    const profile = await readOnly(store, tables.profile);
    if (profile === null) return null;
    const memory = new Memory(profile);
    // At once: somebody waits for it, and each is a way to the disk and back.
    const [front, blocks, device, session, recovery, expiryClock, ownProfile] = await Promise.all([
      readOnly(store, tables.front),
      readAll(store, tables.blocks),
      readOnly(store, tables.device),
      readOnly(store, tables.session),
      readOnly(store, tables.recovery),
      readOnly(store, tables.expiryClock),
      readOnly(store, tables.profiles, profile.user),
    ]);
    memory.front = front ?? [];
    for (const [, row] of blocks) memory.blocks.set(row.user, row);
    memory.device = device ?? freshDevice;
    memory.session = session;
    memory.recovery = recovery ?? noRecovery;
    memory.expiryClock = expiryClock;
    memory.ownProfile = ownProfile;
    return memory;
  }

  /** Nothing may have changed in the store meanwhile. */
  async readRest(store: Store): Promise<void> {
    const [conversations, summaries, intents] = await Promise.all([
      readAll(store, tables.conversations),
      readAll(store, tables.summaries),
      readAll(store, tables.intents),
    ]);
    for (const [, row] of conversations) this.conversations.set(row.id, row);
    for (const [key, row] of summaries) this.summaries.set(key as ConversationId, row);
    for (const [key, row] of intents) this.intents.set(key, row);
  }

  /** Takes over what a step has durably written. */
  publish(transaction: Transaction): void {
    for (const [, row] of transaction.changesOf(tables.conversations))
      if (row !== null) this.conversations.set(row.id, row);
    for (const [, row] of transaction.changesOf(tables.front)) this.front = row ?? [];
    for (const [key, row] of transaction.changesOf(tables.summaries)) {
      if (row === null) this.summaries.delete(key as ConversationId);
      else this.summaries.set(key as ConversationId, row);
    }
    for (const [key, row] of transaction.changesOf(tables.intents)) {
      if (row === null) this.intents.delete(key);
      else this.intents.set(key, row);
    }
    for (const [user, row] of transaction.changesOf(tables.blocks)) {
      if (row === null) this.blocks.delete(user as UserId);
      else this.blocks.set(row.user, row);
    }
    for (const [user, row] of transaction.changesOf(tables.profiles))
      if (user === this.profile.user) this.ownProfile = row;
    for (const [, row] of transaction.changesOf(tables.expiryClock)) this.expiryClock = row;
    for (const [, row] of transaction.changesOf(tables.device)) this.device = row ?? freshDevice;
    for (const [, row] of transaction.changesOf(tables.session)) this.session = row;
    for (const [, row] of transaction.changesOf(tables.recovery)) this.recovery = row ?? noRecovery;
    for (const [, row] of transaction.changesOf(tables.profile)) this.profile = row ?? this.profile;
  }
}

async function readOnly<Row>(store: Store, table: Table<Row>, key: string = only): Promise<Row | null> {
  const bytes = await store.get(table.name, key);
  return bytes === null ? null : table.decode(bytes);
}

async function readAll<Row>(
  store: Store,
  table: Table<Row>,
): Promise<ReadonlyArray<readonly [key: string, row: Row]>> {
  const all: Array<readonly [string, Row]> = [];
  for (;;) {
    const after = all.at(-1)?.[0];
    const rows = await store.scan({
      table: table.name,
      prefix: '',
      limit: pageRows,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...rows.map(({ key, value }) => [key, table.decode(value)] as const));
    if (rows.length < pageRows) return all;
  }
}
