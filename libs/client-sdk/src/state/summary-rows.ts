/** Rows that follow from messages. */
import type { MessageId } from '@cipherchat/protocol';
import type { MessageBody, MessageRow } from './rows.js';

/** What a list shows of a conversation: kept with every change of a message, so that no list reads messages. */
export type SummaryRow = {
  /** The last that is shown, with its text cut; `null` when nothing is. */
  readonly last: LastRow | null;
  /** How many rows are `unread` and stand behind `readPlace`; the first of them. */
  readonly unreadCount: number;
  readonly firstUnread: { readonly message: MessageId; readonly place: string } | null;
  /** The person has seen everything up to this place. */
  readonly readPlace: string;
  readonly notify: 'all' | 'none';
  /** The beginning of the draft; `null` when there is none. */
  readonly draft: string | null;
};
export type LastRow = Pick<MessageRow, 'message' | 'place' | 'seq' | 'atMs' | 'sender' | 'state'> & {
  readonly body: MessageBody;
};
