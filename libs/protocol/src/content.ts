/**
 * The plaintext inside an envelope's ciphertext: what only members read. Never seen by a server.
 *
 * `message` and `counter` let a receiver say what it did not get, and drop what it has already: the id is
 * the message's for good (resends and re-encryptions keep it), the counter grows by one with each message
 * that a device sends to a conversation, so that "2 messages missing from Ana's laptop" can be shown.
 * A kind that this build does not know is kept whole and shown as unsupported, so that an older client
 * neither loses it nor stumbles.
 */
import {
  bytes,
  choice,
  decode,
  encode,
  id,
  MalformedError,
  record,
  rest,
  text,
  u32,
  u53,
  u8,
  type Infer,
} from './codec.js';
import { isDisappearAfter } from './disappear-after.js';
import type { MessageId } from './ids.js';
import { limits } from './limits.js';
import { maxPictureBytes } from './profile-picture.js';
import { isReactionEmoji, maxReactionEmojiBytes } from './reaction-emoji.js';

/** The layout of the fields before the body. A content of another version cannot be read at all. */
export const contentVersion = 1;

const headerBytes = 36;
/** Room for the padding's own length field (libs/crypto, `padding.ts`). */
const paddingReserveBytes = 28;
/** The longest body: what the largest padding bucket leaves, 63,424 bytes. */
export const maxContentBodyBytes = limits.maxPaddedPlaintextBytes - headerBytes - paddingReserveBytes;
/** A person's name in their profile, in UTF-8 bytes: 32 characters of four bytes. */
export const maxProfileNameBytes = 128;
/** What shows that somebody holds an invite: half of an HMAC-SHA-256. */
export const introductionProofBytes = 16;
/** A conversation's name, in UTF-8 bytes: 64 characters of four bytes. */
export const maxGroupNameBytes = 256;

const content = record({
  version: u8,
  message: id<MessageId>('message id'),
  counter: u53,
  sentAtMs: u53,
  kind: u8,
  body: bytes({ lengthBytes: 2, maxBytes: maxContentBodyBytes }),
});

const kinds = {
  text: 1,
  groupProfile: 2,
  reply: 3,
  reaction: 4,
  edit: 5,
  deletion: 6,
  profile: 7,
  introduction: 8,
  left: 9,
  disappearing: 10,
  timer: 11,
} as const;
const disappearingBytes = 5;
/** The longest text of a message: one that disappears has room for its duration and kind. */
export const maxTextBytes = maxContentBodyBytes - disappearingBytes;
const referenceBytes = 18;
/** The longest text of a reply or an edit: the id of the other message and the text's length stand beside it. */
export const maxReferringTextBytes = maxTextBytes - referenceBytes;
const reply = record({
  replyTo: id<MessageId>('message id'),
  text: text({ maxBytes: maxReferringTextBytes }),
});
const target = id<MessageId>('message id');
const reaction = record({
  target,
  change: choice({ 'taken-back': 0, set: 1 }),
  emoji: text({ maxBytes: maxReactionEmojiBytes }),
});
const edit = record({ target, text: text({ maxBytes: maxReferringTextBytes }) });
const deletion = record({ target });
const profile = record({
  revision: u53,
  presence: choice({ kept: 0, shared: 1 }),
  name: text({ maxBytes: maxProfileNameBytes }),
  picture: bytes({ lengthBytes: 2, maxBytes: maxPictureBytes }),
});
const introduction = record({ proof: bytes({ lengthBytes: 1, maxBytes: introductionProofBytes }) });
const left = record({});
const groupProfile = record({ name: text({ maxBytes: maxGroupNameBytes }) });
/** Around another kind's body. */
const disappearing = record({ afterS: u32, kind: u8, body: rest({ maxBytes: maxTextBytes }) });
/** 0: off. */
const timer = record({ change: choice({ told: 0, set: 1 }), afterS: u32 });

/**
 * A message that is not shown, and changes what is shown of another, its target: in order, counted and delivered once
 * like any other. Who may do it the receiver decides by who signed it, since nothing in here can say.
 */
