/**
 * Two throw-away accounts that write to each other as people do: encrypted, through the public address, each with a
 * connection of its own. Nothing of them outlives the process but their names on the server.
 */
import { CipherChat, createMemoryStore, type ConversationId, type Message } from '@cipherchat/client-sdk';
import { CliFailure } from '../exit-codes.js';
import { httpAtGateway } from '../server/chosen-gateway.js';
import { waitUntil } from '../waiting.js';

export type PairParams = {
  readonly serverUrl: string;
  readonly invite: string | undefined;
  /** Two new usernames. */
  readonly usernames: readonly [string, string];
  readonly nowMs: () => number;
  readonly shown: (shown: { readonly id: string; readonly atMs: number }) => void;
  readonly interrupted: AbortSignal;
};

/** To register, connect and make the conversation; a busy server takes its time for none of it. */
const beginTimeoutMs = 60_000;

export class ProbePair {
  private turn = 0;

  private constructor(
    private readonly params: PairParams,
    private readonly clients: readonly [CipherChat, CipherChat],
    private readonly conversation: ConversationId,
  ) {
    for (const client of clients) client.on('message', (message) => this.told(message));
  }

  /** @throws ProblemError, NetworkError; CliFailure `undelivered` when they do not come together */
  static async begin(params: PairParams): Promise<ProbePair> {
    const { serverUrl, invite, usernames } = params;
    const made: CipherChat[] = [];
    const register = async (username: string, gateway: number): Promise<CipherChat> => {
      const client = await CipherChat.register({
        store: createMemoryStore(),
        http: httpAtGateway(gateway),
        serverUrl,
        username,
        ...(invite === undefined ? {} : { invite }),
      });
      made.push(client);
      return client;
    };
    try {
      const one = await register(usernames[0], 0);
      const other = await register(usernames[1], 1);
      const { id } = await one.direct(other.self.user);
      await untilSo(params, other, () => isActive(other, id));
      await other.accept(id);
      await untilSo(params, one, () => isActive(one, id));
      return new ProbePair(params, [one, other], id);
    } catch (error) {
      await Promise.allSettled(made.map((client) => client.deleteAccount()));
      throw error;
    }
  }

  get areLive(): boolean {
    return this.clients.every(({ connection }) => connection.kind === 'live');
  }

  /** In turns, so that each is sender and recipient. Resolves when this device has kept the message. */
  async send(text: string): Promise<{ readonly id: string; readonly atMs: number }> {
    const [one, other] = this.clients;
    const sender = this.turn++ % 2 === 0 ? one : other;
    const atMs = this.params.nowMs();
    const { id } = await sender.conversation(this.conversation).send(text);
    return { id, atMs };
  }

  /** Their accounts go from the server. */
  async end(): Promise<void> {
    await Promise.allSettled(this.clients.map((client) => client.deleteAccount()));
  }

  private told({ id, own, body }: Message): void {
    if (!own && body.kind === 'text') this.params.shown({ id, atMs: this.params.nowMs() });
  }
}

function isActive(client: CipherChat, conversation: ConversationId): boolean {
  return client.conversations().some(({ id, phase }) => id === conversation && phase === 'active');
}

async function untilSo({ interrupted }: PairParams, client: CipherChat, isSo: () => boolean): Promise<void> {
  if (!(await waitUntil({ client, isSo, timeoutMs: beginTimeoutMs, interrupted })))
    throw new CliFailure('undelivered', 'the accounts of the probe did not come together');
}
