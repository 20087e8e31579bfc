/** What is being written, in one tab and in several. Real: the writing. Played: the client that keeps drafts, and time. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConversationId, Draft, Message, MessageId } from '@cipherchat/client-sdk';
import { Writing, type WritingPorts } from './writing.js';

const conversation = 'c' as ConversationId;

type Asked = {
  readonly draft: Draft | null;
  readonly message: MessageId;
  readonly around: MessageId;
  readonly text: string;
};

/** One client for all tabs: it carries out calls in order, and everything it says arrives when it is let. */
class PlayedClient {
  draft: Draft | null = null;
  readonly sent: Array<{ readonly message: MessageId; readonly text: string }> = [];
  /** Sent again under an id that was taken: the text that counts, and the other. */
  readonly again: Array<readonly [taken: string, other: string]> = [];
  readonly names: string[] = [];
  refuses = false;
  readonly tabs: Writing[] = [];
  private nowMs = 0;
  private nextId = 1;
  private timers: Array<{ readonly atMs: number; readonly callback: () => void }> = [];
  /** Calls on their way, and what the client has said, in order. */
  private asked: Array<() => void> = [];
  private said: Array<() => void> = [];

  openTab(): Writing {
    const writing = new Writing(this.ports, conversation);
    this.tabs.push(writing);
    void writing.open();
    return writing;
  }

  /** One call is carried out, or one thing that was said arrives. */
  async pass(): Promise<boolean> {
    const next = this.said.shift() ?? this.asked.shift();
    next?.();
    // Answers are promises.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    return next !== undefined;
  }

  async passAll(): Promise<void> {
    while (await this.pass());
  }

  async wait(ms: number): Promise<void> {
    this.nowMs += ms;
    const due = this.timers.filter(({ atMs }) => atMs <= this.nowMs);
    this.timers = this.timers.filter(({ atMs }) => atMs > this.nowMs);
    for (const { callback } of due) callback();
    await Promise.resolve();
  }

  private readonly ports: WritingPorts = {
    clock: {
      nowMs: () => this.nowMs,
      setTimer: (callback, delayMs) => {
        const timer = { atMs: this.nowMs + delayMs, callback };
        this.timers.push(timer);
        return () => (this.timers = this.timers.filter((other) => other !== timer));
      },
    },
    newId: () => `m${this.nextId++}` as MessageId,
    call: (name: string, params: unknown) =>
      new Promise((resolve, reject) => {
        this.names.push(name);
        this.asked.push(() => {
          try {
            const result = this.carryOut(name, params as Asked);
            this.said.push(() => resolve(result as never));
          } catch (error) {
            this.said.push(() => reject(error));
          }
        });
      }),
  };

  private carryOut(name: string, params: Asked): unknown {
    switch (name) {
      case 'draft':
        return this.draft;
      case 'page':
        return { messages: [quoted(params.around)] };
      case 'setDraft': {
        const { draft } = params;
        const isSent =
          draft?.kind === 'message' && this.sent.some(({ message }) => message === draft.message);
        if (!isSent) this.put(draft);
        return undefined;
      }
      default: {
        if (this.refuses) throw new Error('refused');
        const { message, text } = params;
        const taken = this.sent.find((sent) => sent.message === message);
        if (taken === undefined) this.sent.push({ message, text });
        else this.again.push([taken.text, text]);
        const about = this.draft?.kind === 'edit' ? this.draft.target : this.draft?.message;
        if (about === message) this.put(null);
        return undefined;
      }
    }
  }

  private put(draft: Draft | null): void {
    this.draft = draft;
    for (const tab of this.tabs) this.said.push(() => tab.told({ conversation, draft }));
  }
}

const quoted = (id: MessageId): Message =>
  ({ id, body: { kind: 'text', text: `text of ${id}` } }) as unknown as Message;
const textOf = (writing: Writing): string => writing.state.read().text;

