/**
 * A load process: holds clients, and sends at a constant rate whatever the system does (open loop). The time of a
 * message counts from when it was due, so that a system that stalls the generator cannot hide it.
 */
import { randomFillSync } from 'node:crypto';
import type { Driver, Endpoint, EndpointEvents } from '../driver.js';
import { Ledger } from './ledger.js';
import type { LoadOrder, LoadReport, RunOrder, RunOutcome } from './load-messages.js';
import { pace } from './pacer.js';

type Place = { readonly room: number; readonly member: number };

/** The number of the message and its sender, in front of random bytes. */
const headerBytes = 6;
const senderOffset = 4;
/** What a thread takes to begin. */
const pacerStartMs = 100;
const patiencePollMs = 10;

let rooms: readonly (readonly (Endpoint | null)[])[] = [];
let ledger: Ledger | null = null;
let nextMessage = 1;
let refused = 0;
let closed = 0;
const reasons = new Set<string>();

process.on('message', (order: LoadOrder) => {
  carryOut(order).catch((error: unknown) => report({ kind: 'failed', reason: String(error) }));
});
process.on('disconnect', () => process.exit());

async function carryOut(order: LoadOrder): Promise<void> {
  switch (order.kind) {
    case 'open':
      report({ kind: 'opened', elapsedMs: await open(order) });
      return;
    case 'run':
      await run(order);
      report({ kind: 'ran', outcome: outcomeOfLastRun() });
      return;
    case 'recount':
      report({ kind: 'ran', outcome: outcomeOfLastRun() });
      return;
    case 'close':
      for (const endpoint of rooms.flat()) endpoint?.close();
      rooms = [];
      report({ kind: 'closed' });
      return;
  }
}

function report(message: LoadReport): void {
  process.send?.(message);
}

async function open(order: Extract<LoadOrder, { readonly kind: 'open' }>): Promise<number> {
  const { connect } = (await import(order.driver)) as Driver;
  const opened = order.rooms.map((members) => members.map((): Endpoint | null => null));
  const waiting = order.rooms.flatMap((members, room) =>
    members.map((member, index) => ({ member, room, index })),
  );
  const local = order.localAddress === undefined ? {} : { localAddress: order.localAddress };
  const startedMs = performance.now();
  const connectSome = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { member, room, index } = next;
      if (member === null) continue;
      const endpoint = await connect({ member, events: eventsOf({ room, member: index }), ...local });
      (opened[room] ?? [])[index] = endpoint;
    }
  };
  await Promise.all(Array.from({ length: order.concurrency }, connectSome));
  rooms = opened;
  return performance.now() - startedMs;
}

function eventsOf({ room, member }: Place): EndpointEvents {
  return {
    acknowledged: (message) => ledger?.onAcknowledged(message, performance.now()),
    refused: (_message, reason) => {
      refused++;
      reasons.add(reason);
    },
    received: (payload) => {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      const sender = view.getUint16(senderOffset);
      if (sender !== member)
        ledger?.onReceived(view.getUint32(0), { room, member, sender, atMs: performance.now() });
    },
    closed: (reason) => {
      closed++;
      reasons.add(reason);
    },
  };
}

async function run(order: RunOrder): Promise<void> {
  const { perSecond, seconds, warmUpSeconds } = order;
  const warmUp = Math.round(perSecond * warmUpSeconds);
  const messages = warmUp + Math.round(perSecond * seconds);
  const members = rooms[0]?.length ?? 0;
  const first = nextMessage;
  nextMessage += messages;
  const account = new Ledger({ first, messages, warmUp, rooms: rooms.length, members });
  ledger = account;
  [refused, closed] = [0, 0];
  reasons.clear();
  await generate({ order, account, first, messages, warmUp });
  report({ kind: 'measured' });
  const deadlineMs = performance.now() + order.patienceMs;
  while (!account.isComplete && performance.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, patiencePollMs));
}

function outcomeOfLastRun(): RunOutcome {
  if (ledger === null) throw new RangeError('nothing was run');
  return { ...ledger.account(), refused, closed, reasons: [...reasons] };
}

async function generate(params: {
  readonly order: RunOrder;
  readonly account: Ledger;
  readonly first: number;
  readonly messages: number;
  readonly warmUp: number;
}): Promise<void> {
  const { order, account, first, messages, warmUp } = params;
  const intervalMs = 1_000 / order.perSecond;
  const random = randomFillSync(Buffer.alloc(order.payloadBytes));
  const startMs = performance.now() + pacerStartMs;
  let next = 0;
  const sendDue = (): void => {
    for (; next < messages; next++) {
      const dueMs = startMs + next * intervalMs;
      const atMs = performance.now();
      if (dueMs > atMs) return;
      if (next === warmUp) report({ kind: 'measuring' });
      const { room, member } = senderOf(next, order.senders);
      account.onSent(first + next, { dueMs, atMs });
      rooms[room]?.[member]?.send(first + next, payloadOf({ random, message: first + next, sender: member }));
    }
  };
  await pace({ startInMs: pacerStartMs, intervalMs, durationMs: messages * intervalMs }, sendDue);
  sendDue();
}

function senderOf(index: number, senders: RunOrder['senders']): Place {
  const room = index % rooms.length;
  const members = senders === 'first' ? 1 : (rooms[room]?.length ?? 1);
  return { room, member: Math.floor(index / rooms.length) % members };
}

function payloadOf(params: {
  readonly random: Uint8Array;
  readonly message: number;
  readonly sender: number;
}): Uint8Array<ArrayBuffer> {
  const { random, message, sender } = params;
  if (random.length < headerBytes) throw new RangeError(`payload of less than ${headerBytes} bytes`);
  const payload = Uint8Array.from(random);
  const view = new DataView(payload.buffer);
  view.setUint32(0, message);
  view.setUint16(senderOffset, sender);
  return payload;
}
