import './no-eval.js';
export { base64urlToBytes, bytesToBase64url, usernameField } from './http/body.js';
export { authRoutes, browserMarkCookie, type DeviceProof, type Tokens } from './http/auth-routes.js';
export { conversationRoutes, generationHeader } from './http/conversation-routes.js';
export { keysRoutes, peopleRoutes } from './http/directory-routes.js';
export { pathOf, type Access, type Route } from './http/route.js';
export { routeTables } from './http/route-tables.js';
export { closeCodes, closeReason, type CloseReason } from './close-codes.js';
export { decode, encode, MalformedError, type Infer, type Schema } from './codec.js';
export {
  acknowledgeBatch,
  appendBatch,
  appendResults,
  commandResult,
  deviceConnected,
  eraseIdentity,
  generationQuery,
  generationResult,
  publishManifest,
  registerIdentity,
  resumeCommand,
  resumeResult,
  revocation,
  revocationsQuery,
  revocationsResult,
  signalCommand,
  type AcknowledgeBatch,
  type AppendBatch,
  type AppendResults,
  type Revocation,
} from './commands.js';
export {
  contentVersion,
  decodeContent,
  encodeContent,
  maxContentBodyBytes,
  introductionProofBytes,
  maxGroupNameBytes,
  maxProfileNameBytes,
  maxReferringTextBytes,
  maxTextBytes,
  type Content,
  type ContentBody,
  type EffectBody,
  type PersonBody,
} from './content.js';
export { isDisappearAfter, maxDisappearAfterS, minDisappearAfterS } from './disappear-after.js';
export { problems, type ProblemCode, type ProblemData } from './errors.js';
export {
  isProblem,
  isProblemCode,
  problem,
  problemBody,
  ProblemError,
  problemFrom,
  problemMediaType,
  type ProblemBody,
} from './problem.js';
export {
  clientFrames,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  failureCauses,
  isAppendFrame,
  serverFrames,
  socketPath,
  subprotocol,
  type ClientFrame,
  type FailureCause,
  type Position,
  type ServerFrame,
  type SignalKind,
} from './frames.js';
export { decodeTracedItems, encodeTracedItems, tracedItemsHeader, type TracedItem } from './traced-items.js';
export {
  conversationIdSchema,
  deviceIdSchema,
  envelopeIdSchema,
  idFromBytes,
  idFromRandom,
  idToBytes,
  isIdText,
  sessionIdSchema,
  userIdSchema,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type MessageId,
  type SessionId,
  type UserId,
} from './ids.js';
export { limits } from './limits.js';
export { maxPictureBytes, pictureType, type PictureType } from './profile-picture.js';
export { isReactionEmoji } from './reaction-emoji.js';
export {
  binaryMediaType,
  commitBundle,
  epochStatement,
  logEntry,
  logPage,
  newConversation,
  type CommitBundle,
  type EnvelopeKind,
  type EpochStatement,
  type LogEntry,
  type LogPage,
  type MemberDevice,
  type NewConversation,
} from './log.js';
export { queueGroups, subjects } from './subjects.js';
