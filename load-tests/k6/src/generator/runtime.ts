/** What a load client needs of the world around it. k6 gives it (`k6-runtime.ts`); tests give one in virtual time. */
import type { FigureName } from '../figures.js';

export type Runtime = {
  /** Milliseconds on a clock that all VUs share and nobody sets. */
  readonly nowMs: () => number;
  /** Since 1970: only for when tokens end. */
  readonly wallMs: () => number;
  /** Returns what takes it back. */
  readonly later: (delayMs: number, act: () => void) => () => void;
  readonly random: (length: number) => Uint8Array;
  readonly openSocket: (url: string, events: SocketEvents) => Socket;
  readonly request: (request: Request) => Promise<Answer>;
  readonly note: (figure: FigureName, value: number) => void;
  /** For a person to read; the bound on how many is the runtime's. */
  readonly complain: (text: string) => void;
};

export type SocketEvents = {
  readonly opened: () => void;
  readonly received: (bytes: Uint8Array) => void;
  /** At most once, and not after `close`. */
  readonly closed: (code: number) => void;
};

export type Socket = {
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Nothing is heard of it any more. */
  readonly close: () => void;
};

export type Request = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type Answer = {
  readonly status: number;
  readonly body: Uint8Array;
  /** From sending to the last byte, without what the answer waits for in the generator. */
  readonly tookMs: number;
};
