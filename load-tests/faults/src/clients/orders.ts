/** What the parent says to client processes and hears from them. JSON, over the channel that Node gives a child. */
export type Place = { readonly room: string; readonly member: number };

export type Order =
  | { readonly kind: 'open-light'; readonly serverUrl: string; readonly rooms: number }
  | {
      readonly kind: 'open-sdk';
      readonly serverUrl: string;
      readonly folder: string;
      readonly usernames: readonly string[];
    }
  /** SDK: this username begins a conversation with those. Answered with its id. */
  | { readonly kind: 'begin'; readonly username: string; readonly others: readonly string[] }
  /** SDK: which conversations, with everybody's number in them. Numbers of messages begin at `firstNumber`. */
  | {
      readonly kind: 'join';
      readonly rooms: readonly { readonly room: string; readonly usernames: readonly string[] }[];
      readonly firstNumber: number;
    }
  | { readonly kind: 'load'; readonly perSecond: number }
  /** Some clients leave and come back with a new sign-in, as people do. Light ones only. */
  | { readonly kind: 'churn'; readonly share: number }
  /** Each member writes to each room; answered when each member here was shown that of all others. */
  | { readonly kind: 'probe'; readonly probe: number }
  /** Since the last account. */
  | { readonly kind: 'account' }
  | { readonly kind: 'close' };

/** A message as accounts know it: who wrote it (their number in the room), and the how-manieth of theirs. */
export type Written = { readonly sender: number; readonly number: number };

export type Told =
  | { readonly kind: 'done'; readonly order: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly order: number; readonly reason: string }
  /** At once, so that it counts even when the process is killed next. SDK only. */
  | ({ readonly kind: 'acknowledged' } & Place & Written)
  | ({ readonly kind: 'shown' } & Place & Written)
  /** Something that a client should never meet. */
  | { readonly kind: 'complaint'; readonly text: string };

/** What one member holds of a room, in the order in which it is shown. */
export type MemberView = {
  readonly room: string;
  readonly member: number;
  /** `sender.number` each. */
  readonly shown: readonly string[];
  /** Of seq and content of everything so far. */
  readonly hash: string;
  readonly acknowledged: readonly number[];
  /** Marks that something is missing. */
  readonly gaps: number;
};

/** What the light process says of itself: too many rooms to send them whole. */
export type LightAccount = {
  readonly offered: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly twice: number;
  readonly outOfOrder: number;
  /** Rooms whose two sides hold different things. */
  readonly unequalRooms: number;
  /** From the writing of a message until the other was shown it, at most. */
  readonly slowestMs: number;
  /** Refusals with a time after which to try again. */
  readonly toldToWait: number;
  readonly notes: readonly string[];
};

export type SdkAccount = { readonly offered: number; readonly views: readonly MemberView[] };
