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
/** Rows read at once while opening. */
const pageRows = 1000;

/** Read freely, changed only by `publish`. */
export class Memory {
  readonly conversations = new Map<ConversationId, ConversationRow>();
  readonly summaries = new Map<ConversationId, SummaryRow>();
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

  /** `null` when the store holds no profile. */
  static async load(store: Store): Promise<Memory | null> {
    const profile = await readOnly(store, tables.profile);
    if (profile === null) return null;
    const memory = new Memory(profile);
    for (const [, row] of await readAll(store, tables.conversations)) memory.conversations.set(row.id, row);
    for (const [key, row] of await readAll(store, tables.summaries))
      memory.summaries.set(key as ConversationId, row);
    for (const [key, row] of await readAll(store, tables.intents)) memory.intents.set(key, row);
    for (const [, row] of await readAll(store, tables.blocks)) memory.blocks.set(row.user, row);
    memory.device = (await readOnly(store, tables.device)) ?? freshDevice;
    memory.session = await readOnly(store, tables.session);
    memory.recovery = (await readOnly(store, tables.recovery)) ?? noRecovery;
    memory.expiryClock = await readOnly(store, tables.expiryClock);
    memory.ownProfile = await readOnly(store, tables.profiles, profile.user);
    return memory;
  }

  /** Takes over what a step has durably written. */
  publish(transaction: Transaction): void {
    for (const [, row] of transaction.changesOf(tables.conversations))
      if (row !== null) this.conversations.set(row.id, row);
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