export type EffectBody =
  /** Anybody's, one of a person and emoji: the last one in the log counts. */
  | {
      readonly kind: 'reaction';
      readonly target: MessageId;
      readonly change: 'set' | 'taken-back';
      readonly emoji: string;
    }
  /** The author's: the text from here on. */
  | { readonly kind: 'edit'; readonly target: MessageId; readonly text: string }
  /** The author's. One that names itself stands for a message that was deleted before it came this far. */
  | { readonly kind: 'deletion'; readonly target: MessageId };

/**
 * Not shown, and about who sends it, whom the receiver takes from the signature: in order, counted and delivered once like
 * any other.
 */
export type PersonBody =
  /** The sender's profile from here on, if its revision is the highest known. An empty name or picture is none. */
  | {
      readonly kind: 'profile';
      readonly revision: number;
      /** `shared`: the sender tells contacts who do the same whether they are there. */
      readonly presence: 'kept' | 'shared';
      readonly name: string;
      /** `pictureType` tells what it is; what is no picture is not shown. */
      readonly picture: Uint8Array;
    }
  /** In a 1:1: a proof that the sender holds an invite of the other person with a token (libs/crypto, `introduction.ts`). */
  | { readonly kind: 'introduction'; readonly proof: Uint8Array }
  /** The sender leaves, by their own choice: the commit that removes them is another member's. */
  | { readonly kind: 'left' };

/** What a message says. */
export type ContentBody =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Of a reply: what it answers, which a receiver may not have. Nothing of it is quoted, so that deleting it takes all of it. */
      readonly replyTo?: MessageId;
    }
  /** The conversation's name from here on. */
  | { readonly kind: 'group-profile'; readonly name: string }
  /**
   * How long what is written from here on stays, in seconds; `null`: for good. `set` by its sender, or `told` to who joined:
   * nobody else learns anything by that.
   */
  | {
      readonly kind: 'timer';
      readonly change: 'set' | 'told';
      readonly disappearAfterS: number | null;
    }
  | EffectBody
  | PersonBody
  /** Of a newer build, or not readable as its kind; kept so that a later build can show it. */
  | { readonly kind: 'unsupported'; readonly code: number; readonly bytes: Uint8Array };

/** A message as its sender wrote it. */
export type Content = {
  /** The message's own id, the same in every re-encryption. */
  readonly message: MessageId;
  /** Counts this device's messages in this conversation, from 1. */
  readonly counter: number;
  /** The sender's clock; a claim, shown only where the server's time is not known. */
  readonly sentAtMs: number;
  /**
   * How long it stays after it was sent (with its sender) or read (with others), in seconds; also of what was done to such
   * a message. A deletion of itself with this stands for a message that has disappeared. Absent: it stays.
   */
  readonly disappearAfterS?: number;
  readonly body: ContentBody;
};

/** What a message says, with how long it stays. */
type TimedBody = Pick<Content, 'body' | 'disappearAfterS'>;
type Encoded = Pick<Infer<typeof content>, 'kind' | 'body'>;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes of a content, before padding. @throws RangeError when the body is longer than `maxContentBodyBytes`, or what stays for no such duration. */
export function encodeContent(value: Content): Uint8Array<ArrayBuffer> {
  return encode(content, {
    version: contentVersion,
    message: value.message,
    counter: value.counter,
    sentAtMs: value.sentAtMs,
    ...encodeTimed(value),
  });
}

/** @throws MalformedError when the header cannot be read; an unreadable body is `unsupported` instead. */
export function decodeContent(input: Uint8Array): Content {
  if (input[0] !== contentVersion) throw new MalformedError('version');
  const read = decode(content, input);
  return { message: read.message, counter: read.counter, sentAtMs: read.sentAtMs, ...decodeTimed(read) };
}

/** What may disappear: what a person wrote, and what was done to it. Of a kind that is not known, the wrapper says so. */
function mayDisappear({ kind }: ContentBody): boolean {
  return ['text', 'reaction', 'edit', 'deletion', 'unsupported'].includes(kind);
}