describe('what is being written', () => {
  it('is kept when the typing rests, not with each letter, and at the latest after five seconds', async () => {
    const client = new PlayedClient();
    const tab = client.openTab();
    await client.passAll();
    for (const text of ['h', 'he', 'hel']) {
      tab.typed(text);
      await client.wait(300);
    }
    expect(client.names).toEqual(['draft']);
    await client.wait(300);
    await client.passAll();
    expect(client.draft).toMatchObject({ kind: 'message', text: 'hel', replyTo: null });
    for (let letter = 0; letter < 20; letter++) {
      tab.typed('a'.repeat(letter + 1));
      await client.wait(500);
    }
    expect(client.names.filter((name) => name === 'setDraft')).toHaveLength(2 + 1);
    tab.leave();
    await client.passAll();
    expect(client.draft).toMatchObject({ text: 'a'.repeat(20) });
    const asked = client.names.length;
    tab.leave();
    expect(client.names).toHaveLength(asked);
  });

  it('is there when it is opened again, with what it answers or changes', async () => {
    const client = new PlayedClient();
    const first = client.openTab();
    await client.passAll();
    first.setTopic({ kind: 'reply', to: quoted('q' as MessageId) });
    first.typed('answer');
    first.leave();
    await client.passAll();
    const again = client.openTab();
    await client.passAll();
    expect(again.state.read()).toMatchObject({ text: 'answer', topic: { kind: 'reply', to: { id: 'q' } } });
    again.setTopic({ kind: 'edit', message: quoted('e' as MessageId) });
    expect(textOf(again)).toBe('text of e');
    again.leave();
    await client.passAll();
    const third = client.openTab();
    await client.passAll();
    expect(third.state.read()).toMatchObject({ text: 'text of e', topic: { kind: 'edit' } });
  });

  it('comes back behind an edit, whether that is made, left, or refused', async () => {
    const client = new PlayedClient();
    const tab = client.openTab();
    await client.passAll();
    const edit = { kind: 'edit', message: quoted('e' as MessageId) } as const;
    tab.typed('begun');
    tab.setTopic(edit);
    tab.setTopic(null);
    expect(tab.state.read()).toMatchObject({ text: 'begun', topic: null });
    tab.setTopic(edit);
    client.refuses = true;
    const refused = tab.send();
    expect(textOf(tab)).toBe('begun');
    const failed = refused.catch((error: Error) => error.message);
    await client.passAll();
    expect([await failed, textOf(tab)]).toEqual(['refused', 'text of e']);
    client.refuses = false;
    const made = tab.send();
    await client.passAll();
    await made;
    expect([textOf(tab), client.sent]).toEqual(['begun', [{ message: 'e', text: 'text of e' }]]);
    await client.wait(600);
    await client.passAll();
    expect(client.draft).toMatchObject({ kind: 'message', text: 'begun' });
  });

  it('is gone from all tabs when one of them sends it, and comes back when it is refused', async () => {
    const client = new PlayedClient();
    const [first, second] = [client.openTab(), client.openTab()];
    await client.passAll();
    first.typed('hello');
    await client.wait(600);
    await client.passAll();
    expect(textOf(second)).toBe('hello');
    client.refuses = true;
    const refused = second.send().catch((error: Error) => error.message);
    expect(textOf(second)).toBe('');
    await client.passAll();
    expect([await refused, textOf(second)]).toEqual(['refused', 'hello']);
    client.refuses = false;
    void second.send();
    await client.passAll();
    expect([textOf(first), textOf(second), client.draft]).toEqual(['', '', null]);
    expect(client.sent).toHaveLength(1);
  });

  it('takes the draft along that it came from, however fast it is sent', async () => {
    const client = new PlayedClient();
    client.draft = { kind: 'message', message: 'old' as MessageId, text: 'hell', replyTo: null };
    const tab = client.openTab();
    await client.passAll();
    tab.typed('hello');
    void tab.send();
    await client.passAll();
    expect([client.draft, client.sent.map(({ text }) => text)]).toEqual([null, ['hello']]);
  });

  it('is a message of its own where another tab sent what was typed on', async () => {
    const client = new PlayedClient();
    const [one, other] = [client.openTab(), client.openTab()];
    await client.passAll();
    one.typed('hello');
    one.leave();
    await client.passAll();
    void other.send();
    one.typed('hello again');
    await client.passAll();
    await client.wait(600);
    await client.passAll();
    expect([textOf(one), textOf(other)]).toEqual(['hello again', 'hello again']);
    void one.send();
    await client.passAll();
    expect(client.sent.map(({ text }) => text)).toEqual(['hello', 'hello again']);
    expect(new Set(client.sent.map(({ message }) => message)).size).toBe(2);
  });

  it('is sent once under each id, lost nowhere, and the same in all tabs when they rest', async () => {
    const act = fc.record({
      kind: fc.constantFrom('type', 'type', 'send', 'pass', 'pass', 'rest', 'leave', 'refuse', 'accept'),
      tab: fc.nat({ max: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts) => {
        const client = new PlayedClient();
        const tabs = [client.openTab(), client.openTab()];
        const sending: string[] = [];
        const refused: number[] = [];
        for (const [at, { kind, tab: which }] of acts.entries()) {
          const tab = tabs[which] as Writing;
          if (kind === 'type') tab.typed(`${textOf(tab)}${at}.`);
          if (kind === 'send' && textOf(tab) !== '') {
            sending.push(textOf(tab));
            void tab.send().catch(() => refused.push(at));
          }
          if (kind === 'refuse' || kind === 'accept') client.refuses = kind === 'refuse';
          if (kind === 'pass') await client.pass();
          if (kind === 'rest') await client.wait(600);
          if (kind === 'leave') tab.leave();
        }
        await client.passAll();
        await client.wait(600);
        await client.passAll();
        // What is not sent is an earlier or a later state of what was: texts only grow here.
        for (const [taken, other] of client.again)
          expect(taken.startsWith(other) || other.startsWith(taken)).toBe(true);
        expect(client.sent.length + client.again.length).toBe(sending.length - refused.length);
        for (const { text } of client.sent) expect(sending).toContain(text);
        for (const tab of tabs) expect(textOf(tab)).toBe(client.draft?.text ?? '');
      }),
      { numRuns: 500 },
    );
  });
});
