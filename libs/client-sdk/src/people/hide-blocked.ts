/** What is not told to the application, because it comes from somebody whom its person has blocked. */
import type { ClientEvent } from '../events.js';
import type { Memory } from '../state/memory.js';
import { isBlocked } from './blocks.js';

export function isOfBlocked(memory: Memory, event: ClientEvent): boolean {
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
