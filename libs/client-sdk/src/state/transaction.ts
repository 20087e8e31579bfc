/**
 * What one step reads and is going to write. Reads see the step's own changes; nothing leaves this
 * object before `Steps` has written it, so a step that throws has changed nothing.
 */
import type { GroupState, RecordChanges } from '@cipherchat/crypto';
import type { ConversationId } from '@cipherchat/protocol';
import type { ClientEvent } from '../events.js';
import type { ScanQuery, Store, StoreDelete, StorePut } from '../store/store.js';
import type { GroupCache } from './group-cache.js';
import type { MessageRow } from './rows.js';
import { keyOf, tables, type Table } from './tables.js';

/** `encode` closes over the row, so that changes of all tables can stand in one list. */
type Change =
  | { readonly kind: 'put'; readonly row: unknown; readonly encode: () => Uint8Array }
  | { readonly kind: 'delete' };
type GroupRef = { readonly conversation: ConversationId; readonly suite: GroupState['suite'] };
type EngineStep = { readonly next: GroupState; readonly changes: RecordChanges };
type Row<T> = { readonly key: string; readonly row: T };

/** A message was added, changed, moved or removed: both rows name their conversation and place. */
export type MessageChange = { readonly before: MessageRow | null; readonly after: MessageRow | null };

/** A fresh group has a few dozen records. */
const maxJoinRecords = 10_000;

export class Transaction {
  /** By table name, then key. */
  private readonly changes = new Map<string, Map<string, Change>>();
  private readonly groups = new Map<ConversationId, GroupState | null>();
  readonly events: ClientEvent[] = [];
  /** In order. What is kept of messages elsewhere follows them before the write: `messages/conclude.ts`. */
  readonly messageChanges: MessageChange[] = [];
  readonly effects: Array<() => void> = [];

  constructor(
    private readonly store: Store,
    private readonly groupCache: GroupCache,
  ) {}

  async get<T>(table: Table<T>, key: string): Promise<T | null> {
    const change = this.changes.get(table.name)?.get(key);
    if (change !== undefined) return change.kind === 'put' ? (change.row as T) : null;
    const bytes = await this.store.get(table.name, key);
    return bytes === null ? null : table.decode(bytes);
  }

  /** Rows of a prefix, with this step's changes; at most `limit` are read. */
  async scan<T>(table: Table<T>, query: Omit<ScanQuery, 'table'>): Promise<ReadonlyArray<Row<T>>> {
    const changed = this.changes.get(table.name);
    const stored = await this.store.scan({
      ...query,
      table: table.name,
      limit: query.limit + (changed?.size ?? 0),
    });
    const rows = new Map(stored.map(({ key, value }) => [key, table.decode(value)]));
    for (const [key, change] of changed ?? []) {
      if (!isInScan(key, query)) continue;
      if (change.kind === 'put') rows.set(key, change.row as T);
      else rows.delete(key);
    }
    const sorted = [...rows]
      .map(([key, row]) => ({ key, row }))
      .sort((left, right) => (left.key < right.key ? -1 : 1));
    if (query.order === 'descending') sorted.reverse();
    return sorted.slice(0, query.limit);
  }

  put<T>(table: Table<T>, key: string, row: NoInfer<T>): void {
    this.change(table.name, key, { kind: 'put', row, encode: () => table.encode(row) });
  }

  delete<T>(table: Table<T>, key: string): void {
    this.change(table.name, key, { kind: 'delete' });
  }

  /** The MLS state of a conversation, or `null` when this device is not in the group. */
  async group(params: GroupRef): Promise<GroupState | null> {
    const changed = this.groups.get(params.conversation);
    return changed === undefined ? this.groupCache.load(params) : changed;
  }

  /** The group after an engine's step, and the records that changed by it. */
  putGroup(step: EngineStep): void {
    this.groups.set(step.next.group as ConversationId, step.next);
    this.putRecords(tables.groups, step);
  }

  /** Forgets the MLS state of a conversation. */
  async deleteGroup(params: GroupRef): Promise<void> {
    const group = await this.group(params);
    for (const record of group?.records.keys() ?? [])
      this.delete(tables.groups, keyOf.group(params.conversation, record));
    this.groups.set(params.conversation, null);
  }

  /** The state of an external join that waits for its envelope. */
  async pendingJoin(params: GroupRef): Promise<GroupState | null> {
    const prefix = keyOf.groupPrefix(params.conversation);
    const rows = await this.scan(tables.pendingJoins, { prefix, limit: maxJoinRecords });
    if (rows.length === 0) return null;
    return {
      group: params.conversation,
      suite: params.suite,
      records: new Map(rows.map(({ key, row }) => [key.slice(prefix.length), row])),
    };
  }

  putPendingJoin(step: EngineStep): void {
    this.putRecords(tables.pendingJoins, step);
  }

  async deletePendingJoin(params: GroupRef): Promise<void> {
    const join = await this.pendingJoin(params);
    for (const record of join?.records.keys() ?? [])
      this.delete(tables.pendingJoins, keyOf.group(params.conversation, record));
  }

  private putRecords(table: Table<Uint8Array>, { next, changes }: EngineStep): void {
    const conversation = next.group as ConversationId;
    for (const [record, value] of changes.put) this.put(table, keyOf.group(conversation, record), value);
    for (const record of changes.remove) this.delete(table, keyOf.group(conversation, record));
  }

  /** Told to listeners after the write. */
  emit(event: ClientEvent): void {
    this.events.push(event);
  }

  /** Done after the write, in order: sending, acknowledging, waking something. */
  after(effect: () => void): void {
    this.effects.push(effect);
  }

  /** For `Steps`: what is to be written. */
  batch(): { readonly puts: readonly StorePut[]; readonly deletes: readonly StoreDelete[] } {
    const puts: StorePut[] = [];
    const deletes: StoreDelete[] = [];
    for (const [table, changes] of this.changes) {
      for (const [key, change] of changes) {
        if (change.kind === 'put') puts.push({ table, key, value: change.encode() });
        else deletes.push({ table, key });
      }
    }
    return { puts, deletes };
  }

  /** The row that this step put; `null` when it put none. */
  changed<T>(table: Table<T>, key: string): T | null {
    const change = this.changes.get(table.name)?.get(key);
    return change?.kind === 'put' ? (change.row as T) : null;
  }

  /** For `Steps`: the rows of a table that this step put (`null`: deleted). */
  changesOf<T>(table: Table<T>): ReadonlyArray<readonly [key: string, row: T | null]> {
    return [...(this.changes.get(table.name) ?? [])].map(([key, change]) => [
      key,
      change.kind === 'put' ? (change.row as T) : null,
    ]);
  }

  /** For `Steps`: the groups that this step changed (`null`: forgotten). */
  changedGroups(): ReadonlyMap<ConversationId, GroupState | null> {
    return this.groups;
  }

  private change(table: string, key: string, change: Change): void {
    const changes = this.changes.get(table) ?? new Map<string, Change>();
    changes.set(key, change);
    this.changes.set(table, changes);
  }
}

function isInScan(key: string, query: Omit<ScanQuery, 'table'>): boolean {
  if (!key.startsWith(query.prefix)) return false;
  if (query.after === undefined) return true;
  return query.order === 'descending' ? key < query.after : key > query.after;
}
