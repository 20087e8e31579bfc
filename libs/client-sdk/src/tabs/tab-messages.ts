/**
 * What tabs say to each other. All code of one origin can speak on the channel, so this is no boundary of trust; but
 * tabs of two builds may be open at once, hence the version in the channel's name.
 */
import type { TabError } from './tab-errors.js';

/** The channel and the lock of one account's tabs. */
export function tabsName(profile: string): string {
  return `cipherchat.v1.${profile}`;
}

/** To whoever hosts the client. */
export type ToHost =
  /** A tab has come: who hosts? */
  | { readonly to: 'host'; readonly type: 'ask' }
  | {
      readonly to: 'host';
      readonly type: 'call';
      /** Who is asked. What still comes for a host that died is not for its successor, which is asked anew, in order. */
      readonly host: string;
      /** Names the call for good: the same one asked of two hosts is the same call. */
      readonly call: string;
      readonly name: string;
      readonly params: unknown;
    };

/** To all tabs. */
export type ToViews =
  /** Serves from now on, or was asked. What was told before a new one is to be read anew. */
  | { readonly to: 'views'; readonly type: 'host'; readonly host: string }
  /** Cannot open the client, and tries again. */
  | { readonly to: 'views'; readonly type: 'failed'; readonly error: TabError }
  | {
      readonly to: 'views';
      readonly type: 'answer';
      readonly call: string;
      readonly outcome: CallOutcome;
    }
  | { readonly to: 'views'; readonly type: 'event'; readonly host: string; readonly event: unknown };

export type CallOutcome =
  { readonly kind: 'done'; readonly result: unknown } | { readonly kind: 'failed'; readonly error: TabError };
