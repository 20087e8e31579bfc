export type { Account, AccountDevice } from './account.js';
export { CipherChat } from './client.js';
export {
  NoSuchUserError,
  SafetyNumberDiffersError,
  type SafetyNumber,
  type ScannedCode,
} from './keys/account-keys.js';
export type { ClientOptions } from './client-ports.js';
export { AccessEndedError } from './connection/session.js';
export { CallRefusedError } from './call-refused.js';
export { Conversation } from './conversation.js';
export { NoProfileError, ProfileExistsError } from './enter.js';
export { maxTextBytes } from './messages/sendable-text.js';
export type { PageQuery } from './messages/pages.js';
export type { Alarm, ClientEventName, ClientEvents, ConnectionState, StopReason } from './events.js';
export type { ExportRecord } from './export.js';
export { TooManyBlocksError } from './people/blocks.js';
export type { ContactList } from './people/contact-list.js';
export {
  inviteLink,
  readInviteLink,
  type InvitedPerson,
  type InviteLinkVerdict,
} from './people/invite-link.js';
export type { LinkWithToken } from './people/own-invites.js';
export type { PersonInfo } from './people/people.js';
export type { PersonPresence } from './people/presence.js';
export { maxPictureBytes, maxProfileNameBytes, type Picture, type Profile } from './people/profiles.js';
export type { DeclinedPerson } from './people/requests.js';
export { InviteRefusedError, type InviteRefusal } from './people/open-invite.js';
export { systemClock, type CancelTimer, type Clock } from './ports/clock.js';
export { fetchHttp, NetworkError, type Http, type HttpRequest, type HttpResponse } from './ports/http.js';
export type { Random } from './ports/random.js';
export type { OpenSocket, SocketListener, SocketPort } from './ports/socket.js';
export type { RecoveryRequest } from './recovery/recover.js';
export {
  RecoveryKeyDiffersError,
  RecoveryRefusedError,
  type RecoveryRefusal,
} from './recovery/recovery-errors.js';
export type { RecoveryState } from './recovery/recovery-key.js';
export type { Registration } from './registration.js';
export type { SearchPosition } from './search/conversation-matches.js';
export type { SearchCursor, SearchHit, SearchPage, SearchQuery } from './search/search.js';
export type { TextRange } from './search/words.js';
export type { SignedOut } from './sign-out.js';
export {
  HaltedError,
  stepNames,
  stepPoints,
  type HaltReason,
  type StepName,
  type StepPoint,
  type StepProbe,
} from './state/steps.js';
export type { Draft } from './state/draft-row.js';
export { createMemoryDisk, createMemoryStore, type MemoryDisk } from './store/memory-store.js';
export { createStoreKey, SealBrokenError, sealStore, unlockStoreKey } from './store/sealed-store.js';
export {
  SupersededError,
  type ScanQuery,
  type Store,
  type StoreDelete,
  type StorePut,
  type StoreRow,
  type WriteBatch,
} from './store/store.js';
export type {
  ConversationInfo,
  ConversationPhase,
  DeliveryState,
  FoundMessage,
  GapReason,
  LeafCheck,
  Member,
  Message,
  MessageBody,
  MessagePage,
  MessagePreview,
  MessageReaction,
  PermanentFailure,
  Standing,
} from './views.js';
export {
  isProblem,
  ProblemError,
  type ConversationId,
  type DeviceId,
  type MessageId,
  type ProblemCode,
  type UserId,
} from '@cipherchat/protocol';
