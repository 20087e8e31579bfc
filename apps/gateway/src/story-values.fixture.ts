/** Ids and bodies for the stories, valid and otherwise without meaning. */
import { randomBytes } from 'node:crypto';
import {
  idFromRandom,
  type ClientFrame,
  type CommitBundle,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type MemberDevice,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';

export const newId = <Id extends string>(): Id =>
  idFromRandom<Id>((length) => Uint8Array.from(randomBytes(length)));
export const noSession = '00000000-0000-0000-0000-000000000000' as SessionId;

export function newMember(user: UserId = newId<UserId>()): MemberDevice {
  return { user, device: newId<DeviceId>() };
}

export function bundle(params: Partial<CommitBundle> & Pick<CommitBundle, 'devices'>): CommitBundle {
  const bytes = Buffer.from('opaque');
  return {
    envelope: newId<EnvelopeId>(),
    kind: 'commit',
    commitSeq: 0,
    commit: bytes,
    groupInfo: bytes,
    welcome: new Uint8Array(0),
    ...params,
  };
}

export function appendFrame(params: {
  readonly conversation: ConversationId;
  readonly request?: number;
  readonly envelope?: EnvelopeId;
  readonly commitSeq?: number;
  readonly ciphertext?: Uint8Array;
}): Extract<ClientFrame, { readonly type: 'append' }> {
  return {
    type: 'append',
    request: 1,
    envelope: newId<EnvelopeId>(),
    commitSeq: 1,
    ciphertext: Buffer.from('ciphertext'),
    ...params,
  };
}
