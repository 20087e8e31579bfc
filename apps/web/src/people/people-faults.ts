/** What went wrong with finding or adding somebody, in words. */
import { InviteRefusedError, isProblem } from '@cipherchat/client-sdk';
import type { Sentences } from '../catalogue/sentences.js';

export function faultOf(error: unknown, t: Sentences): string {
  if (error instanceof InviteRefusedError) return t.newConversation.inviteFailure[error.reason];
  if (isProblem(error) && error.code === 'directory/user-unknown') return t.newConversation.notFound;
  if (isProblem(error) && error.code === 'request/malformed') return t.newConversation.notFound;
  if (isProblem(error) && error.code === 'request/rate-limited') return t.register.failure.tooMany;
  if (error instanceof Error && error.name === 'NetworkError') return t.register.failure.network;
  return t.register.failure.other;
}
