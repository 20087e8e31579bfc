import { expect, it } from '@jest/globals';
import {
  decodeClientFrame,
  encodeServerFrame,
  type ConversationId,
  type EnvelopeId,
} from '@cipherchat/protocol';
import {
  appendFrame,
  appendHeader,
  isAppended,
  isDeliver,
  readAppended,
  readDeliver,
} from './lean-frames.js';

const conversation = '01234567-89ab-4cde-8f01-23456789abcd' as ConversationId;
const envelope = 'f1234567-89ab-4cde-8f01-23456789abcd' as EnvelopeId;
const ciphertext = Buffer.from('ciphertext');
const seq = Number.MAX_SAFE_INTEGER - 1;

it('writes an append as the codec reads it, each with an envelope of its own', () => {
  const header = appendHeader(conversation, seq);
  const [one, other] = [1, 4_294_967_295].map((request) =>
    decodeClientFrame(appendFrame(header, request, ciphertext)),
  );
  expect(one).toMatchObject({ type: 'append', request: 1, conversation, commitSeq: seq });
  expect(other).toMatchObject({ type: 'append', request: 4_294_967_295, conversation, commitSeq: seq });
  if (one?.type !== 'append' || other?.type !== 'append') throw new Error('no appends');
  expect(Buffer.from(one.ciphertext)).toEqual(ciphertext);
  expect(one.envelope).not.toBe(other.envelope);
});

it('reads what the codec writes', () => {
  const deliver = Buffer.from(
    encodeServerFrame({ type: 'deliver', conversation, seq, envelope, atMs: 5, ciphertext }),
  );
  const appended = Buffer.from(encodeServerFrame({ type: 'appended', request: 4_294_967_295, seq, atMs: 5 }));
  expect([isDeliver(deliver), isAppended(deliver)]).toEqual([true, false]);
  expect([isDeliver(appended), isAppended(appended)]).toEqual([false, true]);
  expect(readDeliver(deliver)).toEqual({ seq, ciphertext });
  expect(readAppended(appended)).toEqual({ request: 4_294_967_295, seq });
});
