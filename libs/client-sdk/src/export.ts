/** Everything a device can read, as records to write down one per line. */
import { viewConversation } from './conversations/conversation-row.js';
import { readDraft } from './messages/drafts.js';
import { isShown, viewMessage } from './messages/message-table.js';
import type { Runtime } from './runtime.js';
import type { Draft } from './state/draft-row.js';
import { keyOf, tables } from './state/tables.js';
import type { ConversationInfo, Member, Message } from './views.js';

/** One line of an export. */
export type ExportRecord =
  | { readonly kind: 'account'; readonly user: string; readonly username: string; readonly serverUrl: string }
  | {
      readonly kind: 'conversation';
      readonly conversation: ConversationInfo;
      readonly members: readonly Member[];
      readonly draft: Draft | null;
    }
  /** Belongs to the conversation last named. */
  | { readonly kind: 'message'; readonly message: Message };

/** Messages read at once: an export of years fits in memory. */
const pageMessages = 200;

export async function* exportRecords(runtime: Runtime): AsyncGenerator<ExportRecord> {
  const { memory, steps } = runtime;
  const { user, username, serverUrl } = memory.profile;
  yield { kind: 'account', user, username, serverUrl };
  for (const row of [...memory.conversations.values()].filter(({ replacedBy }) => replacedBy === null)) {
    const roster = await steps.reader().get(tables.rosters, row.id);
    const members = (roster?.members ?? []).map(({ user: member, device, check }) => ({
      user: member,
      device,
      check,
    }));
    const draft = await readDraft(steps.reader(), row.id);
    yield { kind: 'conversation', conversation: viewConversation(row, memory), members, draft };
    let after: string | undefined;
    do {
      const found = await steps.reader().scan(tables.messages, {
        prefix: keyOf.groupPrefix(row.id),
        limit: pageMessages,
        ...(after === undefined ? {} : { after }),
      });
      for (const item of found) {
        if (!isShown(item.row)) continue;
        yield {
          kind: 'message',
          message: viewMessage(item.row, { profile: memory.profile, conversation: row }),
        };
      }
      after = found.at(-1)?.key;
    } while (after !== undefined);
  }
}
