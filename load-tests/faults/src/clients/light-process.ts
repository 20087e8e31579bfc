/** The process of the light clients: many pairs, which carry the load. Their server's bytes are random. */
import { createRoom, makeSome, registerPeople } from '@cipherchat/load-people';
import { authRoutes } from '@cipherchat/protocol';
import { fraction } from './jitter.js';
import { LightClient } from './light-client.js';
import { LightLedger } from './light-ledger.js';
import { OpenLoop } from './open-loop.js';
import type { LightAccount, Order } from './orders.js';
import { serveOrders, tell } from './serve-orders.js';

const membersPerRoom = 2;
const roomsAtOnce = 8;
const maxNotes = 20;
/** Longer than a client's longest wait before it reconnects, and its answer after that. */
const settledWithinMs = 90_000;
const settledPollMs = 20;

type Room = { readonly ledger: LightLedger; readonly clients: readonly LightClient[]; numbers: number[] };

const rooms: Room[] = [];
let offeredBefore = 0;
let probe = 0;
let probesMissing = 0;
let allProbed: () => void = () => {};

const load = new OpenLoop((index) => {
  const room = rooms[index % rooms.length];
  if (room !== undefined)
    write(room, { member: Math.floor(index / rooms.length) % membersPerRoom, probe: 0 });
});

function write(room: Room, message: { readonly member: number; readonly probe: number }): void {
  const { member, probe: probeOf } = message;
  const number = (room.numbers[member] ?? 0) + 1;
  room.numbers = room.numbers.with(member, number);
  room.clients[member]?.write({ sender: member, number, probe: probeOf, writtenAtMs: performance.now() });
}

serveOrders(async (order: Order): Promise<unknown> => {
  switch (order.kind) {
    case 'open-light':
      return open(order);
    case 'load':
      load.run(order.perSecond);
      return;
    case 'churn':
      for (const { clients } of rooms)
        for (const client of clients) if (fraction() < order.share) client.comeBack();
      return;
    case 'probe':
      return sendProbes(order.probe);
    case 'account':
      await settled();
      return account();
    case 'close':
      for (const { clients } of rooms) for (const client of clients) client.close();
      return;
    case 'open-sdk':
    case 'begin':
    case 'join':
      throw new RangeError(`${order.kind} is for processes of the SDK`);
  }
});

async function open(order: Extract<Order, { readonly kind: 'open-light' }>): Promise<void> {
  const answer = await fetch(new URL(authRoutes.discovery.path, order.serverUrl));
  const locations = authRoutes.discovery.response.parse(await answer.json());
  const { authUrl, gatewayUrls, conversationsUrl: storeUrl } = locations;
  const people = await registerPeople({ authUrl, count: order.rooms * membersPerRoom });
  await makeSome({
    count: order.rooms,
    atOnce: roomsAtOnce,
    make: async (room) => {
      const members = people.slice(room * membersPerRoom, (room + 1) * membersPerRoom);
      const place = await createRoom({ storeUrl, people: members });
      const ledger = new LightLedger((shown) => {
        if (shown === probe && --probesMissing === 0) allProbed();
      });
      const complain = (text: string): void => tell({ kind: 'complaint', text: `light client: ${text}` });
      const clients = members.map(
        (person, member) =>
          new LightClient({ person, gatewayUrls, storeUrl, ...place, member, ledger, complain }),
      );
      for (const client of clients) client.start();
      rooms.push({ ledger, clients, numbers: members.map(() => 0) });
    },
  });
}

function sendProbes(next: number): Promise<void> {
  probe = next;
  probesMissing = rooms.length * membersPerRoom;
  const shown = new Promise<void>((resolve) => (allProbed = resolve));
  for (const room of rooms)
    for (let member = 0; member < membersPerRoom; member++) write(room, { member, probe });
  return shown;
}

/** A probe may be shown before its sender has its answer, and its echo. What is not settled in time fails the run. */
async function settled(): Promise<void> {
  const deadlineMs = performance.now() + settledWithinMs;
  const unsettled = (): readonly Room[] =>
    rooms.filter(({ ledger, clients }) => !ledger.isEven || clients.some(({ isIdle }) => !isIdle));
  while (unsettled().length > 0 && performance.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, settledPollMs));
  for (const room of unsettled()) {
    const states = room.clients.map((client) => client.state).join(', ');
    tell({ kind: 'complaint', text: `light room ${rooms.indexOf(room)} did not settle: ${states}` });
  }
}

function account(): LightAccount {
  const verdicts = rooms.map(({ ledger }) => ledger.settle());
  const sum = (of: (verdict: (typeof verdicts)[number]) => number): number =>
    verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const offered = load.offered - offeredBefore;
  offeredBefore = load.offered;
  let toldToWait = 0;
  for (const { ledger } of rooms) {
    toldToWait += ledger.toldToWait;
    ledger.toldToWait = 0;
  }
  const notes = verdicts.flatMap((verdict, room) =>
    verdict.equal && verdict.lost + verdict.twice + verdict.outOfOrder === 0
      ? []
      : [`light room ${room}: ${JSON.stringify(verdict)}`],
  );
  return {
    offered,
    acknowledged: sum((verdict) => verdict.acknowledged),
    lost: sum((verdict) => verdict.lost),
    twice: sum((verdict) => verdict.twice),
    outOfOrder: sum((verdict) => verdict.outOfOrder),
    unequalRooms: sum((verdict) => (verdict.equal ? 0 : 1)),
    slowestMs: Math.max(0, ...verdicts.map(({ slowestMs }) => slowestMs)),
    toldToWait,
    notes: notes.slice(0, maxNotes),
  };
}
