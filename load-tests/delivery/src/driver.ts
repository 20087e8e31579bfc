/**
 * What the benchmark needs of a system to measure it. A driver is a module that exports `start`, which is called in
 * the benchmark's own process, and `connect`, which is called in its load processes; README.md says how to plug in
 * one. Everything that goes from `start` to `connect` is JSON.
 */
import type { NamedProcess } from '@cipherchat/test-kit';

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What `connect` needs to be one member of one conversation. */
export type Member = Json;

export type Driver = {
  readonly start: (params: StartParams) => Promise<Target>;
  readonly connect: (params: ConnectParams) => Promise<Endpoint>;
};

export type StartParams = {
  /** The driver's own address as given on the command line: its query holds what it wants to know. */
  readonly url: string;
  /** A Postgres of this run, fsync on, for systems that want one: the superuser's address. */
  readonly postgresUrl: string;
  readonly postgresPid: number;
};

/** A system that runs. */
export type Target = {
  readonly name: string;
  /**
   * New conversations with new members, who are not connected yet. Members 0, 2, 4… and 1, 3, 5… should be put on
   * different nodes where the system has more than one.
   */
  readonly rooms: (params: {
    readonly count: number;
    readonly members: number;
  }) => Promise<readonly (readonly Member[])[]>;
  /** All processes of the server side, whose CPU time counts. Children count with their parents. */
  readonly processes: readonly NamedProcess[];
  readonly stop: () => Promise<void>;
};

export type ConnectParams = {
  readonly member: Member;
  readonly events: EndpointEvents;
  /** A loopback address to connect from: one has 28,000 ports only. */
  readonly localAddress?: string;
};

export type EndpointEvents = {
  /** The server says that it has the message that `send` numbered. */
  readonly acknowledged: (message: number) => void;
  /** The server will not take it, for good. */
  readonly refused: (message: number, reason: string) => void;
  /** A message of the conversation, exactly as it was sent; one's own may be left out. */
  readonly received: (payload: Uint8Array) => void;
  /** The connection ended, and not by `close`. */
  readonly closed: (reason: string) => void;
};

/** A member that is connected and gets what is sent from now on. */
export type Endpoint = {
  /** Sends, and does not wait. `message` is for `acknowledged`; the payload is opaque. */
  readonly send: (message: number, payload: Uint8Array<ArrayBuffer>) => void;
  readonly close: () => void;
};