function encodeTimed({ body, disappearAfterS }: TimedBody): Encoded {
  if (disappearAfterS === undefined) return encodeBody(body);
  if (!isDisappearAfter(disappearAfterS) || !mayDisappear(body)) throw new RangeError('does not disappear');
  const inner = { ...encodeBody(body), afterS: disappearAfterS };
  return { kind: kinds.disappearing, body: encode(disappearing, inner) };
}

/** Nothing is kept of what was to disappear and does not say when. */
const unreadable: TimedBody = {
  body: { kind: 'unsupported', code: kinds.disappearing, bytes: new Uint8Array(0) },
};

function decodeTimed(read: Encoded): TimedBody {
  if (read.kind !== kinds.disappearing) return { body: decodeBody(read) };
  try {
    const { afterS: disappearAfterS, ...inner } = decode(disappearing, read.body);
    const body = decodeBody(inner);
    const isReadable =
      isDisappearAfter(disappearAfterS) && inner.kind !== kinds.disappearing && mayDisappear(body);
    return isReadable ? { body, disappearAfterS } : unreadable;
  } catch {
    return unreadable;
  }
}

function encodeBody(body: ContentBody): Encoded {
  switch (body.kind) {
    case 'text':
      return body.replyTo === undefined
        ? { kind: kinds.text, body: utf8.encode(body.text) }
        : { kind: kinds.reply, body: encode(reply, { replyTo: body.replyTo, text: body.text }) };
    case 'reaction':
      if (!isReactionEmoji(body.emoji)) throw new RangeError('not an emoji');
      return { kind: kinds.reaction, body: encode(reaction, body) };
    case 'edit':
      return { kind: kinds.edit, body: encode(edit, body) };
    case 'deletion':
      return { kind: kinds.deletion, body: encode(deletion, body) };
    case 'group-profile':
      return { kind: kinds.groupProfile, body: encode(groupProfile, { name: body.name }) };
    case 'profile':
      return { kind: kinds.profile, body: encode(profile, body) };
    case 'introduction':
      return { kind: kinds.introduction, body: encode(introduction, body) };
    case 'left':
      return { kind: kinds.left, body: encode(left, {}) };
    case 'timer': {
      const { change, disappearAfterS } = body;
      if (disappearAfterS !== null && !isDisappearAfter(disappearAfterS)) throw new RangeError('not a timer');
      return { kind: kinds.timer, body: encode(timer, { change, afterS: disappearAfterS ?? 0 }) };
    }
    case 'unsupported':
      return { kind: body.code, body: body.bytes };
  }
}

function decodeBody(read: Encoded): ContentBody {
  const unsupported: ContentBody = { kind: 'unsupported', code: read.kind, bytes: read.body };
  try {
    switch (read.kind) {
      case kinds.text:
        return { kind: 'text', text: fromUtf8.decode(read.body) };
      case kinds.reply:
        return { kind: 'text', ...decode(reply, read.body) };
      case kinds.reaction: {
        const body = { kind: 'reaction', ...decode(reaction, read.body) } as const;
        return isReactionEmoji(body.emoji) ? body : unsupported;
      }
      case kinds.edit:
        return { kind: 'edit', ...decode(edit, read.body) };
      case kinds.deletion:
        return { kind: 'deletion', ...decode(deletion, read.body) };
      case kinds.groupProfile:
        return { kind: 'group-profile', name: decode(groupProfile, read.body).name };
      case kinds.profile:
        return { kind: 'profile', ...decode(profile, read.body) };
      case kinds.introduction:
        return { kind: 'introduction', ...decode(introduction, read.body) };
      case kinds.left:
        return { kind: 'left', ...decode(left, read.body) };
      case kinds.timer: {
        const { change, afterS } = decode(timer, read.body);
        if (afterS !== 0 && !isDisappearAfter(afterS)) return unsupported;
        return { kind: 'timer', change, disappearAfterS: afterS === 0 ? null : afterS };
      }
      default:
        return unsupported;
    }
  } catch {
    // A sender's mistake must not stop the reader: the header was good, so the message has its place.
    return unsupported;
  }
}
