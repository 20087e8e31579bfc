/** What the demo found, and whether all of it is as it should be. */
import { percentile, type Reckoning } from './ledger.js';
import type { StoredMessage } from './stored-message.js';

export type GatewayUse = { readonly who: string; readonly gateway: string; readonly pid: number | undefined };

export type Outcome = {
  readonly gateways: readonly [GatewayUse, GatewayUse];
  readonly reckoning: Reckoning;
  /** Whether both profiles hold the same messages in the same order at the end. */
  readonly sameHistory: boolean;
  readonly caughtUp: { readonly messages: number; readonly durationMs: number };
  readonly removed: {
    readonly who: string;
    readonly writtenAfterwards: number;
    readonly readAfterwards: number;
    readonly refused: boolean;
  };
  readonly stored: StoredMessage;
  readonly storedHoldsPlaintext: boolean;
  readonly durationMs: number;
};

/** Everything that is not as it should be, a line each. */
export function faultsOf(outcome: Outcome): readonly string[] {
  const { gateways, reckoning, removed } = outcome;
  const counts = {
    lost: reckoning.lost,
    'out of order': reckoning.outOfOrder,
    'shown twice': reckoning.shownTwice,
    'changed on the way': reckoning.changed,
    'shown to the wrong person': reckoning.strangers,
  };
  return [
    ...(gateways[0].gateway === gateways[1].gateway
      ? [`both were on ${gateways[0].gateway}: the demo needs two gateway processes`]
      : []),
    ...Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [`${count} messages ${name}`])),
    ...(reckoning.expected === 0 || reckoning.delaysMs.length === 0 ? ['nothing was delivered'] : []),
    ...(outcome.sameHistory ? [] : ['the two histories differ']),
    ...(removed.writtenAfterwards === 0 || removed.readAfterwards > 0
      ? [`${removed.who} could read ${removed.readAfterwards} messages after being removed`]
      : []),
    ...(removed.refused ? [] : [`${removed.who} could still write after being removed`]),
    ...(outcome.storedHoldsPlaintext ? ['the database holds plaintext'] : []),
  ];
}

const shownCiphertextBytes = 96;
const hexColumns = 32;

export function tableOf(outcome: Outcome): readonly string[] {
  const { gateways, reckoning, removed, stored, caughtUp } = outcome;
  const count = (value: number): string => value.toLocaleString('en-US');
  const rows: ReadonlyArray<readonly [string, string]> = [
    ...gateways.map(({ who, gateway, pid }): readonly [string, string] => [
      `gateway of ${who}`,
      `${gateway}${pid === undefined ? '' : ` (process ${pid})`}`,
    ]),
    [
      'messages',
      `${count(reckoning.written)} written, ${count(reckoning.shown)} shown, ${count(reckoning.bytes)} bytes of text`,
    ],
    ['lost', count(reckoning.lost)],
    ['out of order', count(reckoning.outOfOrder)],
    ['shown twice', count(reckoning.shownTwice)],
    ['changed on the way', count(reckoning.changed)],
    [
      'delivery p50 / p99',
      `${ms(percentile(reckoning.delaysMs, 0.5))} / ${ms(percentile(reckoning.delaysMs, 0.99))} (${count(reckoning.delaysMs.length)} messages, process to process)`,
    ],
    ['after being offline', `${count(caughtUp.messages)} messages in ${ms(caughtUp.durationMs)}, in order`],
    [`read by ${removed.who} after removal`, `${removed.readAfterwards} of ${removed.writtenAfterwards}`],
    ['both histories', outcome.sameHistory ? 'the same' : 'DIFFERENT'],
    ['what the database holds', 'of one message, all of its row:'],
    ...Object.entries(stored.columns).map(([name, value]): readonly [string, string] => [`  ${name}`, value]),
    [
      '  ciphertext',
      `${count(stored.ciphertext.length)} bytes${outcome.storedHoldsPlaintext ? ', WITH PLAINTEXT IN THEM' : ''}; the first ${shownCiphertextBytes}:`,
    ],
    ...hexRows(stored.ciphertext.subarray(0, shownCiphertextBytes)).map((hex): readonly [string, string] => [
      '',
      hex,
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

/** The last line: figures only, for a log. */
export function summaryOf(outcome: Outcome): string {
  const { gateways, reckoning, durationMs } = outcome;
  const figures = [
    `gateways=${gateways.map(({ gateway }) => gateway).join(',')}`,
    `messages=${reckoning.written}`,
    `lost=${reckoning.lost}`,
    `out-of-order=${reckoning.outOfOrder}`,
    `shown-twice=${reckoning.shownTwice}`,
    `p50=${ms(percentile(reckoning.delaysMs, 0.5))}`,
    `p99=${ms(percentile(reckoning.delaysMs, 0.99))}`,
    `seconds=${(durationMs / 1_000).toFixed(1)}`,
  ];
  return `demo ${faultsOf(outcome).length === 0 ? 'passed' : 'FAILED'}: ${figures.join(' ')}`;
}

function ms(value: number): string {
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`.replace(' ', '');
}

function hexRows(bytes: Uint8Array): readonly string[] {
  const rows: string[] = [];
  for (let start = 0; start < bytes.length; start += hexColumns)
    rows.push(
      Buffer.from(bytes.subarray(start, start + hexColumns))
        .toString('hex')
        .replaceAll(/(.{8})(?=.)/g, '$1 '),
    );
  return rows;
}
