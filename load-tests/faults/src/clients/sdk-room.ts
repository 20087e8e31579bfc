/** A conversation as one client of the SDK has it: what it writes, is told, and finds stored at the end. */
import { createHash } from 'node:crypto';
import type { CipherChat, ConversationId, Message } from '@cipherchat/client-sdk';
import type { MemberView, Told } from './orders.js';

/** `member.number.probe`, then filling. */
const textPattern = /^(\d+)\.(\d+)\.(\d+) /;
const filling = 'x'.repeat(100);
const pageMessages = 500;
const joinPollMs = 50;

export type SdkRoomParams = {
  readonly client: CipherChat;
  readonly id: ConversationId;
  readonly member: number;
  readonly members: number;
  readonly firstNumber: number;
  readonly tell: (told: Told) => void;
};

export class SdkRoom {
  private number: number;
  private readonly acknowledged = new Set<number>();
  /** By member: the last probe that was shown here. */
  private readonly shownProbes = new Map<number, number>();
  private awaited: { readonly probe: number; readonly done: () => void } | null = null;

  constructor(private readonly params: SdkRoomParams) {
    this.number = params.firstNumber;
  }

  get client(): CipherChat {
    return this.params.client;
  }

  get id(): ConversationId {
    return this.params.id;
  }

  async joined(): Promise<void> {
    const isMember = (): boolean =>
      this.client.conversations().some(({ id, phase }) => id === this.id && phase === 'active');
    while (!isMember()) await new Promise((resolve) => setTimeout(resolve, joinPollMs));
  }

  async write(probe: number): Promise<void> {
    const { member, id } = this.params;
    await this.client.conversation(id).send(`${member}.${++this.number}.${probe} ${filling}`);
  }

  /** Writes a probe, and waits for those of all others, which may have come already. */
  async probe(probe: number): Promise<void> {
    const shown = new Promise<void>((done) => (this.awaited = { probe, done }));
    await this.write(probe);
    this.checkProbes();
    await shown;
  }

  /** A message stands here for the first time. */
  heard(message: Message): void {
    const written = readText(message);
    if (written === null || written.sender === this.params.member) return;
    const { sender, number, probe } = written;
    const { id: room, member } = this.params;
    this.params.tell({ kind: 'shown', room, member, sender, number });
    if (probe === 0) return;
    this.shownProbes.set(sender, Math.max(probe, this.shownProbes.get(sender) ?? 0));
    this.checkProbes();
  }

  /** A message of ours came further. */
  changed(message: Message): void {
    const written = readText(message);
    const { id: room, member, tell } = this.params;
    const isSent = message.delivery !== null && message.seq !== null;
    if (written?.sender !== member || !isSent || this.acknowledged.has(written.number)) return;
    this.acknowledged.add(written.number);
    tell({ kind: 'acknowledged', room, member, sender: member, number: written.number });
  }

  private checkProbes(): void {
    const { awaited } = this;
    if (awaited === null) return;
    for (let member = 0; member < this.params.members; member++)
      if (member !== this.params.member && (this.shownProbes.get(member) ?? 0) < awaited.probe) return;
    this.awaited = null;
    awaited.done();
  }

  /** All that the store holds. */
  async view(): Promise<MemberView> {
    const { id: room, member } = this.params;
    const shown: string[] = [];
    const acknowledged: number[] = [];
    const hash = createHash('sha256');
    let gaps = 0;
    for (const message of await this.stored()) {
      const written = readText(message);
      if (message.body.kind === 'gap') gaps += message.body.count;
      if (written === null) continue;
      hash.update(`${message.seq}:${message.body.kind === 'text' ? message.body.text : ''}`);
      shown.push(`${written.sender}.${written.number}`);
      if (written.sender === member && message.seq !== null) acknowledged.push(written.number);
    }
    return { room, member, shown, hash: hash.digest('hex'), acknowledged, gaps };
  }

  private async stored(): Promise<readonly Message[]> {
    const conversation = this.client.conversation(this.id);
    let found: Message[] = [];
    for (;;) {
      const before = found[0]?.place;
      const page = await conversation.messages({
        limit: pageMessages,
        ...(before === undefined ? {} : { before }),
      });
      found = [...page, ...found];
      if (page.length < pageMessages) return found;
    }
  }
}

function readText(message: Message) {
  const found = message.body.kind === 'text' ? textPattern.exec(message.body.text) : null;
  if (found === null) return null;
  const [, sender, number, probe] = found.map(Number);
  return { sender: sender ?? 0, number: number ?? 0, probe: probe ?? 0 };
}
