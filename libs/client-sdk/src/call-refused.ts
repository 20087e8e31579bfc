/** Why a call was refused at once. What fails later stands on the message, or is told as `action-failed`. */
export class CallRefusedError extends Error {
  override readonly name = 'CallRefusedError';
  constructor(
    readonly reason:
      | 'text-too-long' // more than `maxTextBytes` of UTF-8
      | 'text-empty'
      | 'not-an-emoji'
      | 'not-a-picture' // no WebP, PNG, JPEG or AVIF of at most `maxPictureBytes`
      | 'too-many-reactions' // 20 of one person on one message
      | 'unknown-message' // no such message is on this device, or it is a mark
      | 'message-deleted'
      | 'not-own-text' // only its author may change a text, and only a text that was not given up
      | 'not-a-duration' // of messages that disappear: whole seconds, from 1 to a year
      | 'not-a-member' // this device is no longer in the conversation
      | 'unknown-conversation'
      | 'not-a-request' // it was accepted, or is this person's own
      | 'too-many-waiting', // 10,000 things wait for a connection
  ) {
    super(`refused: ${reason}`);
  }
}
