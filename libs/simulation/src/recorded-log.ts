/** What a run asked of the two hot statements of its database, what the logs were before, and what the model answered. */
import type { ModelConversation } from '@cipherchat/client-sdk/testing';
import type {
  AppendStatement,
  AppendVerdict,
  CursorStatement,
  MovedCursor,
} from '@cipherchat/message-store/delivery';
import type { ConversationId } from '@cipherchat/protocol';
import type { Database, ModelDatabase } from './model-database.js';

export type Asked = { readonly before: readonly ModelConversation[] } & (
  | {
      readonly kind: 'append';
      readonly items: Parameters<AppendStatement>[0]['items'];
      readonly answer: readonly AppendVerdict[];
    }
  | {
      readonly kind: 'advance';
      readonly advances: Parameters<CursorStatement>[0]['advances'];
      readonly answer: readonly MovedCursor[];
    }
);

/** The same database; what is asked of it is written down. */
export function recordDatabase(database: ModelDatabase, asked: Asked[]): Database {
  const logsOf = (named: readonly { readonly conversation: ConversationId }[]): ModelConversation[] =>
    [...new Set(named.map(({ conversation }) => conversation))].flatMap(
      (id) => database.logs.get(id)?.copy() ?? [],
    );
  return {
    foretell: (params) => database.foretell(params),
    pending: (caller) => database.pending(caller),
    signal: (...params) => database.signal(...params),
    heads: () => database.heads(),
    http: (...params) => database.http(...params),
    append: async (params) => {
      const { items } = params;
      const before = logsOf(items);
      const answer = await database.append(params);
      asked.push({ kind: 'append', before, items, answer });
      return answer;
    },
    advance: async (params) => {
      const { advances } = params;
      const before = logsOf(advances);
      const answer = await database.advance(params);
      asked.push({ kind: 'advance', before, advances, answer });
      return answer;
    },
  };
}
