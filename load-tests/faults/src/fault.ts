import type { FaultSystem } from './fault-system.js';

/** Something that breaks, and is mended again. One injection: `inject`, a while, `heal`. */
export type Fault = {
  readonly name: string;
  /** For the table's reader. */
  readonly what: string;
  /** How long it lasts before it is healed. */
  readonly holdMs: number;
  /** `small-disk`: Postgres on a disk of its own that can be filled. */
  readonly surroundings: 'ordinary' | 'small-disk';
  /** What must be there; the reason when it is not. */
  readonly missing?: () => Promise<string | null>;
  /** Once, before the first injection. */
  readonly begin?: (faulty: FaultSystem) => Promise<void>;
  readonly inject: (faulty: FaultSystem, injection: number) => Promise<void>;
  readonly heal: (faulty: FaultSystem, injection: number) => Promise<void>;
  /** Once, after the last. */
  readonly end?: (faulty: FaultSystem) => Promise<void>;
  /** Senders must have been told to wait meanwhile, in so many words: not refused, and not left without an answer. */
  readonly mustTellToWait?: true;
};
