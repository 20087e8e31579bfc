/** A conversation as its founder makes it. Its commit, GroupInfo and welcome are random bytes of a real one's sizes. */
import {
  binaryMediaType,
  conversationRoutes,
  encode,
  idFromRandom,
  newConversation,
  pathOf,
  type ConversationId,
  type EnvelopeId,
} from '@cipherchat/protocol';
import { z } from 'zod';
import { patientFetch, type Fetch } from './patient-fetch.js';
import type { Person } from './person.js';
import { random } from './random.js';

export type Room = {
  readonly conversation: ConversationId;
  /** Of the commit that its first epoch stands on. */
  readonly commitSeq: number;
};

/** Of a pair's first commit under the post-quantum suite, about. */
const commitBytes = 4_096;
const accepted = z.object({ kind: z.literal('accepted'), seq: z.number() });

export type RoomParams = {
  readonly storeUrl: string;
  /** The founder first; two make a 1:1, more a group. */
  readonly people: readonly Person[];
  readonly by?: Fetch;
};

/** @throws Error when the store refuses it */
export async function createRoom({ storeUrl, people, by }: RoomParams): Promise<Room> {
  const [founder] = people;
  if (founder === undefined) throw new RangeError('a room without a founder');
  const conversation = idFromRandom<ConversationId>(random);
  const body = encode(newConversation, {
    conversation,
    kind: people.length === 2 ? 'direct' : 'group',
    first: {
      envelope: idFromRandom<EnvelopeId>(random),
      kind: 'commit',
      commitSeq: 0,
      commit: random(commitBytes),
      devices: people.map(({ user, device }) => ({ user, device })),
      groupInfo: random(commitBytes),
      welcome: random(commitBytes),
    },
  });
  const answer = await patientFetch(`${storeUrl}${pathOf(conversationRoutes.create)}`, {
    by,
    method: conversationRoutes.create.method,
    headers: { authorization: `Bearer ${founder.tokens.accessToken}`, 'content-type': binaryMediaType },
    body,
  });
  return { conversation, commitSeq: accepted.parse(await answer.json()).seq };
}
