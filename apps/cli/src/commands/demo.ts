/**
 * The main job on real input: three people as processes of their own, on a system that runs already. It
 * starts no server, and ends with a table; anything that is not as it should be makes it fail.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from '../context.js';
import { Actor, talkBothWays, until, writeAll, type Stage } from '../demo/acts.js';
import { paragraphs, readBook, textOfBytes, unicodeLines, type Chapter } from '../demo/book.js';
import { Ledger } from '../demo/ledger.js';
import { faultsOf, summaryOf, tableOf, type Outcome } from '../demo/outcome.js';
import { holdsPlaintext, readStoredMessage } from '../demo/stored-message.js';
import { CliFailure } from '../exit-codes.js';
import type { RunFile } from '../server/run-file.js';

/** Close to the largest message there is. */
const largeMessageBytes = 60 * 1024;
const answerCount = 150;
const offlineCount = 60;
const groupCount = 20;

export async function demo(context: Context): Promise<void> {
  const { runFile, output } = context;
  if (runFile === undefined)
    throw new CliFailure('unreachable', 'no system runs in this checkout', {
      hint: 'Start it in another terminal: npm start',
    });
  const chapters = await readBook();
  const dataHome = mkdtempSync(path.join(tmpdir(), 'cipherchat-demo-'));
  const say = (line: string): void => output.note(line);
  const stage: Stage = { ledger: new Ledger(), dataHome, server: runFile.serverUrl, say };
  // A name of each run's own: names are never free again.
  const suffix = Date.now().toString(36);
  const [annasGateway, bensGateway] = gatewaysOf(runFile);
  const anna = new Actor(stage, `anna-${suffix}`, annasGateway);
  const ben = new Actor(stage, `ben-${suffix}`, bensGateway);
  const cleo = new Actor(stage, `cleo-${suffix}`, undefined);
  const everyone = [anna, ben, cleo];
  try {
    const outcome = await perform({ stage, runFile, chapters, anna, ben, cleo });
    const faults = faultsOf(outcome);
    output.result({
      json: { kind: 'demo', ...outcome, faults },
      text: [
        '',
        ...tableOf(outcome),
        ...faults.map((fault) => `  FAULT: ${fault}`),
        '',
        summaryOf(outcome),
      ].join('\n'),
    });
    if (faults.length > 0) throw new CliFailure('failure', `the demo failed: ${faults.join('; ')}`);
  } finally {
    await Promise.all(everyone.map((actor) => actor.quit()));
    rmSync(dataHome, { recursive: true, force: true });
  }
}

/** Past nginx, which would choose for them. */
function gatewaysOf({ services }: RunFile): readonly string[] {
  return services.filter(({ service }) => service === 'gateway').map(({ url }) => url.replace(/^http/, 'ws'));
}

type Cast = {
  readonly stage: Stage;
  readonly runFile: RunFile;
  readonly chapters: readonly Chapter[];
  readonly anna: Actor;
  readonly ben: Actor;
  readonly cleo: Actor;
};

async function perform(cast: Cast): Promise<Outcome> {
  const { stage, runFile, chapters, anna, ben, cleo } = cast;
  const { ledger, say } = stage;
  const startedAtMs = performance.now();
  say(`Registering ${anna.username}, ${ben.username} and ${cleo.username} on ${stage.server}.`);
  for (const actor of [anna, ben, cleo]) await actor.register();
  const [annasGateway, bensGateway] = [await anna.comeOnline(), await ben.comeOnline()];
  say(
    `${anna.username} is process ${anna.pid} on ${annasGateway}, ${ben.username} is process ${ben.pid} on ${bensGateway}.`,
  );

  say(
    `Act 1: ${chapters.length} chapters of Moby-Dick one way, paragraphs and other scripts the other, ${largeMessageBytes} bytes in one message both ways.`,
  );
  const large = textOfBytes(chapters, largeMessageBytes);
  await anna.send({ to: ben.username, text: 'Are you there?', receivers: [ben], online: false });
  await until('the first message', () => ledger.isComplete);
  await talkBothWays({
    ledger,
    one: anna,
    other: ben,
    fromOne: [...unicodeLines, ...chapters.map(({ text }) => text), large],
    fromOther: [large, ...unicodeLines, ...paragraphs(chapters, answerCount)],
  });

  say(`Act 2: ${ben.username} is cut off (its process is killed), is written to, and comes back.`);
  await ben.kill();
  const offlineTexts = [...unicodeLines, ...paragraphs(chapters.slice(40), offlineCount)];
  await writeAll({ from: anna, to: ben.username, receivers: [ben], texts: offlineTexts, online: false });
  const secret = 'The treasure lies under the third palm, forty paces from the wreck.';
  const secretId = await anna.send({ to: ben.username, text: secret, receivers: [ben], online: false });
  const place = await placeOf(anna, ben.username, secretId);
  const stored = await readStoredMessage({ adminUrl: runFile.servers.postgres.adminUrl, ...place });
  const backAtMs = performance.now();
  await ben.comeOnline();
  await until(`${ben.username} to have caught up`, () => ledger.isComplete);
  const caughtUp = { messages: offlineTexts.length + 1, durationMs: performance.now() - backAtMs };

  const removed = await groupAct(cast);

  const sameHistory = await isSameHistory(anna, ben);
  const pidOf = (gateway: string): number | undefined =>
    runFile.services.find(({ instance }) => instance === gateway)?.pid;
  return {
    gateways: [
      { who: anna.username, gateway: annasGateway, pid: pidOf(annasGateway) },
      { who: ben.username, gateway: bensGateway, pid: pidOf(bensGateway) },
    ],
    reckoning: ledger.reckon(),
    sameHistory,
    caughtUp,
    removed,
    stored,
    storedHoldsPlaintext: holdsPlaintext(stored.ciphertext, secret),
    durationMs: performance.now() - startedAtMs,
  };
}

