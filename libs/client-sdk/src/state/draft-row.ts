/** What a person has begun to write. */
import type { MessageId } from '@cipherchat/protocol';

/** What a person has begun to write in a conversation, and not sent. Only this device's. */
export type Draft =
  | {
      readonly kind: 'message';
      /** The id under which it will be sent: once such a message stands there, this is no draft any more. */
      readonly message: MessageId;
      readonly text: string;
      readonly replyTo: MessageId | null;
    }
  /** Another text for a message of one's own. */
  | { readonly kind: 'edit'; readonly target: MessageId; readonly text: string };
