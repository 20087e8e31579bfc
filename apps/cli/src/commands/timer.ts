import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withClient } from '../open-client.js';
import { findConversation, People, titleOf } from '../people.js';
import { failureText } from '../terminal/message-text.js';
import { parseTimer, timerText } from '../timer-text.js';
import { waitUntil } from '../waiting.js';

const sentTimeoutMs = 30_000;

/** Says how long messages of a conversation stay; with a time, sets it for all members and waits until the server has it. */
export async function timer(context: Context, target: string, time: string | undefined): Promise<void> {
  const wanted = time === undefined ? undefined : parseTimer(time);
  await withClient(context, async (client) => {
    const conversation = await findConversation(client, target);
    if (wanted !== undefined) {
      await conversation.setTimer(wanted);
      const noted = async () =>
        (await conversation.messages()).findLast(({ own, body }) => own && body.kind === 'timer')?.delivery;
      const isOver = async (): Promise<boolean> => (await noted())?.kind !== 'queued';
      const { interrupted } = context;
      if (!(await waitUntil({ client, isSo: isOver, timeoutMs: sentTimeoutMs, interrupted })))
        throw new CliFailure('unreachable', 'the server did not answer in time', {
          hint: 'It is kept in this profile and sent when it connects: cipherchat listen',
        });
      const outcome = await noted();
      if (outcome?.kind === 'failed')
        throw new CliFailure('refused', `it was not set: ${failureText(outcome.failure)}`);
    }
    const { disappearAfterS } = conversation.info;
    const title = await titleOf(conversation.info, new People(client));
    context.output.result({
      json: { kind: 'timer', conversation: conversation.id, title, disappearAfterS },
      text: `${title}: ${timerText(disappearAfterS)}.`,
    });
  });
}
