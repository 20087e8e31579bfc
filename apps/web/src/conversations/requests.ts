/** Requests stand apart from the list: nobody gets into it who was not let in. */
import type { ConversationInfo } from '@cipherchat/client-sdk';

export function requestsOf(conversations: readonly ConversationInfo[]): readonly ConversationInfo[] {
  return conversations.filter(({ standing }) => standing === 'request');
}

export function acceptedOf(conversations: readonly ConversationInfo[]): readonly ConversationInfo[] {
  return conversations.filter(({ standing }) => standing === 'accepted');
}
