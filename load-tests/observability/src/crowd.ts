/** People with the SDK and OpenMLS who write, read, come and go: load of every kind that a dashboard shows. */
import { randomBytes, randomInt } from 'node:crypto';
import path from 'node:path';
import { CipherChat, type ConversationId } from '@cipherchat/client-sdk';
import { openSqliteStore } from '@cipherchat/client-sdk/sqlite';
import { registerPeople } from '@cipherchat/load-people';

const names = ['ana', 'ben', 'cleo', 'dora', 'emil', 'finn'] as const;
const talkEveryMs = 80;
const signInEveryMs = 1_000;
const pollMs = 100;
const patienceMs = 120_000;

type Member = { readonly username: string; readonly file: string; client: CipherChat | null };

export class Crowd {
  private readonly suffix = randomBytes(4).toString('hex');
  private readonly people: Member[] = [];
  private talking: Promise<unknown> | null = null;
  private isTalkWanted = false;
  written = 0;

  private constructor(private readonly params: { readonly folder: string; readonly serverUrl: string }) {}

  /** Everybody has an account; there are three pairs and a group of all. */
  static async start(params: { readonly folder: string; readonly serverUrl: string }): Promise<Crowd> {
    const crowd = new Crowd(params);
    for (const name of names) await crowd.join(name);
    const clients = crowd.people.map(({ client }) => client).filter((client) => client !== null);
    for (let index = 0; index + 1 < clients.length; index += 2) {
      const [one, other] = clients.slice(index, index + 2);
      if (one !== undefined && other !== undefined) await one.direct(other.self.user);
    }
    const [founder, ...others] = clients;
    await founder?.group({ users: others.map(({ self }) => self.user), name: 'all' });
    await until('everybody is in both conversations', () =>
      clients.every((client) => placesOf(client).length >= 2),
    );
    return crowd;
  }

  async join(name: string): Promise<CipherChat> {
    const username = `${name}-${this.suffix}`;
    const file = path.join(this.params.folder, `${username}.db`);
    const client = await CipherChat.register({
      store: openSqliteStore({ file }),
      serverUrl: this.params.serverUrl,
      username,
    });
    this.people.push({ username, file, client });
    return client;
  }

  /** Somebody new comes, and writes to the first. */
  async welcome(name: string): Promise<void> {
    const client = await this.join(name);
    const [first] = this.people;
    if (first?.client === null || first === undefined) return;
    const conversation = await client.direct(first.client.self.user);
    await conversation.send('hello');
  }

  talk(): void {
    this.isTalkWanted = true;
    this.talking ??= Promise.all([this.keepTalking(), this.keepSigningIn()]);
    // What fails is told by `hush`, and ends nothing before.
    this.talking.catch(() => {});
  }

  async hush(): Promise<void> {
    this.isTalkWanted = false;
    await this.talking;
    this.talking = null;
  }

  /** The last one is away while the others write, comes back and catches up. */
  async absence(forMs: number): Promise<void> {
    const person = this.people.at(-1);
    if (person === undefined) return;
    const { client } = person;
    person.client = null;
    await client?.close();
    await wait(forMs);
    person.client = await CipherChat.open({ store: openSqliteStore({ file: person.file }) });
    await until('who was away is connected', () => person.client?.connection.kind === 'live');
  }

  async close(): Promise<void> {
    await this.hush();
    for (const { client } of this.people) await client?.close();
  }

  private async keepTalking(): Promise<void> {
    while (this.isTalkWanted) {
      const { client } = this.people[randomInt(this.people.length)] ?? { client: null };
      const places = client === null ? [] : placesOf(client);
      const place = places[randomInt(Math.max(1, places.length))];
      if (client !== null && place !== undefined) await this.write(client, place);
      await wait(talkEveryMs);
    }
  }

  private async write(client: CipherChat, place: ConversationId): Promise<void> {
    const conversation = client.conversation(place);
    try {
      await conversation.markRead();
      conversation.setTyping(true);
      await conversation.send(`message ${++this.written} ${'x'.repeat(randomInt(300))}`);
    } catch (error) {
      // Closed in the middle of it, to be away.
      if (this.people.some((person) => person.client === client)) throw error;
    }
  }

  /** Accounts of programs that only sign in: what auth does all day. */
  private async keepSigningIn(): Promise<void> {
    const [person] = await registerPeople({ authUrl: this.params.serverUrl, count: 1 });
    while (this.isTalkWanted) {
      await person?.signIn();
      // A route that is none: refusals belong to every day.
      await fetch(`${this.params.serverUrl}/v1/auth/none`);
      await wait(signInEveryMs);
    }
  }
}

function placesOf(client: CipherChat): readonly ConversationId[] {
  return client
    .conversations()
    .filter(({ phase }) => phase === 'active')
    .map(({ id }) => id);
}

export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await wait(pollMs);
  }
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
