/** A process of real clients: the SDK with OpenMLS, on SQLite files. It may be killed at any moment. */
import path from 'node:path';
import { CipherChat, type ConversationId, type Message, type UserId } from '@cipherchat/client-sdk';
import { openSqliteStore } from '@cipherchat/client-sdk/sqlite';
import { OpenLoop } from './open-loop.js';
import type { MemberView, Order, SdkAccount } from './orders.js';
import { SdkRoom } from './sdk-room.js';
import { serveOrders, tell } from './serve-orders.js';

const clients = new Map<string, CipherChat>();
let rooms: readonly SdkRoom[] = [];
/** Told between the opening of a client and the order that names its rooms. */
const early: { readonly client: CipherChat; readonly message: Message }[] = [];
let offeredBefore = 0;

const load = new OpenLoop((index) => void rooms[index % Math.max(1, rooms.length)]?.write(0));

serveOrders(async (order: Order): Promise<unknown> => {
  switch (order.kind) {
    case 'open-sdk':
      await Promise.all(order.usernames.map((username) => open(order, username)));
      return;
    case 'begin':
      return begin(order);
    case 'join':
      return join(order);
    case 'load':
      load.run(order.perSecond);
      return;
    case 'probe':
      await Promise.all(rooms.map((room) => room.probe(order.probe)));
      return;
    case 'account':
      return account();
    case 'close':
      await Promise.all([...clients.values()].map((client) => client.close()));
      return;
    case 'churn':
    case 'open-light':
      throw new RangeError(`${order.kind} is for the process of light clients`);
  }
});

/** Opens the file's account, or registers one into it. */
async function open(
  { serverUrl, folder }: Extract<Order, { readonly kind: 'open-sdk' }>,
  username: string,
): Promise<void> {
  const store = openSqliteStore({ file: path.join(folder, `${username}.db`) });
  const client = await CipherChat.open({ store }).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'NoProfileError')) throw error;
    return CipherChat.register({ store, serverUrl, username });
  });
  clients.set(username, client);
  const complain = (text: string): void => tell({ kind: 'complaint', text: `${username}: ${text}` });
  client.on('fault', ({ during, error }) =>
    complain(`fault during ${during}: ${error instanceof Error ? error.stack : String(error)}`),
  );
  client.on('alarm', ({ reason }) => complain(`alarm: ${reason}`));
  client.on('action-failed', ({ action, failure }) => complain(`${action} failed: ${failure}`));
  client.on('connection', (state) => {
    if (state.kind === 'stopped' && state.reason !== 'closed') complain(`stopped: ${state.reason}`);
  });
  const roomOf = (message: Message): SdkRoom | undefined =>
    rooms.find((each) => each.client === client && each.id === message.conversation);
  client.on('message', (message) => {
    const room = roomOf(message);
    if (room === undefined) early.push({ client, message });
    else room.heard(message);
  });
  client.on('message-changed', (message) => roomOf(message)?.changed(message));
}

async function begin({ username, others }: Extract<Order, { readonly kind: 'begin' }>): Promise<string> {
  const client = clientOf(username);
  const users: UserId[] = [];
  for (const other of others) users.push((await client.findUser(other)).user);
  const [first] = users;
  const conversation =
    users.length === 1 && first !== undefined ? await client.direct(first) : await client.group({ users });
  return conversation.id;
}

/** Resolves when each client here is a member of all its rooms. */
async function join(order: Extract<Order, { readonly kind: 'join' }>): Promise<void> {
  rooms = order.rooms.flatMap(({ room, usernames }) =>
    usernames.flatMap((username, member) => {
      const client = clients.get(username);
      if (client === undefined) return [];
      const id = room as ConversationId;
      return [
        new SdkRoom({ client, id, member, members: usernames.length, firstNumber: order.firstNumber, tell }),
      ];
    }),
  );
  for (const { client, message } of early.splice(0))
    rooms.find((room) => room.client === client && room.id === message.conversation)?.heard(message);
  await Promise.all(rooms.map((room) => room.joined()));
}

async function account(): Promise<SdkAccount> {
  const views: MemberView[] = [];
  for (const room of rooms) views.push(await room.view());
  const offered = load.offered - offeredBefore;
  offeredBefore = load.offered;
  return { offered, views };
}

function clientOf(username: string): CipherChat {
  const client = clients.get(username);
  if (client === undefined) throw new RangeError(`${username} is not here`);
  return client;
}
