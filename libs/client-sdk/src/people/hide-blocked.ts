/** What is not told to the application, because its person has blocked who it comes from, or declined what it belongs to. */
import type { ConversationId } from '@cipherchat/protocol';
import type { ClientEvent } from '../events.js';
import type { Memory } from '../state/memory.js';
import { isBlocked } from './blocks.js';

export function isHidden(memory: Memory, event: ClientEvent): boolean {
  return isOfDeclined(memory, event) || isOfBlocked(memory, event);
}

/** That it was declined is told. */
function isOfDeclined(memory: Memory, event: ClientEvent): boolean {
  const isDeclined = (id: ConversationId): boolean => memory.conversations.get(id)?.standing === 'declined';
  switch (event.type) {
    case 'message':
    case 'message-changed':
    case 'message-removed':
    case 'action-failed':
      return isDeclined(event.data.conversation);
    default:
      return false;
  }
}

function isOfBlocked(memory: Memory, event: ClientEvent): boolean {
  switch (event.type) {
    case 'message':
    case 'message-changed': {
      const { sender, own } = event.data;
      return sender !== null && !own && isBlocked(memory, sender.user);
    }
    case 'typing':
      return isBlocked(memory, event.data.user);
    case 'conversation':
      return event.data.peer !== null && isBlocked(memory, event.data.peer);
    default:
      return false;
  }
}