/** A third joins as a group, and is removed: what follows is not for them. */
async function groupAct({ stage, chapters, anna, ben, cleo }: Cast): Promise<Outcome['removed']> {
  const { ledger, say } = stage;
  say(`Act 3: a group with ${cleo.username}, who is removed again.`);
  await cleo.comeOnline();
  const { conversation } = await anna.ask({
    do: 'group-create',
    name: 'Pequod',
    users: [ben.username, cleo.username],
  });
  const group = String(conversation);
  const hasMembers = async (actor: Actor, count: number): Promise<boolean> => {
    const reply = await actor.ask({ do: 'conversation', to: group }).catch(() => undefined);
    return reply?.['phase'] === 'active' && (reply['members'] as readonly string[]).length === count;
  };
  const everyone = [anna, ben, cleo];
  await until('the group', async () =>
    (await Promise.all(everyone.map((actor) => hasMembers(actor, 3)))).every(Boolean),
  );
  const texts = [...unicodeLines, ...paragraphs(chapters.slice(80), groupCount)];
  await Promise.all(
    everyone.map((from) =>
      writeAll({
        from,
        to: group,
        receivers: everyone.filter((actor) => actor !== from),
        texts,
        online: false,
      }),
    ),
  );
  await until('everyone to be shown everything', () => ledger.isComplete);

  await anna.ask({ do: 'group-remove', to: group, users: [cleo.username] });
  await until('the removal', async () => (await hasMembers(anna, 2)) && (await hasMembers(ben, 2)));
  const after = [anna, ben].map((from) =>
    writeAll({
      from,
      to: group,
      receivers: [anna, ben].filter((actor) => actor !== from),
      texts,
      online: false,
    }),
  );
  const afterIds = new Set((await Promise.all(after)).flat());
  await until('what follows the removal', () => ledger.isComplete);
  const phaseOf = async (): Promise<unknown> => (await cleo.ask({ do: 'conversation', to: group }))['phase'];
  await until(`${cleo.username} to learn of it`, async () => (await phaseOf()) === 'removed');
  const refused = await cleo.ask({ do: 'send', to: group, text: 'Let me in!' }).then(
    () => false,
    () => true,
  );
  // Once more from the beginning: whatever it could fetch, it has now.
  await cleo.quit();
  await cleo.comeOnline();
  const read = (await messagesOf(cleo, group)).filter(({ id }) => afterIds.has(id));
  return { who: cleo.username, writtenAfterwards: afterIds.size, readAfterwards: read.length, refused };
}

type HistoryEntry = {
  readonly id: string;
  readonly place: string;
  readonly seq: number | null;
  readonly conversation: string;
  readonly body: { readonly kind: string };
};

/** The texts of a whole conversation, oldest first. */
async function messagesOf(actor: Actor, to: string): Promise<readonly HistoryEntry[]> {
  let found: readonly HistoryEntry[] = [];
  for (;;) {
    const before = found[0]?.place;
    const { messages } = await actor.ask({ do: 'history', to, ...(before === undefined ? {} : { before }) });
    const page = messages as readonly HistoryEntry[];
    if (page.length === 0) return found.filter(({ body }) => body.kind === 'text');
    found = [...page, ...found];
  }
}

async function placeOf(
  actor: Actor,
  to: string,
  id: string,
): Promise<{ readonly conversation: string; readonly seq: number }> {
  let entry: HistoryEntry | undefined;
  await until('the server to have the message', async () => {
    entry = (await messagesOf(actor, to)).find((message) => message.id === id);
    return entry?.seq != null;
  });
  return { conversation: entry?.conversation ?? '', seq: entry?.seq ?? 0 };
}

async function isSameHistory(one: Actor, other: Actor): Promise<boolean> {
  const [ones, others] = await Promise.all([
    messagesOf(one, other.username),
    messagesOf(other, one.username),
  ]);
  return (
    ones.length > 0 &&
    ones.length === others.length &&
    ones.every(({ id }, index) => id === others[index]?.id)
  );
}
