/** Errors on their way between tabs: a structured clone of one would lose its class and its fields. */
import { isProblem, isProblemCode, problemFrom } from '@cipherchat/protocol';
import { AccessEndedError } from '../connection/session.js';
import { CallRefusedError } from '../call-refused.js';
import { NoProfileError, ProfileExistsError } from '../enter.js';
import { NoSuchUserError, SafetyNumberDiffersError } from '../keys/account-keys.js';
import { TooManyBlocksError } from '../people/blocks.js';
import { InviteRefusedError, type InviteRefusal } from '../people/open-invite.js';
import { NetworkError } from '../ports/http.js';
import { StoreLockedError } from '../store/store.js';
import {
  RecoveryKeyDiffersError,
  RecoveryRefusedError,
  type RecoveryRefusal,
} from '../recovery/recovery-errors.js';

/** `unexpected`: a fault; what it says is for a developer's console and no one else. */
export type TabError =
  | { readonly kind: 'problem'; readonly code: string; readonly data: unknown }
  | { readonly kind: 'refused'; readonly reason: CallRefusedError['reason'] }
  | { readonly kind: 'access-ended'; readonly reason: AccessEndedError['reason'] }
  | { readonly kind: 'invite-refused'; readonly reason: InviteRefusal }
  | { readonly kind: 'recovery-refused'; readonly reason: RecoveryRefusal }
  | { readonly kind: 'too-many-blocks' | 'recovery-key-differs' }
  | { readonly kind: 'store-locked'; readonly reason: StoreLockedError['reason'] }
  | { readonly kind: 'no-profile' | 'profile-exists' }
  | { readonly kind: 'network' | 'no-such-user' | 'safety-number-differs' }
  | { readonly kind: 'unexpected'; readonly message: string };

/** A fault of ours, in the tab that hosts the client. */
export class HostFaultError extends Error {
  override readonly name = 'HostFaultError';
}

export function toTabError(error: unknown): TabError {
  if (isProblem(error)) return { kind: 'problem', code: error.code, data: error.data };
  if (error instanceof CallRefusedError) return { kind: 'refused', reason: error.reason };
  if (error instanceof AccessEndedError) return { kind: 'access-ended', reason: error.reason };
  if (error instanceof InviteRefusedError) return { kind: 'invite-refused', reason: error.reason };
  if (error instanceof RecoveryRefusedError) return { kind: 'recovery-refused', reason: error.reason };
  if (error instanceof RecoveryKeyDiffersError) return { kind: 'recovery-key-differs' };
  if (error instanceof TooManyBlocksError) return { kind: 'too-many-blocks' };
  if (error instanceof StoreLockedError) return { kind: 'store-locked', reason: error.reason };
  if (error instanceof NoProfileError) return { kind: 'no-profile' };
  if (error instanceof ProfileExistsError) return { kind: 'profile-exists' };
  if (error instanceof NetworkError) return { kind: 'network' };
  if (error instanceof NoSuchUserError) return { kind: 'no-such-user' };
  if (error instanceof SafetyNumberDiffersError) return { kind: 'safety-number-differs' };
  return {
    kind: 'unexpected',
    message: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown',
  };
}

/** The error as the caller would have caught it in the same tab. */
export function fromTabError(error: TabError): Error {
  switch (error.kind) {
    case 'problem':
      return isProblemCode(error.code) ? problemFrom(error.code, error.data) : new HostFaultError(error.code);
    case 'refused':
      return new CallRefusedError(error.reason);
    case 'access-ended':
      return new AccessEndedError(error.reason);
    case 'invite-refused':
      return new InviteRefusedError(error.reason);
    case 'recovery-refused':
      return new RecoveryRefusedError(error.reason);
    case 'recovery-key-differs':
      return new RecoveryKeyDiffersError();
    case 'too-many-blocks':
      return new TooManyBlocksError();
    case 'store-locked':
      return new StoreLockedError(error.reason);
    case 'no-profile':
      return new NoProfileError();
    case 'profile-exists':
      return new ProfileExistsError();
    case 'network':
      return new NetworkError();
    case 'no-such-user':
      return new NoSuchUserError();
    case 'safety-number-differs':
      return new SafetyNumberDiffersError();
    case 'unexpected':
      return new HostFaultError(error.message);
  }
}
