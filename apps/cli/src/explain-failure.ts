/** What a thrown thing means to the person who typed the command. */
import {
  AccessEndedError,
  CallRefusedError,
  HaltedError,
  InviteRefusedError,
  isProblem,
  NetworkError,
  NoSuchUserError,
  RecoveryKeyDiffersError,
  RecoveryRefusedError,
  SafetyNumberDiffersError,
  type ProblemError,
  SealBrokenError,
  SupersededError,
  TooManyBlocksError,
  type StopReason,
} from '@cipherchat/client-sdk';
import { CliFailure } from './exit-codes.js';
import { safeLine } from './terminal/safe-text.js';

export function explainFailure(error: unknown): CliFailure {
  if (error instanceof CliFailure) return error;
  if (error instanceof NetworkError) {
    return new CliFailure('unreachable', 'the server does not answer', {
      hint: 'Is it running, and the network up? In a checkout: npm start',
      cause: error,
    });
  }
  if (isProblem(error)) return ofProblem(error);
  if (error instanceof AccessEndedError) return ofStop(error.reason);
  if (error instanceof CallRefusedError) return ofRefusedCall(error);
  if (error instanceof NoSuchUserError) return new CliFailure('refused', 'there is no such user');
  if (error instanceof SafetyNumberDiffersError)
    return new CliFailure(
      'unverified',
      'this is not the safety number with that person: nothing was changed',
      {
        hint: 'Compare all 60 digits: cipherchat safety-number USERNAME',
      },
    );
  if (error instanceof InviteRefusedError) return ofRefusedInvite(error);
  if (error instanceof RecoveryRefusedError) return ofRefusedRecovery(error);
  if (error instanceof RecoveryKeyDiffersError)
    return new CliFailure('usage', 'that is a recovery key, but not the one that was shown last');
  if (error instanceof TooManyBlocksError) return new CliFailure('refused', error.message);
  if (error instanceof SupersededError || error instanceof HaltedError) return ofStop('superseded');
  if (error instanceof SealBrokenError)
    return new CliFailure('profile', 'the profile is damaged: a stored value does not open with its key', {
      cause: error,
    });
  return new CliFailure(
    'failure',
    `unexpected: ${error instanceof Error ? safeLine(error.message) : 'no reason was given'}`,
    { cause: error },
  );
}

function ofProblem(error: ProblemError): CliFailure {
  const message = `${error.message.replace(/^[^:]*: /, '')} (${error.code})`;
  if (error.code === 'service/unavailable')
    return new CliFailure('unreachable', message, { hint: 'Try again in a moment.', cause: error });
  const hints: Readonly<Partial<Record<typeof error.code, string>>> = {
    'directory/username-taken': 'Choose another name.',
    'directory/user-unknown': 'Usernames are matched exactly, letter by letter.',
    'auth/registration-closed': 'Ask an administrator for an invite, and give it with --invite CODE.',
    'auth/invite-invalid': 'Ask for a new invite.',
    'auth/forbidden': 'Only administrators may do that.',
    'auth/bootstrap-closed': 'Ask the first administrator.',
  };
  const wait =
    error.retryAfterMs > 0 ? `Try again in ${Math.ceil(error.retryAfterMs / 1_000)} s.` : undefined;
  const hint = hints[error.code] ?? wait;
  return new CliFailure('refused', message, { cause: error, ...(hint === undefined ? {} : { hint }) });
}

function ofRefusedCall(error: CallRefusedError): CliFailure {
  switch (error.reason) {
    case 'text-empty':
      return new CliFailure('usage', 'there is nothing to send');
    case 'text-too-long':
      return new CliFailure('usage', 'the text is too long for one message', { hint: 'Send it in several.' });
    case 'unknown-message':
      return new CliFailure('refused', 'there is no such message on this device');
    case 'message-deleted':
      return new CliFailure('refused', 'that message was deleted');
    case 'not-own-text':
      return new CliFailure('refused', 'only texts of your own can be changed');
    case 'not-an-emoji':
      return new CliFailure('usage', 'a reaction is one emoji');
    case 'not-a-picture':
      return new CliFailure('usage', 'a picture is a WebP, PNG, JPEG or AVIF file of at most 24 KiB');
    case 'not-a-duration':
      return new CliFailure('usage', 'messages can be set to disappear after a second to a year');
    case 'too-many-reactions':
      return new CliFailure('refused', 'you have reacted to that message as often as one may');
    case 'not-a-member':
      return new CliFailure('refused', 'you are not in that conversation any more');
    case 'unknown-conversation':
      return new CliFailure('refused', 'there is no such conversation');
    case 'not-a-request':
      return new CliFailure('refused', 'that is no request any more', { hint: 'Leave it, or block them.' });
    case 'too-many-waiting':
      return new CliFailure('failure', 'too much waits to be sent already', {
        hint: 'Connect first: cipherchat listen',
      });
  }
}

function ofRefusedInvite(error: InviteRefusedError): CliFailure {
  switch (error.reason) {
    case 'malformed':
      return new CliFailure('usage', 'this is no invite link, or not all of it', {
        hint: 'It ends with # and 71 or 92 characters. Put it in quotes.',
      });
    case 'newer-version':
      return new CliFailure('usage', 'the link was made by a newer version than this one');
    case 'other-server':
      return new CliFailure('refused', 'the link is of a person on another server');
    case 'own':
      return new CliFailure('usage', 'that is your own link', { hint: 'Give it to somebody else.' });
    case 'key-differs':
      return new CliFailure('unverified', 'the link names another key for this person than you know', {
        hint: 'Nothing was changed. Compare: cipherchat safety-number USERNAME',
      });
  }
}

function ofRefusedRecovery(error: RecoveryRefusedError): CliFailure {
  switch (error.reason) {
    case 'malformed-key':
      return new CliFailure('usage', 'this is no recovery key, or it was mistyped', {
        hint: 'It is 14 groups of 4 letters and digits.',
      });
    case 'unknown':
      return new CliFailure('refused', 'there is no account of this name with this recovery key', {
        hint: 'A key that was never checked, or was replaced, opens nothing.',
      });
    case 'not-authentic':
      return new CliFailure('unverified', 'what the server gave was not sealed with this recovery key');
  }
}

/** The client stopped for good. */
export function ofStop(reason: StopReason): CliFailure {
  switch (reason) {
    case 'closed':
      return new CliFailure('failure', 'the client was closed');
    case 'signed-out':
      return new CliFailure(
        'refused',
        'this device was signed out, and nothing of the account is left on it',
      );
    case 'replaced':
    case 'superseded':
      return new CliFailure('locked', 'another process took over this device');
    case 'storage-failed':
      return new CliFailure(
        'failure',
        'the profile could not be written; nothing was lost that was shown as sent',
        { hint: 'Is the disk full?' },
      );
    case 'device-revoked':
      return new CliFailure('refused', 'this device was removed from the account');
    case 'user-disabled':
      return new CliFailure('refused', 'this account was disabled by an administrator');
    case 'upgrade-needed':
      return new CliFailure('refused', 'this version is too old for the server', {
        hint: 'Install a newer one.',
      });
    case 'unknown-device':
      return new CliFailure('refused', 'the server does not know this device', {
        hint: 'Was the account deleted, or the server set up anew? Register again with another profile.',
      });
  }
}
