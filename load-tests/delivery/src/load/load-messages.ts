/** What the benchmark and its load processes say to each other. */
import type { Member } from '../driver.js';
import type { Account } from './ledger.js';

export type RunOrder = {
  readonly perSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly payloadBytes: number;
  /** `all`: the members of a room take turns; `first`: only its first member sends. */
  readonly senders: 'all' | 'first';
  /** How long to wait for what has not arrived when the last message was sent. */
  readonly patienceMs: number;
};

export type LoadOrder =
  | {
      readonly kind: 'open';
      readonly driver: string;
      /** Null: a member who stays away. */
      readonly rooms: readonly (readonly (Member | null)[])[];
      readonly concurrency: number;
      readonly localAddress?: string;
    }
  | ({ readonly kind: 'run' } & RunOrder)
  /** The account of the last run as it is now. */
  | { readonly kind: 'recount' }
  | { readonly kind: 'close' };

export type RunOutcome = Account & {
  readonly refused: number;
  readonly closed: number;
  /** One of each. */
  readonly reasons: readonly string[];
};

export type LoadReport =
  | { readonly kind: 'opened'; readonly elapsedMs: number }
  /** The warm-up is over; the last message was sent. */
  | { readonly kind: 'measuring' | 'measured' }
  | { readonly kind: 'ran'; readonly outcome: RunOutcome }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly reason: string };
