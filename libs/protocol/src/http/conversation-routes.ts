/** `/v1/conversations`: the log over HTTP. Binary bodies are the schemas of `log.ts`. */
import { z } from 'zod';
import { conversationIdSchema, deviceIdSchema, envelopeIdSchema, userIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { bytesField, instantMsField, seqField } from './body.js';
import { route } from './route.js';

/**
 * On every request to these routes, from a device that has been told a generation by its socket: the generation of the
 * logs it speaks of. The store refuses another (`conversation/other-generation`) before it looks at the rest: after a
 * restore the same conversation and seq are not the same place, and a socket may be slow to say so.
 */
export const generationHeader = 'cipherchat-generation';

const accepted = z.object({ kind: z.literal('accepted'), seq: seqField, atMs: instantMsField });

export const conversationRoutes = {
  create: route({
    method: 'POST',
    path: '/v1/conversations',
    summary:
      'A new conversation with its first commit. A 1:1 that exists already is named instead: join that one.',
    access: 'device',
    requestBinary: 'newConversation',
    response: z.discriminatedUnion('kind', [
      accepted,
      z.object({ kind: z.literal('exists'), conversation: conversationIdSchema }),
    ]),
    problems: ['conversation/id-taken', 'conversation/device-list-invalid', 'conversation/too-many-devices'],
  }),
  list: route({
    method: 'GET',
    path: '/v1/conversations',
    summary: 'Conversations of this user, newest first; `joined` says whether this device is a member.',
    access: 'device',
    query: z.object({
      after: conversationIdSchema.optional(),
      /** The generation that the device last saw: what restores since then left of the logs is told as `sameUntilSeq`. */
      since: z.coerce.number().pipe(z.number().int().min(0)).optional(),
    }),
    response: z.object({
      conversations: z.array(
        z.object({
          conversation: conversationIdSchema,
          kind: z.enum(['direct', 'group']),
          headSeq: seqField,
          /** Up to here the log is the one that the device knew in generation `since`; past it a restore lost what was there. */
          sameUntilSeq: seqField,
          joined: z.boolean(),
        }),
      ),
      more: z.boolean(),
    }),
    problems: [],
  }),
  read: route({
    method: 'GET',
    path: '/v1/conversations/:conversation',
    summary: 'What routing knows of a conversation: heads, devices, cursors and encrypted read marks.',
    access: 'device',
    response: z.object({
      conversation: conversationIdSchema,
      kind: z.enum(['direct', 'group']),
      headSeq: seqField,
      lastCommitSeq: seqField,
      minCommitSeq: seqField,
      members: z.array(
        z.object({
          user: userIdSchema,
          device: deviceIdSchema,
          joinedSeq: seqField,
          cursorSeq: seqField,
          /** Revoked or leaving: refused already, to be removed by a member's commit. */
          departing: z.boolean(),
          readMark: bytesField({ maxBytes: limits.maxSignalBytes }).nullable(),
        }),
      ),
    }),
    problems: ['conversation/unknown'],
  }),
  readPage: route({
    method: 'GET',
    path: '/v1/conversations/:conversation/envelopes',
    summary: 'Up to 100 envelopes and 256 KiB, at least one, after a seq.',
    access: 'device',
    query: z.object({ after: z.coerce.number().pipe(seqField) }),
    responseBinary: 'logPage',
    problems: ['conversation/unknown'],
  }),
  commit: route({
    method: 'POST',
    path: '/v1/conversations/:conversation/commits',
    summary:
      'Append a commit with its device list, GroupInfo and welcome, in one transaction. What the commits after `epochSeq` did to the membership is undone where the device list says so; a device that such a commit left out may say so itself, a few times. An anchor opens a conversation that a restore or an administrator has closed; one with a Welcome founds the group anew, and all stays begin with it.',
    access: 'device',
    query: z.object({
      /** The commit that the sender's epoch stands on: those after it are void (`docs/decisions/0008`). By default the one built on. */
      epochSeq: z.coerce.number().pipe(seqField).optional(),
      /** A device that this commit removes and adds again: its stay begins anew, with the Welcome. */
      readds: deviceIdSchema.optional(),
    }),
    requestBinary: 'commitBundle',
    response: accepted,
    problems: [
      'conversation/unknown',
      'conversation/stale-commit',
      'conversation/closed',
      'conversation/device-list-invalid',
      'conversation/too-many-devices',
    ],
  }),
  readGroupInfo: route({
    method: 'GET',
    path: '/v1/conversations/:conversation/group-info',
    summary:
      'The GroupInfo of the last commit, for an external join by any device of a member user. Answer header `cipherchat-commit-seq` names that commit.',
    access: 'device',
    responseBinary: 'MLSMessage(GroupInfo)',
    problems: ['conversation/unknown'],
  }),
  compare: route({
    method: 'POST',
    path: '/v1/conversations/:conversation/statements',
    summary:
      'Keeps what this device states of its group state. `ask` also asks the other members for theirs, and is answered with what they stated; `answer` is answered with an empty list.',
    access: 'device',
    request: z.object({
      purpose: z.enum(['ask', 'answer']),
      commitSeq: seqField,
      /** An encoded `epochStatement`. */
      statement: bytesField({ maxBytes: limits.maxStatementBytes }),
    }),
    response: z.object({
      statements: z.array(
        z.object({
          user: userIdSchema,
          device: deviceIdSchema,
          statement: bytesField({ maxBytes: limits.maxStatementBytes }),
        }),
      ),
    }),
    problems: ['conversation/unknown'],
  }),
  requestReadd: route({
    method: 'POST',
    path: '/v1/conversations/:conversation/readd-requests',
    summary:
      'This device cannot get back into the group by itself: the request stands in the log, and members add the device anew. The same envelope id is the same request.',
    access: 'device',
    request: z.object({ envelope: envelopeIdSchema }),
    response: accepted,
    problems: ['conversation/unknown'],
  }),
  reset: route({
    method: 'POST',
    path: '/v1/conversations/:conversation/reset',
    summary:
      'For a conversation whose group is beyond repair: it is closed to messages and commits until a member anchors it. Nothing of it is lost, nobody is added or removed. One that is closed by a reset already is left as it is, and the place of that reset is the answer.',
    access: 'admin',
    response: z.object({ seq: seqField }),
    problems: ['auth/forbidden', 'conversation/unknown'],
  }),
  leave: route({
    method: 'POST',
    path: '/v1/conversations/:conversation/leave',
    summary: 'All devices of this user depart: refused at once, removed by the next member’s commit.',
    access: 'device',
    problems: ['conversation/unknown'],
  }),
} as const;
