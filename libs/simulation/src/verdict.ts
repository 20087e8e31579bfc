/** What must hold once everything is calm. */
import type { CipherChat, Message } from '@cipherchat/client-sdk';
import type { ConversationId } from '@cipherchat/protocol';
import { lostMarks } from './lost-marks.js';
import type { Person } from './person.js';
import type { Run, Written } from './run.js';

const maxMessages = 500;
/** What two clients and two services on a healthy network need, with a reconnect's jitter. */
const punctualMs = 5_000;

export async function judge(run: Run): Promise<void> {
  for (const person of run.people) for (const fault of person.faultsAtRest()) run.breaks(fault);
  for (const belief of run.lyingDirectory?.believed() ?? []) run.breaks(belief);
  for (const lost of lostMarks(run)) run.breaks(lost);
  for (const conversation of run.conversations) await judgeConversation(run, conversation);
}

/** What is stored is shown within seconds where nothing but NATS fails. */
export async function judgePunctuality(run: Run): Promise<void> {
  await run.system.startAll();
  const due = await storedOf(run, run.written);
  await run.clock.run(punctualMs);
  for (const text of await lateAmong(run, due)) run.breaks(`${text} was not shown in time`);
}

async function judgeConversation(run: Run, conversation: ConversationId): Promise<void> {
  const written = run.written.filter((message) => message.conversation() === conversation);
  let first: { readonly username: string; readonly texts: readonly string[] } | null = null;
  for (const person of run.membersOf(conversation)) {
    const { username } = person;
    const messages = await messagesOf(person, conversation);
    if (messages === null) {
      run.breaks(`${username} is not in a conversation of theirs`);
      continue;
    }
    const texts = messages.flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []));
    for (const { text, by } of written)
      if (!run.passing.has(by) && !texts.includes(text)) run.breaks(`"${text}" is not shown to ${username}`);
    for (const [index, text] of texts.entries())
      if (texts.indexOf(text) !== index) run.breaks(`"${text}" is shown twice to ${username}`);
    for (const text of outOfOrder(texts, run.retriers))
      run.breaks(`"${text}" stands in the wrong order for ${username}`);
    judgeMarks(run, person, { conversation, messages });
    first ??= { username, texts };
    // What was read stays where it stands, and what was lost comes anew: for each at another place.
    if (!run.restored && !run.wasReset && first.texts.join() !== texts.join())
      run.breaks(`${first.username} and ${username} see different orders`);
  }
}

function judgeMarks(
  run: Run,
  { username, disk }: Person,
  seen: { readonly conversation: ConversationId; readonly messages: readonly Message[] },
): void {
  const { conversation, messages } = seen;
  let forgeries = run.mallory.forgeriesIn(conversation);
  const isMarkToSee = (reason: string): boolean =>
    // A reset is shown as such, with a number that says what could not be read before it.
    reason === 'reset'
      ? !run.wasReset
      : // Whoever was on a continuation that the others gave up joins anew; or who doubted its state, and was not answered.
        reason === 'rejoined'
        ? !run.restored && !run.wasReset && run.mallory.forgeriesIn(conversation) === 0
        : reason !== 'not-authentic' || forgeries-- <= 0;
  for (const { body, delivery } of messages) {
    if (body.kind === 'gap' && isMarkToSee(body.reason))
      run.breaks(`${username} has a mark: ${body.reason} ${body.count}`);
    if (delivery?.kind === 'queued') run.breaks(`a message of ${username} still waits`);
    if (delivery?.kind === 'failed') run.breaks(`a message of ${username} failed: ${delivery.failure}`);
  }
  const waiting = disk.tables.get('intents')?.size ?? 0;
  if (waiting > 0) run.breaks(`${waiting} intents of ${username} still wait`);
}

async function messagesOf(person: Person, conversation: ConversationId): Promise<readonly Message[] | null> {
  const client: CipherChat | null = person.client;
  if (client === null || !client.conversations().some(({ id }) => id === conversation)) return null;
  return client.conversation(conversation).messages({ limit: maxMessages });
}

/** Texts that their sender wrote before one that stands above them. */
function outOfOrder(texts: readonly string[], retriers: ReadonlySet<string>): readonly string[] {
  const newest = new Map<string, number>();
  return texts.filter((text) => {
    const [sender = '', number] = text.split(' ');
    const isLate = Number(number) < (newest.get(sender) ?? 0);
    newest.set(sender, Math.max(Number(number), newest.get(sender) ?? 0));
    return isLate && !retriers.has(sender);
  });
}

/** Those that the server has, as their writers know. */
async function storedOf(run: Run, written: readonly Written[]): Promise<readonly Written[]> {
  const stored = new Set<string>();
  for (const person of run.people)
    for (const conversation of run.conversations)
      for (const { body, seq } of (await messagesOf(person, conversation)) ?? [])
        if (body.kind === 'text' && seq !== null) stored.add(body.text);
  return written.filter(({ text }) => stored.has(text));
}

/** Texts that somebody who is connected does not see yet. */
async function lateAmong(run: Run, due: readonly Written[]): Promise<readonly string[]> {
  const late: string[] = [];
  for (const { text, conversation } of due)
    for (const person of run.membersOf(conversation())) {
      const messages = await messagesOf(person, conversation());
      const isShown = messages?.some(({ body }) => body.kind === 'text' && body.text === text);
      if (isShown !== true) late.push(`"${text}" of ${person.username}`);
    }
  return late;
}
