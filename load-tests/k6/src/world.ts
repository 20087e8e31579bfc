/** The people and rooms of one run, as the command hands them to k6: JSON. The accounts are new and hold nothing else. */
import type { ConversationId, DeviceId, UserId } from '@cipherchat/protocol';

export type WorldPerson = {
  readonly user: UserId;
  readonly device: DeviceId;
  /** The 32-byte seed of the device's key, as hex: k6 signs in with it. */
  readonly leafSecret: string;
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
};

export type WorldRoom = {
  readonly conversation: ConversationId;
  /** Of its first commit; members begin there. */
  readonly commitSeq: number;
  readonly members: readonly WorldPerson[];
};

export type Addresses = {
  readonly authUrl: string;
  readonly storeUrl: string;
  /** One, where a proxy stands before all gateways. */
  readonly gatewayUrls: readonly string[];
};

export type World = {
  /** 8 random bytes as hex, in every message: what carries another is not ours. */
  readonly run: string;
  readonly addresses: Addresses;
  /** By what the scenario calls them. */
  readonly rooms: Readonly<Record<string, readonly WorldRoom[]>>;
};
