/** What the inbox knows of one conversation's log past its cursor. In memory: the server tells it again. */
import type { LogEntry } from '@cipherchat/protocol';
import type { Known } from './context.js';

export type Feed = {
  headSeq: number;
  readonly held: Map<number, LogEntry>;
  isWaiting: boolean;
  isWorking: boolean;
  failures: number;
  /** Something failed: what is read next is a second look. */
  looksAgain: boolean;
  /** A commit that only comparing with the others can decide; nothing is applied until it has. */
  comparingSeq: number | null;
  compared: Known['compared'];
};

export function newFeed(): Feed {
  return {
    headSeq: 0,
    held: new Map(),
    isWaiting: false,
    isWorking: false,
    failures: 0,
    looksAgain: false,
    comparingSeq: null,
    compared: null,
  };
}

/** As new, for another log; who works on it goes on. */
export function forgotten({ isWaiting, isWorking }: Feed): Feed {
  return { ...newFeed(), isWaiting, isWorking };
}
