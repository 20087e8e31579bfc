/** MLS states by conversation: read from the store when first needed, the recently used ones kept. */
import type { GroupState } from '@cipherchat/crypto';
import type { ConversationId } from '@cipherchat/protocol';
import type { Store } from '../store/store.js';
import { keyOf, tables } from './tables.js';

/** A group of 2 is about 20 KB, one of 1,000 members some megabytes. */
const maxGroups = 64;
/** Records of one group; OpenMLS makes a few dozen and one per kept epoch. */
const maxRecords = 100_000;

export class GroupCache {
  /** In order of use: the first is the one to forget. */
  private readonly groups = new Map<ConversationId, GroupState>();

  constructor(private readonly store: Store) {}

  async load(params: {
    readonly conversation: ConversationId;
    readonly suite: GroupState['suite'];
  }): Promise<GroupState | null> {
    const { conversation, suite } = params;
    const cached = this.groups.get(conversation);
    if (cached !== undefined) {
      this.keep(conversation, cached);
      return cached;
    }
    const prefix = keyOf.groupPrefix(conversation);
    const rows = await this.store.scan({ table: tables.groups.name, prefix, limit: maxRecords });
    if (rows.length === 0) return null;
    const group: GroupState = {
      group: conversation,
      suite,
      records: new Map(rows.map(({ key, value }) => [key.slice(prefix.length), value])),
    };
    this.keep(conversation, group);
    return group;
  }

  /** Called after the write that made `group` durable, never before. */
  publish(conversation: ConversationId, group: GroupState | null): void {
    if (group === null) this.groups.delete(conversation);
    else this.keep(conversation, group);
  }

  private keep(conversation: ConversationId, group: GroupState): void {
    this.groups.delete(conversation);
    this.groups.set(conversation, group);
    const oldest = this.groups.keys().next();
    if (this.groups.size > maxGroups && oldest.done !== true) this.groups.delete(oldest.value);
  }
}
