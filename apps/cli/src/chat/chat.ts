import { createInterface, type Interface } from 'node:readline';
import type { CipherChat, ConnectionState, Conversation, Message } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { withClient } from '../open-client.js';
import { explainFailure } from '../explain-failure.js';
import { findConversation, People, titleOf } from '../people.js';
import { connectionText, onPhaseChange, phaseText } from '../terminal/event-lines.js';
import { bodyText, deliveryWord, failureText, peopleIn, timeOf } from '../terminal/message-text.js';
import { safeLine } from '../terminal/safe-text.js';
import { throwIfOver } from '../waiting.js';
import { chatCommand } from './chat-commands.js';
import { ChatScreen, markWidth } from './chat-screen.js';
import { TypingNotice } from './typing-notice.js';

const firstPage = 20;
const prompt = '> ';
/** Longer than the pause between two notices of one who goes on typing. */
const typingShownMs = 7_000;

/** Talking: what was said above, what one says below. Ends with /quit, Ctrl-C or Ctrl-D. */
export async function chat(context: Context, target: string): Promise<void> {
  await withClient(context, async (client) => {
    const conversation = await findConversation(client, target);
    const people = new People(client);
    const input = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: process.stdout.isTTY,
      prompt,
    });
    const view = new ChatView({ context, client, conversation, people, input });
    await view.run();
    throwIfOver(client, new AbortController().signal);
  });
}

type ChatParams = {
  readonly context: Context;
  readonly client: CipherChat;
  readonly conversation: Conversation;
  readonly people: People;
  readonly input: Interface;
};

class ChatView {
  private readonly screen: ChatScreen | undefined;
  /** One thing is shown after another: names may have to be fetched in between. */
  private last: Promise<void> = Promise.resolve();
  private readonly typing: TypingNotice;
  private typingTimer: NodeJS.Timeout | undefined;
  private wasLive = false;

  constructor(private readonly params: ChatParams) {
    this.screen = process.stdout.isTTY ? new ChatScreen(process.stdout, params.input) : undefined;
    this.typing = new TypingNotice((active) => params.conversation.setTyping(active));
  }

  async run(): Promise<void> {
    const { client, conversation, people, input, context } = this.params;
    this.line(
      `${await titleOf(conversation.info, people)}: ${connectionText(client.connection)}. /help lists the commands, /quit ends.`,
      'dim',
    );
    client.noteActivity();
    await this.showHistory(firstPage);
    const stops = this.listen();
    const end = (): void => input.close();
    context.interrupted.addEventListener('abort', end);
    input.on('SIGINT', end);
    process.stdin.on('keypress', this.pressed);
    input.prompt();
    for await (const line of input) {
      client.noteActivity();
      this.screen?.eraseEntered(line);
      this.typing.sent();
      if (line.trim() === '/quit') break;
      await this.entered(line);
      input.prompt();
    }
    input.close();
    process.stdin.off('keypress', this.pressed);
    this.typing.stop();
    clearTimeout(this.typingTimer);
    for (const stop of stops) stop();
    context.interrupted.removeEventListener('abort', end);
    await this.last;
    if (this.screen !== undefined) process.stdout.write('\n');
  }

  private readonly pressed = (): void => {
    this.params.client.noteActivity();
    this.typing.pressed(this.params.input.line);
  };

  private async entered(line: string): Promise<void> {
    if (line.trim() === '') return;
    try {
      if (line.startsWith('/') && !line.startsWith('//')) {
        const answer = await chatCommand({
          ...this.params,
          line,
          showHistory: (count) => this.showHistory(count),
        });
        for (const text of answer) this.line(text, 'dim');
      } else await this.params.conversation.send(line.startsWith('//') ? line.slice(1) : line);
    } catch (error) {
      const { message, hint } = explainFailure(error);
      this.line(`! ${message}${hint === undefined ? '' : `. ${hint}`}`, 'red');
    }
  }

