import type { Message } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { withClient } from '../open-client.js';
import { People, titleOf } from '../people.js';
import { connectionText, eventLines, type EventLine } from '../terminal/event-lines.js';
import { parseDuration, waitUntil } from '../waiting.js';
import { CliFailure } from '../exit-codes.js';

export type ListenOptions = { readonly for?: string; readonly count?: string; readonly markRead?: boolean };

/** A year: as good as for ever, and a timer can hold it in pieces of `waitUntil`. */
const forEverMs = 2 ** 31 - 1;

/** Prints what arrives, until Ctrl-C, a time or a number of messages. */
export async function listen(context: Context, options: ListenOptions): Promise<void> {
  const timeoutMs = options.for === undefined ? forEverMs : parseDuration(options.for);
  const wanted = options.count === undefined ? Infinity : parseCount(options.count);
  await withClient(context, async (client) => {
    const people = new People(client);
    let received = 0;
    const stop = eventLines({
      client,
      people,
      tell: (line) => printLine(context, line),
      onMessage: async (message: Message) => {
        // Who came and went is told too, but it is not what one waits for.
        if (message.own || message.sender === null) return;
        received++;
        if (options.markRead === true) await client.conversation(message.conversation).markRead();
      },
    });
    context.output.note(
      `Listening as ${client.self.username} (${connectionText(client.connection)}). Ctrl-C ends it.`,
    );
    for (const info of client.conversations().filter(({ unreadCount }) => unreadCount > 0)) {
      context.output.note(
        `${info.unreadCount} unread in ${await titleOf(info, people)}: cipherchat history ${await titleOf(info, people)}`,
      );
    }
    try {
      await waitUntil({
        client,
        isSo: () => received >= wanted,
        timeoutMs,
        interrupted: context.interrupted,
      });
    } catch (error) {
      // Ctrl-C is how listening ends.
      if (!(error instanceof CliFailure && error.reason === 'interrupted')) throw error;
    } finally {
      await stop();
    }
  });
}

function printLine(context: Context, line: EventLine): void {
  if (context.output.kind === 'json' || line.importance === 'result')
    context.output.result({ json: line.json, text: line.text });
  else context.output.note(line.text);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new CliFailure('usage', `"${text}" is not a number of messages`);
}