  private listen(): ReadonlyArray<() => void> {
    const { client, conversation, people } = this.params;
    const isHere = (message: Message): boolean => message.conversation === conversation.id;
    return [
      client.on('message', (message) =>
        this.inOrder(async () => {
          if (!isHere(message)) return this.elsewhere(message);
          // Who has written is not typing any more.
          if (!message.own) this.showTyping(null);
          await this.show(message);
          if (!message.own) await conversation.markRead();
        }),
      ),
      client.on('message-changed', (message) =>
        this.inOrder(() => (isHere(message) ? this.changed(message) : undefined)),
      ),
      client.on('connection', (state) => this.inOrder(() => this.connectionChanged(state))),
      onPhaseChange(client, (info) => {
        if (info.id === conversation.id && info.phase !== 'active')
          this.inOrder(() => this.line(`-- ${phaseText(info)}`, 'dim'));
      }),
      client.on('alarm', (alarm) =>
        this.inOrder(async () =>
          this.line(
            `! the keys of ${safeLine(await people.nameFor(alarm.user))} do not fit (${alarm.reason}); nothing is sent until you have compared safety numbers.`,
            'red',
          ),
        ),
      ),
      client.on('action-failed', ({ action, failure }) =>
        this.inOrder(() => this.line(`! ${action} failed: ${failureText(failure)}`, 'red')),
      ),
      client.on('typing', ({ conversation: where, user, typing }) =>
        this.inOrder(async () => {
          if (where === conversation.id) this.showTyping(typing ? await people.nameFor(user) : null);
        }),
      ),
    ];
  }

  private async showHistory(count: number): Promise<void> {
    const { conversation, people } = this.params;
    const messages = await conversation.messages({ limit: count });
    await people.learn(messages.flatMap(peopleIn));
    for (const message of messages) await this.show(message);
    if (messages.some(({ own }) => !own)) await conversation.markRead();
  }

  private async show(message: Message): Promise<void> {
    const { people, context } = this.params;
    await people.learn(peopleIn(message));
    const mark = (message.delivery === null ? '' : deliveryWord(message.delivery)).padEnd(markWidth);
    const who = message.own
      ? 'you'
      : message.sender === null
        ? ''
        : safeLine(people.nameOf(message.sender.user));
    const name =
      message.body.kind === 'text' ? `${context.output.styled(message.own ? 'cyan' : 'green', who)}: ` : '';
    const text = `${timeOf(message.atMs)} ${context.output.styled('dim', mark)} ${name}${bodyText(message, (user) => people.nameOf(user))}`;
    if (this.screen === undefined) process.stdout.write(`${text}\n`);
    else this.screen.print(text, message.id);
  }

  private async changed(message: Message): Promise<void> {
    // Another's was edited, deleted or reacted to: shown again as it is now.
    if (message.delivery === null) return this.show(message);
    const word = deliveryWord(message.delivery);
    const shown =
      this.screen?.mark(message.id, this.params.context.output.styled('dim', word.padEnd(markWidth))) ??
      false;
    if (message.delivery.kind === 'failed')
      this.line(`! not sent: ${failureText(message.delivery.failure)} (/retry, /discard)`, 'red');
    // Without a screen, or scrolled away: the next line says it.
    else if (!shown && this.screen === undefined) process.stdout.write(`  ${word}\n`);
  }

  /** A notice that ended may be lost, so that each one ends by itself. */
  private showTyping(name: string | null): void {
    clearTimeout(this.typingTimer);
    this.screen?.setPrompt(name === null ? prompt : `(${safeLine(name)} is typing) ${prompt}`);
    if (name !== null) this.typingTimer = setTimeout(() => this.showTyping(null), typingShownMs);
  }

  /** Said when it is up, and when it was lost; the steps in between are noise. */
  private connectionChanged(state: ConnectionState): void {
    if (state.kind === 'live') this.wasLive = true;
    else if (state.kind !== 'stopped' && !(state.kind === 'waiting' && this.wasLive)) return;
    if (state.kind === 'waiting') this.wasLive = false;
    this.line(`-- ${connectionText(state)}`, 'dim');
  }

  private async elsewhere(message: Message): Promise<void> {
    if (message.own || message.body.kind !== 'text') return;
    const { client, people } = this.params;
    this.line(
      `-- a message in ${await titleOf(client.conversation(message.conversation).info, people)}`,
      'dim',
    );
  }

  private line(text: string, style: 'dim' | 'red'): void {
    const styled = this.params.context.output.styled(style, text);
    if (this.screen === undefined) process.stdout.write(`${styled}\n`);
    else this.screen.print(styled);
  }

  private inOrder(work: () => Promise<void> | void): void {
    this.last = this.last.then(work);
  }
}
